"""The portal's cryptography: logins under RSA, bodies under the session key, tokens signed with RS256."""

from __future__ import annotations

import binascii
import json
from base64 import b64decode, b64encode, urlsafe_b64encode

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import ECB
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.padding import PKCS7

from tallystick.sandbox.irp.keys import SigningKey

__all__ = ["Sealed", "opened", "sealed", "signed", "unlocked", "unwrapped"]

_BLOCK_BITS = 128


class Sealed(ValueError):
    """What came cannot be opened."""


def unwrapped(said: str) -> bytes:
    """Strict base64. Raises Sealed."""
    try:
        return b64decode(said, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Sealed("no base64") from error


def unlocked(said: str, key: RSAPrivateKey) -> bytes:
    """base64, RSA (PKCS#1 v1.5), base64 again: the login's JSON text. Raises Sealed."""
    try:
        inner = key.decrypt(unwrapped(said), PKCS1v15())
    except ValueError as error:
        raise Sealed("not encrypted for this key") from error
    return unwrapped(inner.decode("latin-1"))


def sealed(plain: bytes, key: bytes) -> str:
    """AES-256, ECB, PKCS#7, base64."""
    padder, cipher = PKCS7(_BLOCK_BITS).padder(), Cipher(AES256(key), ECB()).encryptor()  # noqa: S305
    padded = padder.update(plain) + padder.finalize()
    return b64encode(cipher.update(padded) + cipher.finalize()).decode()


def opened(said: str, key: bytes) -> bytes:
    """The opposite of `sealed`. Raises Sealed."""
    cipher, unpadder = Cipher(AES256(key), ECB()).decryptor(), PKCS7(_BLOCK_BITS).unpadder()  # noqa: S305
    try:
        padded = cipher.update(unwrapped(said)) + cipher.finalize()
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError as error:
        raise Sealed("not encrypted under this session") from error


def signed(data: str, issuer: str, key: SigningKey, *, kid: str = "") -> str:
    """A compact token over `{"data", "iss"}`. `kid` says another key's name than the one that signs."""
    head = {"alg": "RS256", "kid": kid or key.kid, "x5t": key.x5t, "typ": "JWT"}
    if kid:
        head["x5t"] = _url(bytes.fromhex(kid))
    said = f"{_part(head)}.{_part({'data': data, 'iss': issuer})}"
    return f"{said}.{_url(key.private.sign(said.encode(), PKCS1v15(), SHA256()))}"


def _part(value: dict[str, str]) -> str:
    return _url(json.dumps(value, separators=(",", ":")).encode())


def _url(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
