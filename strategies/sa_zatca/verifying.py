"""A stamped document judged by itself: hash, signature, digests, and the QR code tag by tag.

For what we built, before anybody gets it, and for what others stamped. The document is parsed and
canonicalised here; nothing of how it was made is believed.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from msgspec import Struct

from tallystick.formats import Unreadable, c14n, xml_in
from tallystick.keys import SignerError, verifies

from . import qr
from .certificate import Certificate, CertificateError, certificate_of, hex_digest

__all__ = ["Examined", "examine", "problems", "verify"]

_NAMES: Final = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "ext": "urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "xades": "http://uri.etsi.org/01903/v1.3.2#",
}
_ROOT: Final = "{urn:oasis:names:specification:ubl:schema:xsd:Invoice-2}Invoice"
_REFERENCE: Final = "cac:AdditionalDocumentReference"
_EMBEDDED: Final = "cac:Attachment/cbc:EmbeddedDocumentBinaryObject"
_SUPPLIER: Final = "cac:AccountingSupplierParty/cac:Party/"
_PROPERTIES: Final = f"{{{_NAMES['xades']}}}SignedProperties"
_SIGNATURE: Final = f"{{{_NAMES['ds']}}}Signature"
_CERT: Final = "xades:SignedSignatureProperties/xades:SigningCertificate/xades:Cert/"

_NINTH: Final = 9


class Examined(Struct, frozen=True, kw_only=True):
    """What a document says of itself, and what is true.

    Digests and `signature` are base64. `hash`, `properties_digest` and `expected` (the QR code's tags) are
    computed, the `stated_` ones stand in the document. `certificate` is None where there is none to read;
    `tags` is None where the QR code is no sequence of tags.
    """

    uuid: str
    icv: str
    pih: str
    simplified: bool
    hash: str
    stated_hash: str = ""
    signature: str = ""
    signature_good: bool = False
    properties_digest: str = ""
    stated_properties_digest: str = ""
    certificate: Certificate | None = None
    stated_certificate_digest: str = ""
    stated_issuer: str = ""
    stated_serial: str = ""
    qr: str = ""
    tags: Mapping[int, bytes] | None = None
    expected: Mapping[int, bytes] = {}

    @property
    def stamped(self) -> bool:
        """Whether there is a signature at all."""
        return bool(self.signature)


def verify(body: bytes) -> tuple[str, ...]:
    """Everything that is wrong with a stamped document; nothing if it is as it must be. Never raises."""
    try:
        return tuple(problems(examine(body)))
    except Unreadable as error:
        return (f"unreadable: {error}",)


def examine(body: bytes) -> Examined:
    """What a document says of itself and what is true. Raises `Unreadable` for what is no invoice."""
    root = xml_in.parse(body, blanks=True)
    if root.tag != _ROOT:
        raise Unreadable("wrong_root", "not a UBL 2.1 Invoice")
    references = {_text(one, "cbc:ID"): one for one in root.iterfind(_REFERENCE, _NAMES)}
    code, stamp = references.get("QR"), next(root.iter(_SIGNATURE), None)
    facts = _signed(stamp) if stamp is not None else {}
    head: dict[str, Any] = {
        "uuid": _text(root, "cbc:UUID"),
        "icv": _text(references["ICV"], "cbc:UUID") if "ICV" in references else "",
        "pih": _text(references["PIH"], _EMBEDDED) if "PIH" in references else "",
        "simplified": _name_of_type(root).startswith("02"),
        "qr": _text(code, _EMBEDDED) if code is not None else "",
    }
    texts = _texts(root)
    digest = _stripped_hash(root)
    facts |= _judged(facts, digest)
    certificate = facts.get("certificate")
    expected = {**texts, 6: base64.b64encode(digest), 7: str(facts.get("signature", "")).encode()}
    if isinstance(certificate, Certificate):
        expected |= {8: certificate.public_der, _NINTH: certificate.signature}
    return Examined(
        **head,
        **facts,
        hash=base64.b64encode(digest).decode(),
        tags=_tags(head["qr"]),
        expected=expected,
    )


def problems(found: Examined) -> Iterator[str]:
    """What is wrong with a document that must be stamped, one line each."""
    if not found.stamped or found.certificate is None:
        yield "it has no signature, or no certificate"
        return
    certificate = found.certificate
    pairs = (
        ("invoice digest", found.stated_hash, found.hash),
        ("signed properties digest", found.stated_properties_digest, found.properties_digest),
        ("certificate digest", found.stated_certificate_digest, certificate.digest),
        ("issuer", found.stated_issuer, certificate.issuer),
        ("serial number", found.stated_serial, certificate.serial),
    )
    yield from (f"{what}: {stated!r} is not {true!r}" for what, stated, true in pairs if stated != true)
    if not found.signature_good:
        yield "the signature is not that of the hash under the certificate's key"
    yield from _code_problems(found)


def _code_problems(found: Examined) -> Iterator[str]:
    if found.tags is None:
        yield "the QR code is missing, or no sequence of tags"
        return
    wanted = {tag for tag in found.expected if found.simplified or tag != _NINTH}
    if not wanted <= found.tags.keys() <= found.expected.keys():
        yield f"QR code: tags {sorted(found.tags)} are not {sorted(wanted)}"
    for tag, value in found.tags.items():
        if tag in found.expected and value != found.expected[tag]:
            yield f"QR code, tag {tag}: {value[:60]!r} is not {found.expected[tag][:60]!r}"


def _whole_text(element: Any, path: str) -> str:
    """With the blanks around it."""
    return element.findtext(path, "", _NAMES) or ""


def _raw(element: Any, path: str) -> str:
    """The text as it stands, blanks and all: the platform compares letter by letter."""
    return element.findtext(path, "", _NAMES) or ""


def _text(element: Any, path: str) -> str:
    return _raw(element, path).strip()


def _name_of_type(root: Any) -> str:
    kind = root.find("cbc:InvoiceTypeCode", _NAMES)
    return "" if kind is None else str(kind.get("name", ""))


def _texts(root: Any) -> dict[int, bytes]:
    """The first five tags as they follow from the document. The tax is that of its first TaxTotal."""
    name = _raw(root, _SUPPLIER + "cac:PartyLegalEntity/cbc:RegistrationName")
    return {
        1: qr.cut(name),
        2: _raw(root, _SUPPLIER + "cac:PartyTaxScheme/cbc:CompanyID").encode(),
        3: f"{_raw(root, 'cbc:IssueDate')}T{_raw(root, 'cbc:IssueTime')}".encode(),
        4: _raw(root, "cac:LegalMonetaryTotal/cbc:PayableAmount").encode(),
        5: _raw(root, "cac:TaxTotal/cbc:TaxAmount").encode(),
    }


def _stripped_hash(root: Any) -> bytes:
    """SHA-256 of the canonical document without the three blocks. Takes them out of the tree."""
    codes = [one for one in root.iterfind(_REFERENCE, _NAMES) if _text(one, "cbc:ID") == "QR"]
    c14n.leave_out(
        [*root.iterfind("ext:UBLExtensions", _NAMES), *codes, *root.iterfind("cac:Signature", _NAMES)]
    )
    return hashlib.sha256(c14n.canonical(root)).digest()


def _signed(stamp: Any) -> dict[str, Any]:
    """What the signature's element says."""
    digests = [_text(one, "ds:DigestValue") for one in stamp.iterfind("ds:SignedInfo/ds:Reference", _NAMES)]
    properties = next(stamp.iter(_PROPERTIES), None)
    facts: dict[str, Any] = {
        "stated_hash": digests[0] if digests else "",
        "stated_properties_digest": digests[1] if len(digests) > 1 else "",
        "signature": _text(stamp, "ds:SignatureValue"),
        "certificate": _certificate(_text(stamp, "ds:KeyInfo/ds:X509Data/ds:X509Certificate")),
    }
    if properties is not None:
        facts |= {
            "properties_digest": hex_digest(c14n.standing_alone(properties).encode()),
            "stated_certificate_digest": _text(properties, _CERT + "xades:CertDigest/ds:DigestValue"),
            "stated_issuer": _text(properties, _CERT + "xades:IssuerSerial/ds:X509IssuerName"),
            "stated_serial": _text(properties, _CERT + "xades:IssuerSerial/ds:X509SerialNumber"),
        }
    return facts


def _certificate(text: str) -> Certificate | None:
    try:
        return certificate_of("".join(text.split())) if text else None
    except CertificateError:
        return None


def _judged(facts: Mapping[str, Any], digest: bytes) -> dict[str, bool]:
    certificate, signature = facts.get("certificate"), facts.get("signature")
    if certificate is None or not signature:
        return {}
    try:
        r, s = decode_dss_signature(base64.b64decode(signature, validate=True))
        raw = r.to_bytes(32, "big") + s.to_bytes(32, "big")
        return {"signature_good": verifies(certificate.public_der, digest, raw)}
    except (ValueError, OverflowError, binascii.Error, SignerError):
        return {"signature_good": False}


def _tags(text: str) -> Mapping[int, bytes] | None:
    try:
        return qr.tags_of(text) if text else None
    except qr.QrError:
        return None
