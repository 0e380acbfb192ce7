"""Bodies encrypted beside TLS: RSA of a login (RFC 8017, 7.2.1), AES-256-ECB with PKCS #7 of the rest.

Some authorities want both. Neither adds secrecy to TLS worth relying on (ECB shows equal blocks); they are
written here because the wire has them. Nothing here is random: whoever calls brings the padding's filling.
"""

from collections.abc import Callable
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import padding, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.x509 import load_pem_x509_certificate

__all__ = ["Unsealable", "opened", "public_der", "rsa_sealed", "sealed"]

KEY_BYTES: Final = 32
LEAST_FILLING: Final = 8
_BLOCK: Final = 16


class Unsealable(ValueError):
    """What cannot be encrypted or decrypted; the message says why in one line and never shows the content."""


def public_der(pem: str) -> bytes:
    """The DER SubjectPublicKeyInfo of a PEM public key or certificate. Raises Unsealable."""
    try:
        if "CERTIFICATE" in pem:
            key = load_pem_x509_certificate(pem.encode()).public_key()
        else:
            key = serialization.load_pem_public_key(pem.encode())  # type: ignore[assignment]
        return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    except (ValueError, UnsupportedAlgorithm):
        raise Unsealable("the key is no PEM public key or certificate") from None


def rsa_sealed(message: bytes, pem: str, filling: Callable[[int], bytes]) -> bytes:
    """RSAES-PKCS1-v1_5. `filling(n)` gives n bytes of padding, which nobody else may know.

    The same filling gives the same bytes. Zeros in it are replaced, as the padding may hold none. Raises
    Unsealable for a key that is none or too small.
    """
    key = serialization.load_der_public_key(public_der(pem))
    if not isinstance(key, rsa.RSAPublicKey):
        raise Unsealable("the key is no RSA key")
    size = (key.key_size + 7) // 8
    room = size - 3 - len(message)
    if room < LEAST_FILLING:
        raise Unsealable(f"the message has {len(message)} bytes, the key takes {size - 3 - LEAST_FILLING}")
    padded = filling(room).replace(b"\x00", b"\x01")
    if len(padded) != room:
        raise Unsealable("the filling has not the length that was asked for")
    numbers = key.public_numbers()
    value = int.from_bytes(b"\x00\x02" + padded + b"\x00" + message, "big")
    return pow(value, numbers.e, numbers.n).to_bytes(size, "big")


def sealed(plain: bytes, key: bytes) -> bytes:
    """AES-256-ECB of the bytes with PKCS #7 padding. Raises Unsealable for a key of another length."""
    padder = padding.PKCS7(_BLOCK * 8).padder()
    encryptor = _cipher(key).encryptor()
    return encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()


def opened(cipher: bytes, key: bytes) -> bytes:
    """What `sealed` was given. Raises Unsealable for anything that it cannot have made with this key."""
    if not cipher or len(cipher) % _BLOCK:
        raise Unsealable("the content has no whole number of blocks")
    decryptor = _cipher(key).decryptor()
    unpadder = padding.PKCS7(_BLOCK * 8).unpadder()
    try:
        return unpadder.update(decryptor.update(cipher) + decryptor.finalize()) + unpadder.finalize()
    except ValueError:
        raise Unsealable("the content was not made with this key") from None


def _cipher(key: bytes) -> Cipher[modes.ECB]:
    if len(key) != KEY_BYTES:
        raise Unsealable(f"the key has {len(key)} bytes, not {KEY_BYTES}")
    return Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305  # the wire's own mode
