"""Certificates as the authority issues them, from a test authority of our own: worth nothing anywhere."""

import base64
import hashlib
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID, ObjectIdentifier

_SEED = hashlib.sha256(b"tallystick test authority, worth nothing").digest()
_AUTHORITY = ec.derive_private_key(int.from_bytes(_SEED[:31], "big"), ec.SECP256K1())
_ISSUER = x509.Name(
    [
        x509.NameAttribute(NameOID.DOMAIN_COMPONENT, "local"),
        x509.NameAttribute(NameOID.DOMAIN_COMPONENT, "test"),
        x509.NameAttribute(NameOID.DOMAIN_COMPONENT, "tallystick"),
        x509.NameAttribute(NameOID.COMMON_NAME, "TALLYSTICK-TEST-CA"),
    ]
)


def certificate(public_der: bytes, tax_number: str, issuer: x509.Name = _ISSUER) -> str:
    """A unit's certificate for a public key and a VAT number, in base64."""
    unit = x509.Name(
        [
            x509.NameAttribute(NameOID.SURNAME, "1-Tallystick|2-1|3-5d0e7b1c"),
            x509.NameAttribute(ObjectIdentifier("0.9.2342.19200300.100.1.1"), tax_number),
            x509.NameAttribute(NameOID.TITLE, "1100"),
            x509.NameAttribute(ObjectIdentifier("2.5.4.26"), "RRRD2929"),
            x509.NameAttribute(NameOID.BUSINESS_CATEGORY, "Supply activities"),
        ]
    )
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "SA"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Najd Supplies LLC"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"unit-{tax_number}"),
        ]
    )
    public = serialization.load_der_public_key(public_der)
    assert isinstance(public, ec.EllipticCurvePublicKey)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(298273664501937261840093746152837465019283746)
        .not_valid_before(datetime(2018, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2042, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DirectoryName(unit)]), critical=False)
        .sign(_AUTHORITY, hashes.SHA256())
    )
    return base64.b64encode(made.public_bytes(serialization.Encoding.DER)).decode()
