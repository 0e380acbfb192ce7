"""Keys that never leave a token (PKCS#11 2.40; extra `hsm`): made inside it, used inside it, named by a URI.

What is stored of such a key is its name, `pkcs11:token=T;object=L` (RFC 7512), in the place of a PEM text.
The module's path and the user's PIN are the installation's. Nothing is imported before a token is asked for.
"""

import hashlib
import threading
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, unquote

from cryptography.hazmat.primitives.asymmetric import ec

from tallystick.keys.secret import Secret
from tallystick.keys.signers import Signer, SignerError, key_id, spki

__all__ = ["is_name", "make_key", "named", "signer"]

SCHEME: Final = b"pkcs11:"
CURVES: Final[dict[str, tuple[str, ec.EllipticCurve]]] = {
    "ES256": ("1.2.840.10045.3.1.7", ec.SECP256R1()),
    "ES256K": ("1.3.132.0.10", ec.SECP256K1()),
}


def is_name(stored: Secret) -> bool:
    """Whether what is stored names a key in a token."""
    return stored.reveal_bytes().startswith(SCHEME)


def named(key_store: str, label: str) -> str:
    """The name of a key of this label in the token that `key_store` (`pkcs11:token=T`) names."""
    return f"pkcs11:token={quote(_part(key_store, 'token'), safe='')};object={quote(label, safe='')}"


def make_key(name: str, algorithm: str, module: Path | None, pin: Secret) -> Secret:
    """Make the key inside its token; its name. Raises SignerError."""
    if algorithm not in CURVES:
        raise SignerError(f"a token makes no key for {algorithm}")
    session = _session(module, _part(name, "token"), pin)
    from pkcs11 import Attribute, KeyType  # type: ignore[import-not-found,unused-ignore]
    from pkcs11.util.ec import (  # type: ignore[import-not-found,unused-ignore]
        encode_named_curve_parameters,
    )

    label, curve = _part(name, "object"), encode_named_curve_parameters(CURVES[algorithm][0])
    with session.lock, _Told():
        domain = session.session.create_domain_parameters(
            KeyType.EC, {Attribute.EC_PARAMS: curve}, local=True
        )
        domain.generate_keypair(store=True, label=label, id=hashlib.sha256(label.encode()).digest()[:16])
    return Secret(name)


def signer(name: str, module: Path | None, pin: Secret) -> Signer:
    """The signer of a key in a token. Raises SignerError when there is no such token or key."""
    session = _session(module, _part(name, "token"), pin)
    from pkcs11 import Attribute, ObjectClass

    with session.lock, _Told():
        label = _part(name, "object")
        private = session.session.get_key(object_class=ObjectClass.PRIVATE_KEY, label=label)
        public = session.session.get_key(object_class=ObjectClass.PUBLIC_KEY, label=label)
        point, params = bytes(public[Attribute.EC_POINT]), bytes(public[Attribute.EC_PARAMS])
    return TokenSigner(session, private, point, params)


class TokenSigner:
    """Signs with ECDSA over SHA-256, inside the token."""

    __slots__ = ("_private", "_session", "algorithm", "key_id", "public_der")

    def __init__(self, session: "Session", private: Any, point: bytes, params: bytes) -> None:
        """`point` is CKA_EC_POINT (an OCTET STRING, of some tokens the bare point), `params` the curve."""
        self.algorithm, curve = _curve(params)
        bare = point[2:] if len(point) == 67 and point[:2] == b"\x04\x41" else point
        self.public_der = spki(ec.EllipticCurvePublicKey.from_encoded_point(curve, bare))
        self.key_id = key_id(self.public_der)
        self._session, self._private = session, private

    def sign(self, data: bytes) -> bytes:
        """64 raw bytes: r‖s. Raises SignerError when the token refuses."""
        from pkcs11 import Mechanism

        with self._session.lock, _Told():
            digest = hashlib.sha256(data).digest()
            return bytes(self._private.sign(digest, mechanism=Mechanism.ECDSA))

    def __repr__(self) -> str:
        return f"TokenSigner({self.algorithm}, {self.key_id})"


def _curve(params: bytes) -> tuple[str, ec.EllipticCurve]:
    """The algorithm and curve of CKA_EC_PARAMS. Raises SignerError."""
    from pkcs11.util.ec import encode_named_curve_parameters

    for algorithm, (oid, curve) in CURVES.items():
        if bytes(encode_named_curve_parameters(oid)) == params:
            return algorithm, curve
    raise SignerError("the token's key is on another curve")


class Session:
    """A logged-in session with one token; a token's session is for one thread at a time."""

    def __init__(self, session: Any) -> None:
        self.session = session
        self.lock = threading.Lock()


class _Told:
    """Errors of the token as SignerError, which tells nothing of a key or a PIN."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        from pkcs11.exceptions import PKCS11Error  # type: ignore[import-not-found,unused-ignore]

        if kind is not None and issubclass(kind, PKCS11Error):
            raise SignerError(f"the token refuses: {kind.__name__}") from None


_OPENING: Final = threading.Lock()
_OPEN: Final[dict[tuple[Path, str], Session]] = {}


def _session(module: Path | None, token: str, pin: Secret) -> Session:
    """The process's session with the token, opened once. Raises SignerError."""
    if module is None:
        raise SignerError("no PKCS#11 module: set TALLYSTICK_PKCS11_MODULE")
    with _OPENING:
        found = _OPEN.get((module, token))
        if found is None:
            found = _OPEN[module, token] = _opened(module, token, pin)
        return found


def _opened(module: Path, token: str, pin: Secret) -> Session:
    try:
        import pkcs11
    except ImportError:
        raise SignerError("keys in a token need the extra `hsm`: install tallystick[hsm]") from None
    with _Told():
        found = pkcs11.lib(str(module)).get_token(token_label=token)
        return Session(found.open(rw=True, user_pin=pin.reveal()))


def _part(name: str, wanted: str) -> str:
    """One part of a name. Raises SignerError when it is not there."""
    for part in name.removeprefix("pkcs11:").split(";"):
        key, _, value = part.partition("=")
        if key == wanted and value:
            return unquote(value)
    raise SignerError(f"a key's name without {wanted}")
