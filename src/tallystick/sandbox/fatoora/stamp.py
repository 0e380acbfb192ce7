"""The stamp on a document: read, and verified the way the authority does it.

The signature covers the 32 raw bytes of the invoice hash; digests of the signed properties and of the
certificate are base64 of lower-case hexadecimal text. SignedInfo itself is never verified.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree

from tallystick.sandbox.fatoora.certificates import issuer_text
from tallystick.sandbox.fatoora.finding import Finding, Severity
from tallystick.sandbox.fatoora.hashing import EXT

DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
SIG = "urn:oasis:names:specification:ubl:schema:xsd:CommonSignatureComponents-2"
SAC = "urn:oasis:names:specification:ubl:schema:xsd:SignatureAggregateComponents-2"
SBC = "urn:oasis:names:specification:ubl:schema:xsd:SignatureBasicComponents-2"
_NS = {"ds": DS, "xades": XADES, "sig": SIG, "sac": SAC, "ext": EXT}
_PLACE = (
    "ext:UBLExtensions/ext:UBLExtension/ext:ExtensionContent/sig:UBLDocumentSignatures"
    "/sac:SignatureInformation/ds:Signature"
)
_METHODS = {
    "ds:SignedInfo/ds:CanonicalizationMethod": "http://www.w3.org/2006/12/xml-c14n11",
    "ds:SignedInfo/ds:SignatureMethod": "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
}
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_PROPERTIES = "ds:Object/xades:QualifyingProperties/xades:SignedProperties"
_TIME = f"{_PROPERTIES}/xades:SignedSignatureProperties/xades:SigningTime"
_CERT = f"{_PROPERTIES}/xades:SignedSignatureProperties/xades:SigningCertificate/xades:Cert/"
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z?")


class NoStamp(Exception):
    """What stands there is no stamp."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """A stamp as found: the ds:Signature element, its value, and the certificate in it."""

    element: Any
    value: str
    certificate_text: str
    certificate: x509.Certificate

    def text(self, path: str) -> str:
        """Text at a path below ds:Signature, without the blanks around it; empty when there is none."""
        return (self.element.findtext(path, "", _NS) or "").strip()


def read_stamp(root: Any) -> Stamp | None:
    """The document's stamp, None when it carries nothing of the kind. Raises `NoStamp` for half a one."""
    signatures = list(root.iter(f"{{{DS}}}Signature"))
    if not signatures and root.find("ext:UBLExtensions", _NS) is None:
        return None
    found = root.findall(_PLACE, _NS)
    if len(found) != 1 or len(signatures) != 1:
        raise NoStamp("there must be one signature, in the first extension")
    value = "".join((found[0].findtext("ds:SignatureValue", "", _NS) or "").split())
    text = "".join((found[0].findtext("ds:KeyInfo/ds:X509Data/ds:X509Certificate", "", _NS) or "").split())
    return Stamp(found[0], value, text, certificate_in(text))


@lru_cache(maxsize=256)
def certificate_in(text: str) -> x509.Certificate:
    """The certificate in its base64 text. Raises `NoStamp` for anything else or another curve."""
    try:
        certificate = x509.load_der_x509_certificate(b64decode(text, validate=True))
        key = certificate.public_key()
    except (ValueError, Base64Error, TypeError) as error:
        raise NoStamp(f"no certificate: {error}") from None
    except Exception as error:  # noqa: BLE001 -- the library has many words for what it cannot read
        raise NoStamp(f"no certificate that can be used: {type(error).__name__}") from None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256K1):
        raise NoStamp("the certificate's key is not on secp256k1")
    return certificate


def verified(stamp: Stamp, digest: bytes, *, strict: bool) -> Iterator[Finding]:
    """Everything wrong with a stamp over a document of this hash. Not strict: a bad signature only warns."""
    yield from _digests(stamp, digest)
    yield from _certificate(stamp)
    wrong = _methods(stamp)
    severity: Severity = "ERROR" if strict else "WARNING"
    if wrong:
        yield _signature(severity, wrong)
    elif not _signs(stamp, digest):
        yield _signature(severity, "The signature value does not verify with the key of the certificate")


def _signature(severity: Severity, text: str) -> Finding:
    return Finding(severity, "invalid-digital-signature", "SIGNATURE_ERRORS", text)


def _certified(code: str, text: str) -> Finding:
    return Finding("ERROR", code, "CERTIFICATE_ERRORS", text)


def _methods(stamp: Stamp) -> str:
    for path, wanted in _METHODS.items():
        found = stamp.element.find(path, _NS)
        if found is None or found.get("Algorithm") != wanted:
            return f"The algorithm in {path} is not the one of the standard"
    used = {one.get("Algorithm") for one in stamp.element.iter(f"{{{DS}}}DigestMethod")}
    if used != {_SHA256}:
        return "A digest is not SHA-256"
    if not _MOMENT.fullmatch(stamp.text(_TIME)):
        return "The signing time is not written yyyy-MM-ddTHH:mm:ss"
    return ""


def _digests(stamp: Stamp, digest: bytes) -> Iterator[Finding]:
    references = stamp.element.findall("ds:SignedInfo/ds:Reference", _NS)
    values = [(one.findtext("ds:DigestValue", "", _NS) or "").strip() for one in references]
    properties = stamp.element.findall(_PROPERTIES, _NS)
    if len(values) != 2 or len(properties) != 1 or references[0].get("Id") != "invoiceSignedData":
        yield _certified("signed-properties-hashing", "The stamp must sign the document and its properties")
        return
    if values[0] != b64encode(digest).decode():
        text = "The digest in the stamp does not match the (calculated) Hash of the XML"
        yield Finding("ERROR", "invalid-invoice-hash", "INVOICE_HASHING_ERRORS", text)
    whole = hex_digest(signed_properties_text(properties[0]).encode())
    if values[1] != whole or properties[0].get("Id") != "xadesSignedProperties":
        text = "Invalid signed properties hashing, SignedProperties with id='xadesSignedProperties'"
        yield _certified("signed-properties-hashing", text)


def _certificate(stamp: Stamp) -> Iterator[Finding]:
    if stamp.text(f"{_CERT}xades:CertDigest/ds:DigestValue") != hex_digest(stamp.certificate_text.encode()):
        yield _certified(
            "certificate-hashing", "The digest of the certificate is not that of its base64 text"
        )
    if stamp.text(f"{_CERT}xades:IssuerSerial/ds:X509IssuerName") != issuer_text(stamp.certificate):
        yield _certified("certificate-issuer-name", "The issuer's name is not the one in the certificate")
    serial = stamp.text(f"{_CERT}xades:IssuerSerial/ds:X509SerialNumber")
    if serial != str(stamp.certificate.serial_number):
        yield _certified(
            "invalid-certificate", "The serial number is not the one in the certificate, in decimal"
        )


def _signs(stamp: Stamp, digest: bytes) -> bool:
    key = stamp.certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return False
    try:
        key.verify(b64decode(stamp.value, validate=True), digest, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError, Base64Error):
        return False
    return True


def hex_digest(body: bytes) -> str:
    """base64 of the lower-case hexadecimal SHA-256: the encoding of all digests but the invoice's."""
    return b64encode(hashlib.sha256(body).hexdigest().encode()).decode()


def signed_properties_text(element: Any) -> str:
    """The properties as they stand in the document, written as though they stood alone.

    Namespace declarations come before attributes and only where an ancestor has none; what is empty closes
    itself; line ends are LF.
    """
    return "".join(_written(element, frozenset())).replace("\r", "")


def _written(element: Any, known: frozenset[tuple[str | None, str]]) -> Iterator[str]:
    qualified = etree.QName(element)
    label = f"{element.prefix}:{qualified.localname}" if element.prefix else qualified.localname
    bound = (element.prefix, str(qualified.namespace))
    yield f"<{label}"
    if bound not in known:
        yield f' xmlns{":" + element.prefix if element.prefix else ""}="{qualified.namespace}"'
    for name, value in element.attrib.items():
        yield f' {etree.QName(name).localname}="{_escaped(value).replace(chr(34), "&quot;")}"'
    children = [child for child in element if isinstance(child.tag, str)]
    if not len(element) and not element.text:
        yield "/>"
        return
    yield f">{_escaped(element.text)}"
    for child in children:
        yield from _written(child, known | {bound})
        yield _escaped(child.tail)
    yield f"</{label}>"


def _escaped(text: str | None) -> str:
    return (text or "").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
