"""What a document says of the certificate it is stamped with."""

import base64
import hashlib
from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from msgspec import Struct

__all__ = ["Certificate", "CertificateError", "certificate_of", "hex_digest"]

# Within the subject's alternative name: UID and title.
_TAX_NUMBER: Final = "0.9.2342.19200300.100.1.1"
_TITLE: Final = "2.5.4.12"


class CertificateError(ValueError):
    """The text is no certificate that a document could carry."""


class Certificate(Struct, frozen=True):
    """A certificate as documents show it.

    `text` is its base64, `digest` what XAdES holds of it, `issuer` and `serial` (decimal) name it,
    `public_der` is its SubjectPublicKeyInfo, `signature` the authority's own signature under it. `tax_number`
    and `title` are the unit's, "" where it names none.
    """

    text: str
    digest: str
    issuer: str
    serial: str
    public_der: bytes
    signature: bytes
    tax_number: str = ""
    title: str = ""


def hex_digest(data: bytes) -> str:
    """Base64 of the SHA-256 in hex: how this platform writes the digests of properties and certificate."""
    return base64.b64encode(hashlib.sha256(data).hexdigest().encode()).decode()


@lru_cache(maxsize=1024)
def certificate_of(text: str) -> Certificate:
    """The facts of a certificate in base64 DER. Raises CertificateError. Cached: a unit has one for years."""
    try:
        found = x509.load_der_x509_certificate(base64.b64decode(text, validate=True))
        public = found.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion):
        raise CertificateError("not a certificate in base64") from None
    return Certificate(
        text=text,
        digest=hex_digest(text.encode()),
        issuer=", ".join(part.rfc4514_string() for part in reversed(found.issuer.rdns)),
        serial=str(found.serial_number),
        public_der=public,
        signature=found.signature,
        tax_number=_named(found, _TAX_NUMBER),
        title=_named(found, _TITLE),
    )


def _named(found: x509.Certificate, attribute: str) -> str:
    """What stands in the subject's alternative name under this number; "" if nothing does."""
    try:
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return ""
    for name in names.get_values_for_type(x509.DirectoryName):
        for one in name.get_attributes_for_oid(x509.ObjectIdentifier(attribute)):
            return str(one.value)
    return ""
