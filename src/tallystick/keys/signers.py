"""Signers: a private key that signs and tells its public half, never itself.

`sign` answers raw signatures as JOSE and C2SP want them: Ed25519 64 bytes (RFC 8032), ECDSA r‖s with 32 bytes
each (RFC 7518, 3.4; RFC 8812 for secp256k1). ECDSA is deterministic (RFC 6979): same input, same bytes.
"""

import hashlib
from typing import Protocol, runtime_checkable

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from tallystick.keys.secret import Secret

__all__ = ["EcSigner", "Ed25519Signer", "Signer", "SignerError", "signer_from_pem"]

ALGORITHMS = {"secp256r1": "ES256", "secp256k1": "ES256K"}


class SignerError(ValueError):
    """The key cannot be used: unreadable, encrypted, or of a kind we do not sign with."""


@runtime_checkable
class Signer(Protocol):
    """A private key that signs and never shows itself."""

    @property
    def algorithm(self) -> str:
        """A JOSE name: EdDSA, ES256, ES256K."""
        ...

    @property
    def key_id(self) -> str:
        """The first 16 hex digits of the SHA-256 of `public_der`."""
        ...

    @property
    def public_der(self) -> bytes:
        """The public key as DER SubjectPublicKeyInfo (RFC 5280)."""
        ...

    def sign(self, data: bytes) -> bytes:
        """The raw signature of `data`."""
        ...


def key_id(public_der: bytes) -> str:
    """The first 8 bytes of SHA-256 over the SubjectPublicKeyInfo, in hex."""
    return hashlib.sha256(public_der).hexdigest()[:16]


def spki(public: ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey) -> bytes:
    """The public key as DER SubjectPublicKeyInfo (RFC 5280)."""
    return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


class Ed25519Signer:
    """Signs with Ed25519 (RFC 8032)."""

    algorithm = "EdDSA"
    __slots__ = ("_key", "key_id", "public_der")

    def __init__(self, key: ed25519.Ed25519PrivateKey) -> None:
        self._key = key
        self.public_der = spki(key.public_key())
        self.key_id = key_id(self.public_der)

    def sign(self, data: bytes) -> bytes:
        """64 raw bytes."""
        return self._key.sign(data)

    def __repr__(self) -> str:
        return f"Ed25519Signer({self.key_id})"


class EcSigner:
    """Signs with ECDSA over SHA-256 on P-256 or secp256k1, deterministically (RFC 6979)."""

    __slots__ = ("_key", "algorithm", "key_id", "public_der")

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        if key.curve.name not in ALGORITHMS:
            raise SignerError(f"no signer for curve {key.curve.name}")
        self._key = key
        self.algorithm = ALGORITHMS[key.curve.name]
        self.public_der = spki(key.public_key())
        self.key_id = key_id(self.public_der)

    def sign(self, data: bytes) -> bytes:
        """64 raw bytes: r‖s."""
        der = self._key.sign(data, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
        r, s = decode_dss_signature(der)
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def __repr__(self) -> str:
        return f"EcSigner({self.algorithm}, {self.key_id})"


def signer_from_pem(pem: bytes | Secret) -> Signer:
    """The signer of an unencrypted PKCS#8 or SEC 1 PEM; else SignerError, which tells nothing of the key."""
    text = pem.reveal_bytes() if isinstance(pem, Secret) else pem
    try:
        key = serialization.load_pem_private_key(text, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise SignerError("not a readable unencrypted private key in PEM form") from None
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return Ed25519Signer(key)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return EcSigner(key)
    raise SignerError(f"no signer for {type(key).__name__}")
