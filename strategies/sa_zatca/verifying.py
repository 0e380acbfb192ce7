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

_CAC: Final = "{urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2}"
_CBC: Final = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"
_DS: Final = "{http://www.w3.org/2000/09/xmldsig#}"
_XADES: Final = "{http://uri.etsi.org/01903/v1.3.2#}"
_ROOT: Final = "{urn:oasis:names:specification:ubl:schema:xsd:Invoice-2}Invoice"
_PREFIXES: Final = {"cac:": _CAC, "cbc:": _CBC, "ds:": _DS, "xades:": _XADES}


def _path(readable: str) -> str:
    """The path as the parser spells it, so that no prefix has to be looked up for each document."""
    for prefix, namespace in _PREFIXES.items():
        readable = readable.replace(prefix, namespace)
    return readable


_EXTENSIONS: Final = "{urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2}UBLExtensions"
_REFERENCE: Final = _path("cac:AdditionalDocumentReference")
_MARK: Final = _path("cac:Signature")
_HEAD: Final = tuple(
    map(
        _path,
        (
            "cbc:UUID",
            "cbc:IssueDate",
            "cbc:IssueTime",
            "cbc:InvoiceTypeCode",
            "cac:AccountingSupplierParty",
            "cac:TaxTotal",
            "cac:LegalMonetaryTotal",
        ),
    )
)
_UUID, _DATE, _TIME, _KIND, _SUPPLIER, _TAX, _SUMS = _HEAD
_SELLER: Final = _path("cbc:RegistrationName")
_SELLER_NUMBER: Final = _path("cac:Party/cac:PartyTaxScheme/cbc:CompanyID")
_TAX_AMOUNT: Final = _path("cbc:TaxAmount")
_PAYABLE: Final = _path("cbc:PayableAmount")
_SIGNATURE: Final = _path("ds:Signature")
_DIGEST: Final = _path("ds:DigestValue")
_VALUE: Final = _path("ds:SignatureValue")
_CERTIFICATE: Final = _path("ds:X509Certificate")
_PROPERTIES: Final = _path("xades:SignedProperties")
_ISSUER: Final = _path("ds:X509IssuerName")
_SERIAL: Final = _path("ds:X509SerialNumber")
_IN_SIGNATURE: Final = (_DIGEST, _VALUE, _CERTIFICATE, _PROPERTIES, _ISSUER, _SERIAL)
_DIGESTS: Final = ("stated_hash", "stated_properties_digest", "stated_certificate_digest")

_STATED: Final = {_VALUE: "signature", _ISSUER: "stated_issuer", _SERIAL: "stated_serial"}
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
    head: dict[str, Any] = {}
    for child in root.iterchildren(*_HEAD):
        head.setdefault(child.tag, child)
    blocks = list(root.iterchildren(_EXTENSIONS, _MARK))
    said = _said(head, _references(root, blocks))
    stamp = next(root.iter(_SIGNATURE), None)
    facts = _signed(stamp) if stamp is not None else {}
    c14n.leave_out(blocks)
    digest = hashlib.sha256(c14n.canonical(root)).digest()
    facts |= _judged(facts, digest)
    expected = _expected(head) | {6: base64.b64encode(digest), 7: str(facts.get("signature", "")).encode()}
    certificate = facts.get("certificate")
    if isinstance(certificate, Certificate):
        expected |= {8: certificate.public_der, _NINTH: certificate.signature}
    return Examined(
        **said,
        **facts,
        hash=expected[6].decode(),
        tags=_tags(said["qr"]),
        expected=expected,
    )


def _references(root: Any, blocks: list[Any]) -> dict[str, str]:
    """What counter, hash before and QR code say, by ID. The code's element joins the blocks."""
    found: dict[str, str] = {}
    for one in root.iterchildren(_REFERENCE):
        name, *said = [text for piece in one.itertext() if (text := piece.strip())] or [""]
        found[name] = said[-1] if said else ""
        if name == "QR":
            blocks.append(one)
    return found


def _said(head: Mapping[str, Any], references: Mapping[str, str]) -> dict[str, Any]:
    """What the document calls itself, and its place in its chain."""
    kind = head.get(_KIND)
    return {
        "uuid": _leaf(head.get(_UUID)).strip(),
        "simplified": kind is not None and str(kind.get("name", "")).startswith("02"),
        "icv": references.get("ICV", ""),
        "pih": references.get("PIH", ""),
        "qr": references.get("QR", ""),
    }


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


def _leaf(element: Any) -> str:
    """The text as it stands, blanks and all: the platform compares letter by letter."""
    return (element.text or "") if element is not None else ""


def _raw(element: Any, path: str) -> str:
    return (element.findtext(path) or "") if element is not None else ""


def _expected(head: Mapping[str, Any]) -> dict[int, bytes]:
    """The first five tags as they follow from the document. The tax is that of its first TaxTotal."""
    supplier = head.get(_SUPPLIER)
    name = next(supplier.iter(_SELLER), None) if supplier is not None else None
    return {
        1: qr.cut(_leaf(name)),
        2: _raw(supplier, _SELLER_NUMBER).encode(),
        3: f"{_leaf(head.get(_DATE))}T{_leaf(head.get(_TIME))}".encode(),
        4: _raw(head.get(_SUMS), _PAYABLE).encode(),
        5: _raw(head.get(_TAX), _TAX_AMOUNT).encode(),
    }


def _signed(stamp: Any) -> dict[str, Any]:
    """What the signature's element says: digests in their order, each other thing once."""
    facts: dict[str, Any] = {}
    names = iter(_DIGESTS)
    for leaf in stamp.iter(*_IN_SIGNATURE):
        tag = leaf.tag
        if tag == _PROPERTIES:
            facts.setdefault("properties_digest", hex_digest(c14n.standing_alone(leaf).encode()))
        elif tag == _CERTIFICATE:
            facts.setdefault("certificate", _certificate(_leaf(leaf)))
        elif tag == _DIGEST:
            facts[next(names, "")] = _leaf(leaf).strip()
        else:
            facts.setdefault(_STATED[tag], _leaf(leaf).strip())
    facts.pop("", None)
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
