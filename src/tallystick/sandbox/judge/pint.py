"""PINT: what every country's version asks of a document, as far as a receiver would notice it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from tallystick.sandbox.judge.complaint import Addressing, Complaint, label, lines_of
from tallystick.sandbox.judge.paper import Part

_FAMILY = "urn:peppol:pint:"
_PROCESSES = {"billing": "urn:peppol:bis:billing", "selfbilling": "urn:peppol:bis:selfbilling"}
_CENT = Decimal("0.01")
_PARTIES = (
    ("ibr-081", "cac:AccountingSupplierParty/cac:Party/cbc:EndpointID", "the seller's electronic address"),
    ("ibr-080", "cac:AccountingCustomerParty/cac:Party/cbc:EndpointID", "the buyer's electronic address"),
)
_TERMS = (
    ("ibr-002", "cbc:ID", "the number (IBT-001)"),
    ("ibr-003", "cbc:IssueDate", "the issue date (IBT-002)"),
    ("ibr-005", "cbc:DocumentCurrencyCode", "the currency (IBT-005)"),
)


def named(customization: str) -> bool:
    """Whether a specification identifier is of a PINT."""
    return customization.startswith(_FAMILY)


def header(root: Part, _addressing: Addressing) -> Iterator[Complaint]:
    """Terms that must be there, and a process that fits the specification."""
    for rule, path, what in (*_TERMS, *_PARTIES):
        if not root.has(path):
            yield Complaint(rule, f"{what} is missing")
    customization, profile = root.text("cbc:CustomizationID"), root.text("cbc:ProfileID")
    if "*" in customization:
        yield Complaint("ibr-sr-63", "the specification identifier has a wildcard")
    kind = customization.removeprefix(_FAMILY).partition("-")[0]
    if profile != _PROCESSES.get(kind):
        yield Complaint("SANDBOX-PROFILE", f"business process {profile} does not fit {customization}")
    if len(root.all("cbc:Note")) > 1:
        yield Complaint("ibr-sr-51", "more than one note (IBT-022)")


def sums(root: Part, _addressing: Addressing) -> Iterator[Complaint]:
    """ibr-co-10, 13 to 16: the sums, to the cent."""
    totals = root.one("cac:LegalMonetaryTotal")
    if totals is None:
        yield Complaint("ibr-015", "the totals are missing")
        return
    lines = _sum(root, "cac:InvoiceLine/cbc:LineExtensionAmount")
    lines += _sum(root, "cac:CreditNoteLine/cbc:LineExtensionAmount")
    stated = _sum(totals, "cbc:LineExtensionAmount")
    less, more = _sum(totals, "cbc:AllowanceTotalAmount"), _sum(totals, "cbc:ChargeTotalAmount")
    net, gross = _sum(totals, "cbc:TaxExclusiveAmount"), _sum(totals, "cbc:TaxInclusiveAmount")
    first = root.all("cac:TaxTotal")[:1]
    tax = sum((_sum(one, "cbc:TaxAmount") for one in first), Decimal(0))
    entries = sum((_sum(one, "cac:TaxSubtotal/cbc:TaxAmount") for one in first), Decimal(0))
    paid, rounding = _sum(totals, "cbc:PrepaidAmount"), _sum(totals, "cbc:PayableRoundingAmount")
    for rule, found, expected in (
        ("ibr-co-10", stated, lines),
        ("ibr-co-13", net, stated - less + more),
        ("ibr-co-14", tax, entries),
        ("ibr-co-15", gross, net + tax),
        ("ibr-co-16", _sum(totals, "cbc:PayableAmount"), gross - paid + rounding),
    ):
        if abs(found - expected) >= _CENT:
            yield Complaint(rule, f"{found} where {expected} is expected")


def lines(root: Part, _addressing: Addressing) -> Iterator[Complaint]:
    """ibr-016, 025 and 026: there are lines, each with a name and a price."""
    found = lines_of(root)
    if not found:
        yield Complaint("ibr-016", "the document has no line")
    for number, line in enumerate(found, 1):
        for rule, path in (("ibr-025", "cac:Item/cbc:Name"), ("ibr-026", "cac:Price/cbc:PriceAmount")):
            if not line.has(path):
                yield Complaint(rule, f"{label(line, number)} has no {path}")


def _sum(part: Part, path: str) -> Decimal:
    return sum((one.value for one in part.all(path)), Decimal(0))
