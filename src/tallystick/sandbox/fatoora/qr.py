"""The QR code's content, tag by tag against the document that carries it."""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Iterator
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tallystick.sandbox.fatoora.finding import Finding, Severity
from tallystick.sandbox.fatoora.hashing import is_reference
from tallystick.sandbox.fatoora.stamp import Stamp
from tallystick.sandbox.judge.paper import Part

_LONGEST = 255
_CLOCK_TEXT = (
    "Time on QR Code does not match with Invoice Issue Time (KSA-25). If ZATCA's SDK was used to generate "
    "QR Code, kindly use the latest version of SDK"
)
CLOCK = ("invoiceTimeStamp_QRCODE_INVALID", _CLOCK_TEXT)
_CODES = {
    1: ("sellerName_QRCODE_INVALID", "Seller name on QR Code does not match with the seller's name (BT-27)"),
    2: ("sellerVAT_QRCODE_INVALID", "VAT number on QR Code does not match with the seller's (BT-31)"),
    3: CLOCK,
    4: ("invoiceTotal_QRCODE_INVALID", "Total on QR Code does not match with the amount due (BT-115)"),
    5: ("vatTotal_QRCODE_INVALID", "VAT on QR Code does not match with the VAT total"),
    6: ("invoiceHash_QRCODE_INVALID", "Hash on QR Code does not match with the hash of the XML"),
    7: ("signature_QRCODE_INVALID", "Signature on QR Code does not match with the signature value"),
    8: ("publicKey_QRCODE_INVALID", "Public key on QR Code does not match with the certificate's"),
    9: (
        "CERTIFICATE_SIGNATURE_QRCODE_INVALID",
        "Stamp of the certificate on QR Code is not the certificate's",
    ),
}
_MILD = (3, 4, 8, 9)
"""Tags about which the authority only warns, as far as it was seen."""


def content(root: Any) -> str | None:
    """The base64 text of the document's QR reference, None when there is none."""
    references = [child for child in root if is_reference(child, "QR")]
    if not references:
        return None
    path = "cac:Attachment/cbc:EmbeddedDocumentBinaryObject"
    return "".join(Part(reference).text(path) for reference in references)


def tags(text: str) -> dict[int, bytes]:
    """Tag to value. Raises ValueError for what is no sequence of tag, length and value, each tag once."""
    try:
        body = b64decode(text, validate=True)
    except Base64Error as error:
        raise ValueError(f"no base64: {error}") from None
    found: dict[int, bytes] = {}
    at = 0
    while at < len(body):
        if at + 2 > len(body) or at + 2 + body[at + 1] > len(body):
            raise ValueError("the last value is cut off")
        if body[at] in found:
            raise ValueError(f"tag {body[at]} stands twice")
        found[body[at]] = body[at + 2 : at + 2 + body[at + 1]]
        at += 2 + body[at + 1]
    return found


def told(root: Part, digest: bytes) -> dict[int, bytes]:
    """What tags 1 to 6 must hold for this document."""
    supplier = "cac:AccountingSupplierParty/cac:Party/"
    name = raw(root, f"{supplier}cac:PartyLegalEntity/cbc:RegistrationName")
    texts = {
        1: shortened(name),
        2: raw(root, f"{supplier}cac:PartyTaxScheme/cbc:CompanyID"),
        3: f"{raw(root, 'cbc:IssueDate')}T{raw(root, 'cbc:IssueTime')}",
        4: raw(root, "cac:LegalMonetaryTotal/cbc:PayableAmount"),
        5: raw(root, "cac:TaxTotal/cbc:TaxAmount"),
        6: b64encode(digest).decode(),
    }
    return {tag: text.encode() for tag, text in texts.items()}


def raw(root: Part, path: str) -> str:
    """Text of the first element at the path with inner white space kept."""
    found = root.one(path)
    return "" if found is None else (found.element.text or "").strip()


def shortened(name: str) -> str:
    """A name as far as one length byte can tell, cut between characters."""
    return name.encode()[:_LONGEST].decode("utf-8", "ignore")


def written(values: dict[int, bytes]) -> str:
    """The base64 text of these tags, in order."""
    return b64encode(
        b"".join(bytes([tag, len(value)]) + value for tag, value in sorted(values.items()))
    ).decode()


def checked(
    root: Part, digest: bytes, stamp: Stamp | None, *, needed: bool, simplified: bool, strict: bool
) -> Iterator[Finding]:
    """Everything wrong with the QR code. Not strict: some tags only warn. Only simplified documents must
    have the ninth tag, a standard one also where it is reported (and so needs a code) needs but eight.
    """
    text = content(root.element)
    if text is None:
        if needed:
            yield _broken("The QR code is missing")
        return
    try:
        found = tags(text)
    except ValueError as problem:
        yield _broken(f"The QR code cannot be decoded: {problem}")
        return
    wanted = told(root, digest)
    if stamp is not None:
        wanted |= stamped(stamp)
    if not simplified and 9 not in found:
        wanted.pop(9, None)
    if list(found) != sorted(wanted):
        yield _broken(f"The QR code holds the tags {list(found)} and not {sorted(wanted)}")
    yield from _compared(found, wanted, strict=strict)


def _compared(found: dict[int, bytes], wanted: dict[int, bytes], *, strict: bool) -> Iterator[Finding]:
    for tag, value in wanted.items():
        if tag in found and found[tag] != value:
            severity: Severity = "WARNING" if tag in _MILD and not strict else "ERROR"
            yield Finding(severity, _CODES[tag][0], "QRCODE_VALIDATION", _CODES[tag][1])


def stamped(stamp: Stamp) -> dict[int, bytes]:
    """What tags 7 to 9 must hold under this stamp."""
    key = stamp.certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return {7: stamp.value.encode(), 8: key, 9: stamp.certificate.signature}


def _broken(text: str) -> Finding:
    return Finding("ERROR", "QRCODE_INVALID", "QRCODE_VALIDATION", text)
