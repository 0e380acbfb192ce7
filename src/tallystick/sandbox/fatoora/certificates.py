"""A certificate authority of our own for each environment, on secp256k1. Worth nothing outside the sandbox.

Its keys are derived from the environment's name, so that every sandbox, restarted or new, is the same
authority and needs no key file.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tallystick.sandbox.fatoora.request_file import UnitRequest

_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""Number of points of secp256k1."""

COMPLIANCE_ISSUER = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "eInvoicing")])
PRODUCTION_ISSUER = x509.Name(
    [
        *(x509.NameAttribute(NameOID.DOMAIN_COMPONENT, part) for part in ("local", "gov", "extgazt")),
        x509.NameAttribute(NameOID.COMMON_NAME, "PRZEINVOICESCA4-CA"),
    ]
)
_PLATFORM = x509.Name(
    [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "SA"),
        x509.NameAttribute(NameOID.COMMON_NAME, "Sandbox clearance platform"),
    ]
)
_USES = [ExtendedKeyUsageOID.CODE_SIGNING, ExtendedKeyUsageOID.CLIENT_AUTH]


@lru_cache(maxsize=16)
def _key(label: str) -> ec.EllipticCurvePrivateKey:
    digest = int.from_bytes(hashlib.sha256(label.encode()).digest(), "big")
    return ec.derive_private_key(digest % (_ORDER - 1) + 1, ec.SECP256K1())


def certify(
    environment: str, asked: UnitRequest, *, production: bool, begins: datetime, ends: datetime
) -> bytes:
    """DER of a certificate for a unit, from the issuer of compliance or of production certificates."""
    alternative = asked.request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    issuer = PRODUCTION_ISSUER if production else COMPLIANCE_ISSUER
    built = (
        _drawn_up(asked.request.subject, issuer, begins, ends)
        .public_key(asked.request.public_key())
        .add_extension(alternative, critical=False)
        .add_extension(_SIGNING, critical=True)
        .add_extension(x509.ExtendedKeyUsage(_USES), critical=False)
    )
    kind = "production" if production else "compliance"
    signed = built.sign(_key(f"sandbox authority {environment} {kind}"), hashes.SHA256())
    return signed.public_bytes(Encoding.DER)


def _drawn_up(
    subject: x509.Name, issuer: x509.Name, begins: datetime, ends: datetime
) -> x509.CertificateBuilder:
    serial = int.from_bytes(b"\x11" + secrets.token_bytes(18), "big")
    dated = x509.CertificateBuilder().not_valid_before(begins).not_valid_after(ends)
    return dated.subject_name(subject).issuer_name(issuer).serial_number(serial)


@lru_cache(maxsize=8)
def platform(environment: str) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    """The key and certificate with which the authority stamps what it clears."""
    begins = datetime.fromisoformat("2024-01-01T00:00:00+00:00")
    key = _key(f"sandbox platform {environment}")
    drawn = _drawn_up(_PLATFORM, PRODUCTION_ISSUER, begins, begins + timedelta(days=7305))
    drawn = drawn.public_key(key.public_key()).add_extension(_SIGNING, critical=True)
    return key, drawn.sign(_key(f"sandbox authority {environment} production"), hashes.SHA256())


def issuer_text(certificate: x509.Certificate) -> str:
    """The issuer as stamps write it: last component first, a comma and a blank between two."""
    parts = []
    for attribute in reversed(list(certificate.issuer)):
        short = _SHORT.get(attribute.oid.dotted_string, attribute.oid.dotted_string)
        parts.append(f"{short}={attribute.value!s}")
    return ", ".join(parts)


_SHORT = {
    "2.5.4.3": "CN",
    "0.9.2342.19200300.100.1.25": "DC",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "2.5.4.6": "C",
}
_SIGNING = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)
