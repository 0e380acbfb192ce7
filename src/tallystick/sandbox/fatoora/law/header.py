"""The head of a document: what it is, when, in which money, and its place in the chain."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tallystick.sandbox.fatoora.finding import Finding, error, warning
from tallystick.sandbox.fatoora.hashing import EXT, is_reference
from tallystick.sandbox.fatoora.law.words import flag, simplified, type_name
from tallystick.sandbox.fatoora.stamp import SAC, SBC, SIG
from tallystick.sandbox.judge.codes import CURRENCIES
from tallystick.sandbox.judge.paper import Part, date_in

_NAME = re.compile(r"0[12][01]{5,7}")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z?")
_UUID = re.compile(r"[\w.-]+")
_ATTACHED = "cac:Attachment/cbc:EmbeddedDocumentBinaryObject"
_MEDIA = frozenset(
    """text/csv text/plain application/pdf image/png image/jpeg image/tiff application/acad application/dwg
    drawing/dwg application/vnd.openxmlformats-officedocument.spreadsheetml.sheet
    application/vnd.oasis.opendocument.spreadsheet""".split()
)
_INFORMATION = (
    f"{{{EXT}}}UBLExtensions/{{{EXT}}}UBLExtension/{{{EXT}}}ExtensionContent"
    f"/{{{SIG}}}UBLDocumentSignatures/{{{SAC}}}SignatureInformation"
)
_URN = "urn:oasis:names:specification:ubl"


def header(root: Part) -> Iterator[Finding]:
    """Profile, number, identity, date, time, type and currencies."""
    if root.text("cbc:ProfileID") != "reporting:1.0":
        yield error("BR-KSA-EN16931-01", "The business process must be reporting:1.0")
    if not root.text("cbc:ID"):
        yield warning("BR-02", "An Invoice shall have an Invoice number (BT-1)")
    if not _UUID.match(root.text("cbc:UUID")):
        yield error("BR-KSA-03", "The invoice must contain a unique identifier (KSA-1)")
    yield from _moment(root)
    yield from _kind(root)
    yield from _money(root)


def _moment(root: Part) -> Iterator[Finding]:
    if not root.text("cbc:IssueDate"):
        yield error("BR-03", "An Invoice shall have an Invoice issue date (BT-2)")
    elif date_in(root.text("cbc:IssueDate")) is None:
        yield error("BR-KSA-F-01", "A date must be written YYYY-MM-DD")
    if not _CLOCK.fullmatch(root.text("cbc:IssueTime")):
        yield error("BR-KSA-70", "The issue time (KSA-25) must be written hh:mm:ss or hh:mm:ssZ")


def _kind(root: Part) -> Iterator[Finding]:
    code = root.text("cbc:InvoiceTypeCode")
    if not code:
        yield error("BR-04", "An Invoice shall have an Invoice type code (BT-3)")
    elif code not in ("388", "381", "383", "386"):
        yield error("BR-KSA-05", "The invoice type code (BT-3) must be 388, 383, 381 or 386")
    if root.has("cbc:InvoiceTypeCode") and not _NAME.fullmatch(type_name(root)):
        yield error(
            "BR-KSA-06", "The transaction code (KSA-2) must be 01 or 02 followed by five to seven flags"
        )
    if flag(root, 5) and flag(root, 7):
        yield error("BR-KSA-07", "An export cannot be billed by the buyer")
    if simplified(root) and flag(root, 7):
        yield error("BR-KSA-31", "A simplified document cannot be billed by the buyer")
    contract = root.text("cac:ContractDocumentReference/cbc:ID")
    if len(type_name(root)) == 9 and flag(root, 9) and not contract:
        yield error("BR-KSA-92", "A document to the government must name its contract (BT-12)")


def _money(root: Part) -> Iterator[Finding]:
    own, tax = root.text("cbc:DocumentCurrencyCode"), root.text("cbc:TaxCurrencyCode")
    if not own:
        yield error("BR-05", "An Invoice shall have an Invoice currency code (BT-5)")
    if not tax:
        yield error("BR-KSA-68", "Tax currency code (BT-6) must exist")
    elif tax.upper() != "SAR":
        yield error("BR-KSA-EN16931-02", "The VAT accounting currency (BT-6) must be SAR")
    for code, rule in ((own, "BR-CL-04"), (tax, "BR-CL-05")):
        if code and code not in CURRENCIES:
            yield error(rule, f"{code} is no currency of ISO 4217")
    if own and own not in CURRENCIES:
        yield error("BR-KSA-CL-01", f"{own} is no currency of ISO 4217")
    exchange = root.one("cac:TaxExchangeRate")
    if exchange is not None:
        yield from _exchanged(exchange, own, tax)


def _exchanged(exchange: Part, own: str, tax: str) -> Iterator[Finding]:
    names = ("cbc:SourceCurrencyCode", "cbc:TargetCurrencyCode", "cbc:CalculationRate")
    if not all(exchange.text(name) for name in names):
        yield warning("BR-KSA-87", "An exchange rate needs source, target and rate")
    if exchange.text(names[0]) != own:
        yield error("BR-KSA-88", "The source of the exchange rate must be the document's currency")
    if exchange.text(names[1]) != tax:
        yield error("BR-KSA-89", "The target of the exchange rate must be the tax currency")
    if len(exchange.text(names[2])) > 14:
        yield error("BR-KSA-90", "The exchange rate must not be longer than 14 characters")


def references(root: Part) -> Iterator[Finding]:
    """Counter, predecessor, QR code, attachments and the names of the signature."""
    found = {kind: _reference(root, kind) for kind in ("ICV", "PIH", "QR")}
    counter = "" if found["ICV"] is None else found["ICV"].text("cbc:UUID")
    if not counter:
        yield error("BR-KSA-33", "Each invoice must have an invoice counter value (KSA-16)")
    elif not (counter.isascii() and counter.isdigit()):
        yield error("BR-KSA-34", "The invoice counter value (KSA-16) contains only digits")
    if not _plain(found["PIH"]):
        yield warning("BR-KSA-61", "Previous invoice hash (KSA-13) must exist in an invoice")
        if found["PIH"] is not None:
            yield warning(
                "BR-KSA-26", "The previous invoice hash must be base64Binary in a text/plain attachment"
            )
    if simplified(root) and not _plain(found["QR"]):
        yield warning("BR-KSA-27", "The document must contain a QR code (KSA-14) as base64Binary")
    code = "" if found["QR"] is None else found["QR"].text(_ATTACHED)
    if found["QR"] is not None and found["QR"].has(_ATTACHED) and not 0 < len(code) <= 1000:
        yield error("BR-CL-KSA-14", "The QR code must have 1 to 1000 characters")
    for attachment in root.all(f"cac:AdditionalDocumentReference/{_ATTACHED}"):
        if attachment.attribute("mimeCode") not in _MEDIA:
            yield error("BR-KSA-CL-03", f"{attachment.attribute('mimeCode')!r} may not be attached")
    if simplified(root):
        yield from _signature(root)


def _reference(root: Part, kind: str) -> Part | None:
    for child in root.element:
        if is_reference(child, kind):
            return Part(child)
    return None


def _plain(reference: Part | None) -> bool:
    attachment = None if reference is None else reference.one(_ATTACHED)
    return (
        attachment is not None and bool(attachment.words) and attachment.attribute("mimeCode") == "text/plain"
    )


def _signature(root: Part) -> Iterator[Finding]:
    named = root.element.find(_INFORMATION)
    number = None if named is None else named.findtext(f"{{{_URN}:schema:xsd:CommonBasicComponents-2}}ID")
    referred = None if named is None else named.findtext(f"{{{SBC}}}ReferencedSignatureID")
    if number != f"{_URN}:signature:1":
        yield error("BR-KSA-28", "The id of the signature information must be urn:...:signature:1")
    if (
        root.text("cac:Signature/cbc:ID") != f"{_URN}:signature:Invoice"
        or referred != f"{_URN}:signature:Invoice"
    ):
        yield warning("BR-KSA-29", "The id of the signature must be urn:...:signature:Invoice")
    if root.text("cac:Signature/cbc:SignatureMethod") != f"{_URN}:dsig:enveloped:xades":
        yield error("BR-KSA-30", "The signature method must be urn:...:dsig:enveloped:xades")
    if not root.has("cac:Signature"):
        yield warning("BR-KSA-60", "The cryptographic stamp (KSA-15) must exist in a simplified document")
