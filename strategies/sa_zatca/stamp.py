"""The cryptographic stamp: hash, signature, and the three blocks they are written into.

Source: Security Features Implementation Standards 1.2, and the official samples where that is silent. The
signature is ECDSA over the 32 bytes of the invoice's hash (hashed once more); it is no XML signature and
never covers `ds:SignedInfo`. Two kinds of digest stand side by side: base64 of the bytes for the invoice,
base64 of the hex text for properties and certificate.
"""

import base64
import hashlib
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from msgspec import Struct

from tallystick.formats.ubl import pen
from tallystick.keys import Signer

from .certificate import Certificate, certificate_of, hex_digest
from .writing import DECLARATION

__all__ = ["Stamp", "inserted", "invoice_hash", "signed_properties", "stamp"]

_DS: Final = "http://www.w3.org/2000/09/xmldsig#"
_XADES: Final = "http://uri.etsi.org/01903/v1.3.2#"
_SHA256: Final = "http://www.w3.org/2001/04/xmlenc#sha256"
_XPATH: Final = "http://www.w3.org/TR/1999/REC-xpath-19991116"
_C14N11: Final = "http://www.w3.org/2006/12/xml-c14n11"
_SIGNED: Final = "urn:oasis:names:specification:ubl:signature:Invoice"
_METHOD: Final = "urn:oasis:names:specification:ubl:dsig:enveloped:xades"

_PARTY: Final = b"<cac:AccountingSupplierParty>"

SIGNATURE: Final = (
    f"<cac:Signature><cbc:ID>{_SIGNED}</cbc:ID><cbc:SignatureMethod>{_METHOD}</cbc:SignatureMethod>"
    "</cac:Signature>"
)


class Stamp(Struct, frozen=True):
    """What was signed, with what it came to: `hash` and `signature` in base64."""

    hash: str
    signature: str
    properties: str
    properties_digest: str


def invoice_hash(plain: bytes) -> bytes:
    """SHA-256 of a document of ours that has no stamp yet: its text is its own canonical form."""
    return hashlib.sha256(memoryview(plain)[len(DECLARATION) :]).digest()


def stamp(digest: bytes, certificate: Certificate, signer: Signer, now: datetime) -> Stamp:
    """Sign the hash of a document. `now` becomes the signing time, in UTC and without a zone."""
    raw = signer.sign(digest)
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    signed_at = now.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")
    return Stamp(
        hash=base64.b64encode(digest).decode(),
        signature=base64.b64encode(der).decode(),
        properties=signed_properties(certificate, signed_at, alone=False),
        properties_digest=hex_digest(signed_properties(certificate, signed_at, alone=True).encode()),
    )


def signed_properties(certificate: Certificate, signed_at: str, *, alone: bool) -> str:
    """The signed properties: as they are hashed (`alone`), or as they stand inside a document.

    The two differ in nothing but the namespaces, which a document's elements inherit.
    """
    before, behind = _properties(certificate.text, alone)
    return f"{before}{signed_at}{behind}"


@lru_cache(maxsize=1024)
def _properties(text: str, alone: bool) -> tuple[str, str]:
    """The one template of the signed properties, before and behind the signing time."""
    certificate = certificate_of(text)
    xades, ds = (f' xmlns:xades="{_XADES}"', f' xmlns:ds="{_DS}"') if alone else ("", "")
    before = (
        f'<xades:SignedProperties{xades} Id="xadesSignedProperties"><xades:SignedSignatureProperties>'
        "<xades:SigningTime>"
    )
    behind = (
        "</xades:SigningTime><xades:SigningCertificate><xades:Cert>"
        f'<xades:CertDigest><ds:DigestMethod{ds} Algorithm="{_SHA256}"/>'
        f"<ds:DigestValue{ds}>{certificate.digest}</ds:DigestValue></xades:CertDigest>"
        f"<xades:IssuerSerial><ds:X509IssuerName{ds}>{pen.text(certificate.issuer)}</ds:X509IssuerName>"
        f"<ds:X509SerialNumber{ds}>{certificate.serial}</ds:X509SerialNumber></xades:IssuerSerial>"
        "</xades:Cert></xades:SigningCertificate></xades:SignedSignatureProperties></xades:SignedProperties>"
    )
    return before, behind


_START: Final = (
    f"<ext:UBLExtensions><ext:UBLExtension><ext:ExtensionURI>{_METHOD}</ext:ExtensionURI>"
    "<ext:ExtensionContent>"
    '<sig:UBLDocumentSignatures xmlns:sig="urn:oasis:names:specification:ubl:schema:xsd:'
    'CommonSignatureComponents-2" xmlns:sac="urn:oasis:names:specification:ubl:schema:xsd:'
    'SignatureAggregateComponents-2" xmlns:sbc="urn:oasis:names:specification:ubl:schema:xsd:'
    'SignatureBasicComponents-2"><sac:SignatureInformation>'
    "<cbc:ID>urn:oasis:names:specification:ubl:signature:1</cbc:ID>"
    f"<sbc:ReferencedSignatureID>{_SIGNED}</sbc:ReferencedSignatureID>"
    f'<ds:Signature xmlns:ds="{_DS}" Id="signature"><ds:SignedInfo>'
    f'<ds:CanonicalizationMethod Algorithm="{_C14N11}"/>'
    '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"/>'
    '<ds:Reference Id="invoiceSignedData" URI=""><ds:Transforms>'
    + "".join(
        f'<ds:Transform Algorithm="{_XPATH}"><ds:XPath>not(//ancestor-or-self::{left})</ds:XPath>'
        "</ds:Transform>"
        for left in (
            "ext:UBLExtensions",
            "cac:Signature",
            "cac:AdditionalDocumentReference[cbc:ID='QR']",
        )
    )
    + f'<ds:Transform Algorithm="{_C14N11}"/></ds:Transforms><ds:DigestMethod Algorithm="{_SHA256}"/>'
    "<ds:DigestValue>"
)
_TO_PROPERTIES: Final = (
    '</ds:DigestValue></ds:Reference><ds:Reference Type="http://www.w3.org/2000/09/xmldsig#SignatureProperties"'
    f' URI="#xadesSignedProperties"><ds:DigestMethod Algorithm="{_SHA256}"/><ds:DigestValue>'
)
_TO_VALUE: Final = "</ds:DigestValue></ds:Reference></ds:SignedInfo><ds:SignatureValue>"
_TO_CERTIFICATE: Final = "</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>"
_TO_OBJECT: Final = (
    "</ds:X509Certificate></ds:X509Data></ds:KeyInfo><ds:Object>"
    f'<xades:QualifyingProperties xmlns:xades="{_XADES}" Target="signature">'
)
_END: Final = (
    "</xades:QualifyingProperties></ds:Object></ds:Signature></sac:SignatureInformation>"
    "</sig:UBLDocumentSignatures></ext:ExtensionContent></ext:UBLExtension></ext:UBLExtensions>"
)


def _extensions(stamped: Stamp, certificate: Certificate) -> bytes:
    return (
        f"{_START}{stamped.hash}{_TO_PROPERTIES}{stamped.properties_digest}{_TO_VALUE}{stamped.signature}"
        f"{_TO_CERTIFICATE}{certificate.text}{_TO_OBJECT}{stamped.properties}{_END}"
    ).encode()


def inserted(plain: bytes, stamped: Stamp, certificate: Certificate, qr: str, *, behind: bytes) -> bytes:
    """The document with its stamp, its QR code and its signature. Nothing else of the text changes.

    `behind` is the text that the QR code follows.
    """
    root = plain.index(b">", len(DECLARATION)) + 1
    chain = plain.index(behind, root) + len(behind)
    party = plain.index(_PARTY, chain)
    code = (
        "<cac:AdditionalDocumentReference><cbc:ID>QR</cbc:ID><cac:Attachment>"
        f'<cbc:EmbeddedDocumentBinaryObject mimeCode="text/plain">{qr}</cbc:EmbeddedDocumentBinaryObject>'
        "</cac:Attachment></cac:AdditionalDocumentReference>"
    )
    return b"".join(
        (
            plain[:root],
            _extensions(stamped, certificate),
            plain[root:chain],
            code.encode(),
            plain[chain:party],
            SIGNATURE.encode(),
            plain[party:],
        )
    )
