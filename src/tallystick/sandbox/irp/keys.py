"""Each portal's own keys: one that logins are encrypted for, one with a certificate that signs.

With a folder they are kept there, so that a restarted sandbox is still the same authority; without one they
live as long as the process. They are made when first asked for.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

__all__ = ["Keys", "SigningKey", "public_pem"]

_BITS = 2048
_FROM, _UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2049, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key and the certificate that others check it with."""

    private: RSAPrivateKey
    certificate: x509.Certificate

    @property
    def kid(self) -> str:
        """SHA-1 thumbprint of the certificate, upper-case hex."""
        return self.certificate.fingerprint(SHA1()).hex().upper()  # noqa: S303

    @property
    def x5t(self) -> str:
        """The same thumbprint in base64url."""
        return urlsafe_b64encode(self.certificate.fingerprint(SHA1())).rstrip(b"=").decode()  # noqa: S303

    @property
    def certificate_pem(self) -> str:
        """The certificate as text."""
        return self.certificate.public_bytes(Encoding.PEM).decode()


def public_pem(key: RSAPrivateKey) -> str:
    """The public half as text."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


class Keys:
    """All keys, by portal. `folder`: where they are kept, or None."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._private: dict[str, RSAPrivateKey] = {}
        self._signing: dict[str, SigningKey] = {}

    def auth(self, portal: str) -> RSAPrivateKey:
        """The key that logins at this portal are encrypted for."""
        return self._key(f"{portal}-auth")

    def signing(self, portal: str) -> SigningKey:
        """The key that signs this portal's tokens."""
        if portal not in self._signing:
            name = f"{portal}-sign"
            private = self._key(name)
            kept = self._read(f"{name}.crt")
            certificate = x509.load_pem_x509_certificate(kept) if kept else _certificate(private, portal)
            made = SigningKey(private, certificate)
            if not kept:
                self._write(f"{name}.crt", made.certificate_pem.encode())
            self._signing[portal] = made
        return self._signing[portal]

    def stranger(self) -> SigningKey:
        """A key that belongs to no portal, for forgeries."""
        return self.signing("stranger")

    def _key(self, name: str) -> RSAPrivateKey:
        if name not in self._private:
            kept = self._read(f"{name}.pem")
            if kept:
                loaded = load_pem_private_key(kept, None)
                if not isinstance(loaded, RSAPrivateKey):
                    raise ValueError(f"{name}.pem is no RSA key")
                self._private[name] = loaded
            else:
                made = generate_private_key(65537, _BITS)
                pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
                self._write(f"{name}.pem", pem)
                self._private[name] = made
        return self._private[name]

    def _read(self, name: str) -> bytes:
        path = None if self._folder is None else self._folder / name
        return path.read_bytes() if path is not None and path.is_file() else b""

    def _write(self, name: str, content: bytes) -> None:
        """Whole or not at all, for the owner's eyes."""
        if self._folder is None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        half = self._folder / f"{name}.new"
        half.touch(mode=0o600)
        half.write_bytes(content)
        half.rename(self._folder / name)


def _certificate(private: RSAPrivateKey, portal: str) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{portal} sandbox signing")])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_FROM)
        .not_valid_after(_UNTIL)
        .sign(private, SHA256())
    )
