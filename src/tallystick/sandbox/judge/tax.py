"""EN 16931 VAT categories: breakdown against lines, rates, reasons, who must be identified."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from tallystick.sandbox.judge.codes import EXEMPTION_CATEGORY
from tallystick.sandbox.judge.complaint import Addressing, Complaint, lines_of
from tallystick.sandbox.judge.paper import Part
from tallystick.sandbox.judge.presence import in_vat, vat_identifier

_FAMILY = {
    "S": "BR-S",
    "Z": "BR-Z",
    "E": "BR-E",
    "AE": "BR-AE",
    "K": "BR-IC",
    "G": "BR-G",
    "O": "BR-O",
    "L": "BR-AF",
    "M": "BR-AG",
}
_RATED = frozenset({"S", "L", "M"})
"""Categories whose breakdown is kept per rate; the others are there once and carry no tax."""
_REASONED = frozenset({"E", "AE", "K", "G", "O"})


@dataclass(frozen=True, slots=True)
class _Use:
    """One amount that falls under a category: a line, or an allowance (negative) or charge."""

    category: str
    percent: Decimal | None
    amount: Decimal
    kind: str


_NUMBER = {"line": "05", "allowance": "06", "charge": "07"}


def _uses(root: Part) -> list[_Use]:
    found = []
    for line in lines_of(root):
        category = line.one("cac:Item/cac:ClassifiedTaxCategory")
        if category is not None:
            amount = line.amount("cbc:LineExtensionAmount")
            found.append(_Use(category.text("cbc:ID"), category.number("cbc:Percent"), amount, "line"))
    for entry in root.all("cac:AllowanceCharge"):
        category = entry.one("cac:TaxCategory")
        if category is not None:
            charge = entry.text("cbc:ChargeIndicator") == "true"
            amount = entry.amount("cbc:Amount") * (1 if charge else -1)
            kind = "charge" if charge else "allowance"
            found.append(_Use(category.text("cbc:ID"), category.number("cbc:Percent"), amount, kind))
    return found


def categories(root: Part, _addressing: Addressing) -> Iterator[Complaint]:
    """BR-45 to BR-48 and, per category, -01, -05 to -10 of its family."""
    uses = _uses(root)
    subtotals = root.all("cac:TaxTotal/cac:TaxSubtotal")
    for subtotal in subtotals:
        yield from _members(subtotal)
    stated = [subtotal.text("cac:TaxCategory/cbc:ID") for subtotal in subtotals]
    for category, family in _FAMILY.items():
        used = any(use.category == category for use in uses)
        count = stated.count(category)
        if used != (count > 0) or (count > 1 and category not in _RATED):
            yield Complaint(f"{family}-01", f"category {category} has {count} entries in the VAT breakdown")
    for use in uses:
        yield from _use(use)
    for subtotal in subtotals:
        yield from _subtotal(subtotal, uses)


def _members(subtotal: Part) -> Iterator[Complaint]:
    if not subtotal.has("cbc:TaxableAmount"):
        yield Complaint("BR-45", "a VAT breakdown entry has no taxable amount (BT-116)")
    if not subtotal.has("cbc:TaxAmount"):
        yield Complaint("BR-46", "a VAT breakdown entry has no tax amount (BT-117)")
    if not in_vat(subtotal.one("cac:TaxCategory")):
        yield Complaint("BR-47", "a VAT breakdown entry has no category (BT-118)")
    elif subtotal.text("cac:TaxCategory/cbc:ID") != "O" and not subtotal.has("cac:TaxCategory/cbc:Percent"):
        yield Complaint("BR-48", "a VAT breakdown entry has no rate (BT-119)")


def _use(use: _Use) -> Iterator[Complaint]:
    family = _FAMILY.get(use.category)
    if family is None:
        return
    percent = use.percent
    if use.category == "O":
        wrong = percent is not None
    elif use.category == "S":
        wrong = percent is None or percent <= 0
    elif use.category in _RATED:
        wrong = percent is None or percent < 0
    else:
        wrong = percent is None or percent != 0
    if wrong:
        yield Complaint(
            f"{family}-{_NUMBER[use.kind]}", f"a {use.kind} in category {use.category} at rate {percent}"
        )


def _subtotal(subtotal: Part, uses: list[_Use]) -> Iterator[Complaint]:
    category = subtotal.text("cac:TaxCategory/cbc:ID")
    family = _FAMILY.get(category)
    if family is None:
        return
    base, tax = subtotal.amount("cbc:TaxableAmount"), subtotal.amount("cbc:TaxAmount")
    percent = subtotal.number("cac:TaxCategory/cbc:Percent")
    rated = category in _RATED
    expected = sum(
        (use.amount for use in uses if use.category == category and (not rated or use.percent == percent)),
        Decimal(0),
    )
    if abs(base - expected) >= 1 if rated else base != expected:
        yield Complaint(
            f"{family}-08", f"taxable amount {base} in category {category}, lines add up to {expected}"
        )
    if not rated and tax != 0:
        yield Complaint(f"{family}-09", f"category {category} carries tax {tax}")
    reason = subtotal.has("cac:TaxCategory/cbc:TaxExemptionReason") or subtotal.has(
        "cac:TaxCategory/cbc:TaxExemptionReasonCode"
    )
    if reason != (category in _REASONED):
        yield Complaint(
            f"{family}-10", f"exemption reason in category {category}: {'present' if reason else 'missing'}"
        )


def exemptions(root: Part, _addressing: Addressing) -> Iterator[Complaint]:
    """PEPPOL-EN16931-P0104 to P0111: a reason code that belongs to one category stands in no other."""
    for category in root.all("cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory"):
        code = category.text("cbc:TaxExemptionReasonCode").upper()
        wanted, rule = EXEMPTION_CATEGORY.get(code, ("", ""))
        if wanted and category.text("cbc:ID") != wanted:
            yield Complaint(rule, f"{code} needs category {wanted}")


def identified(root: Part, _addressing: Addressing) -> Iterator[Complaint]:
    """-02 of each family: who must state a VAT identifier; BR-O-11, -12 and BR-IC-11, -12."""
    seller = root.all("cac:AccountingSupplierParty/cac:Party")
    buyer = root.all("cac:AccountingCustomerParty/cac:Party")
    represented = any(vat_identifier(agent) for agent in root.all("cac:TaxRepresentativeParty"))
    registered = represented or any(party.has("cac:PartyTaxScheme/cbc:CompanyID") for party in seller)
    strictly = represented or any(map(vat_identifier, seller))
    taxed_buyer = any(map(vat_identifier, buyer))
    known = taxed_buyer or any(party.has("cac:PartyLegalEntity/cbc:CompanyID") for party in buyer)
    used = {use.category for use in _uses(root) if use.kind == "line"}
    satisfied = {
        "S": registered,
        "Z": registered,
        "E": registered,
        "L": registered,
        "M": registered,
        "G": strictly,
        "AE": registered and known,
        "K": strictly and taxed_buyer,
        "O": not (strictly or taxed_buyer),
    }
    for category in sorted(used & set(satisfied)):
        if not satisfied[category]:
            yield Complaint(f"{_FAMILY[category]}-02", f"VAT identifiers do not fit category {category}")
    yield from _alone(root, used)
    yield from _delivered(root)


def _alone(root: Part, used: set[str]) -> Iterator[Complaint]:
    stated = {part.words for part in root.all("cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory/cbc:ID")}
    if "O" in stated and len(stated) > 1:
        yield Complaint("BR-O-11", "category O may not stand beside another one")
    if "O" in stated and used - {"O"}:
        yield Complaint("BR-O-12", "with category O every line must be in it")


def _delivered(root: Part) -> Iterator[Complaint]:
    stated = {part.words for part in root.all("cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory/cbc:ID")}
    if "K" not in stated:
        return
    period = root.one("cac:InvoicePeriod")
    if not root.text("cac:Delivery/cbc:ActualDeliveryDate") and (period is None or not len(period.element)):
        yield Complaint("BR-IC-11", "an intra-community supply needs a delivery date or a period")
    if not root.text("cac:Delivery/cac:DeliveryLocation/cac:Address/cac:Country/cbc:IdentificationCode"):
        yield Complaint("BR-IC-12", "an intra-community supply needs a deliver-to country")
