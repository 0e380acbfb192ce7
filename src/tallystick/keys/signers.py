"""Signers: a private key that signs and tells its public half, never itself.

`sign` answers raw signatures as JOSE and C2SP want them: Ed25519 64 bytes (RFC 8032), ECDSA r‖s with 32 bytes
each (RFC 7518, 3.4; RFC 8812 for secp256k1). ECDSA is deterministic (RFC 6979): same input, same bytes. On
secp256k1 s is the lower of its two values, and libsecp256k1 does the work where it is installed.
"""

import hashlib
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, Protocol, runtime_checkable

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from tallystick.keys.secret import Secret

__all__ = [
    "EcSigner",
    "Ed25519Signer",
    "Signer",
    "SignerError",
    "signer_from_pem",
    "verifies",
]

ALGORITHMS = {"secp256r1": "ES256", "secp256k1": "ES256K"}
_ES256K: Final = "ES256K"
_ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""The order of secp256k1's group (SEC 2, 2.4.1)."""


def _installed() -> Any:
    """The binding to libsecp256k1, or None where there is no wheel: OpenSSL does the same, but slowly."""
    try:
        import coincurve
    except ImportError:
        return None
    return coincurve


_LIBSECP256K1: Any = _installed()


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

    __slots__ = ("_sign", "algorithm", "key_id", "public_der")

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        if key.curve.name not in ALGORITHMS:
            raise SignerError(f"no signer for curve {key.curve.name}")
        self._sign = _signing(key)
        self.algorithm = ALGORITHMS[key.curve.name]
        self.public_der = spki(key.public_key())
        self.key_id = key_id(self.public_der)

    def sign(self, data: bytes) -> bytes:
        """64 raw bytes: r‖s."""
        return self._sign(data)

    def __repr__(self) -> str:
        return f"EcSigner({self.algorithm}, {self.key_id})"


def _signing(key: ec.EllipticCurvePrivateKey) -> Callable[[bytes], bytes]:
    """How data become r‖s under this key."""
    if _LIBSECP256K1 is not None and ALGORITHMS[key.curve.name] == _ES256K:
        private = _LIBSECP256K1.PrivateKey(key.private_numbers().private_value.to_bytes(32, "big"))
        return lambda data: private.sign_recoverable(data)[:64]
    return lambda data: _by_openssl(key, data)


def _by_openssl(key: ec.EllipticCurvePrivateKey, data: bytes) -> bytes:
    der = key.sign(data, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    r, s = decode_dss_signature(der)
    if ALGORITHMS[key.curve.name] == _ES256K:
        s = min(s, _ORDER - s)
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def verifies(public_der: bytes, data: bytes, signature: bytes) -> bool:
    """Whether `signature` (raw, 64 bytes, either value of s) is that of `data` under an ECDSA public key.

    `public_der` is a SubjectPublicKeyInfo. Raises SignerError for a key of another kind.
    """
    if len(signature) != 64:  # r and s
        return False
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    return _verifying(public_der)(r, s, data)


@lru_cache(maxsize=256)
def _verifying(public_der: bytes) -> Callable[[int, int, bytes], bool]:
    try:
        public = serialization.load_der_public_key(public_der)
    except (ValueError, UnsupportedAlgorithm):
        raise SignerError("not a readable public key") from None
    if not isinstance(public, ec.EllipticCurvePublicKey) or public.curve.name not in ALGORITHMS:
        raise SignerError("not a public key of a curve we sign on")
    if _LIBSECP256K1 is not None and ALGORITHMS[public.curve.name] == _ES256K:
        point = public.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
        fast = _LIBSECP256K1.PublicKey(point)
        return lambda r, s, data: _verified_fast(fast, r, s, data)
    return lambda r, s, data: _verified_by_openssl(public, r, s, data)


def _verified_fast(public: Any, r: int, s: int, data: bytes) -> bool:
    """libsecp256k1 knows only the lower value of s."""
    if not (0 < r < _ORDER and 0 < s < _ORDER):
        return False
    return bool(public.verify(encode_dss_signature(r, min(s, _ORDER - s)), data))


def _verified_by_openssl(public: ec.EllipticCurvePublicKey, r: int, s: int, data: bytes) -> bool:
    try:
        public.verify(encode_dss_signature(r, s), data, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


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
