"""New private keys, as PEM texts that are wrapped before anything else is done with them."""

from collections.abc import Callable, Mapping
from typing import Final

from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from tallystick.keys.secret import Secret
from tallystick.keys.signers import SignerError

__all__ = ["new_private_key"]

MAKERS: Final[Mapping[str, Callable[[], ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey]]] = {
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "ES256K": lambda: ec.generate_private_key(ec.SECP256K1()),
}


def new_private_key(algorithm: str) -> Secret:
    """A fresh key for EdDSA, ES256 or ES256K as PKCS#8 PEM. Raises SignerError for other algorithms."""
    make = MAKERS.get(algorithm)
    if make is None:
        raise SignerError(f"no key can be made for {algorithm}")
    pem = make().private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    return Secret(pem)
