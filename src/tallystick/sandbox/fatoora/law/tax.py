"""The VAT breakdown and the reasons for paying none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from tallystick.sandbox.fatoora.finding import Finding, error, warning
from tallystick.sandbox.fatoora.law.rates import category
from tallystick.sandbox.fatoora.law.words import CENT, is_charge, lines_of, rounded, scheme_is_vat
from tallystick.sandbox.judge.paper import Part

_REASONS = {
    "E": frozenset({"VATEX-SA-29", "VATEX-SA-29-7", "VATEX-SA-30"}),
    "O": frozenset({"VATEX-SA-OOS"}),
}
_ZERO_RATED = re.compile(
    r"VATEX-SA-(32|33|34-[1-5]|35|36|EDU|HEA|MLTRY|DIPLOMAT|DUTYFREE|ROYALDECREE|32\(bis\))"
)
_NEEDS = {"E": "BR-KSA-23", "O": "BR-KSA-24", "Z": "BR-KSA-69"}


def _subtotals(root: Part) -> list[Part]:
    return root.all("cac:TaxTotal/cac:TaxSubtotal")


def breakdown(root: Part) -> Iterator[Finding]:
    """Every row, their sum, and what they are a breakdown of."""
    rows = _subtotals(root)
    if not rows:
        yield error("BR-CO-18", "An Invoice shall at least have one VAT breakdown group (BG-23)")
    allowed = CENT * max(len(lines_of(root)), 1)
    for row in rows:
        yield from _row(row, allowed)
    for total in root.all("cac:TaxTotal"):
        parts = total.all("cac:TaxSubtotal")
        if parts and total.amount("cbc:TaxAmount") != sum(
            (one.amount("cbc:TaxAmount") for one in parts), Decimal(0)
        ):
            yield error("BR-CO-14", "The VAT total (BT-110) is not the sum of the breakdown")
    yield from _taxable(root, rows)


def _row(row: Part, allowed: Decimal) -> Iterator[Finding]:
    described = row.one("cac:TaxCategory")
    of_vat = described is not None and scheme_is_vat(described)
    code, rate = row.text("cac:TaxCategory/cbc:ID"), row.number("cac:TaxCategory/cbc:Percent")
    taxable, tax = row.number("cbc:TaxableAmount"), row.number("cbc:TaxAmount")
    if taxable is None:
        yield error("BR-45", "Each VAT breakdown shall have a taxable amount (BT-116)")
    if tax is None:
        yield error("BR-46", "Each VAT breakdown shall have a tax amount (BT-117)")
    if not code or not of_vat:
        yield error("BR-47", "Each VAT breakdown shall have a category (BT-118)")
    if (rate is None and code != "O") or not of_vat:
        yield error("BR-48", "Each VAT breakdown shall have a rate (BT-119)")
    if described is not None:
        yield from category(described, "a breakdown")
    if code in ("Z", "E", "O") and tax:
        yield error(f"BR-{code}-09", f"The VAT of category {code} must be 0")
    due = rounded((taxable or Decimal(0)) * (rate or Decimal(0)) / 100)
    if tax is not None and abs(due - tax) >= allowed + CENT:
        yield warning("BR-CO-17", "The VAT of a category is not its taxable amount times its rate")


def _taxable(root: Part, rows: list[Part]) -> Iterator[Finding]:
    """Taxable amounts by category: lines, less allowances, with charges."""
    due: dict[str, Decimal] = {}
    for line in lines_of(root):
        code = line.text("cac:Item/cac:ClassifiedTaxCategory/cbc:ID")
        due[code] = due.get(code, Decimal(0)) + line.amount("cbc:LineExtensionAmount")
    for part in root.all("cac:AllowanceCharge"):
        code = part.text("cac:TaxCategory/cbc:ID")
        signed = part.amount("cbc:Amount") * (1 if is_charge(part) else -1)
        due[code] = due.get(code, Decimal(0)) + signed
    told: dict[str, Decimal] = {}
    for row in rows:
        code = row.text("cac:TaxCategory/cbc:ID")
        told[code] = told.get(code, Decimal(0)) + row.amount("cbc:TaxableAmount")
    for code in ("S", "Z", "E", "O"):
        if code in due and code not in told:
            yield warning(f"BR-{code}-01", f"There is category {code} but no breakdown of it")
        elif code in told and told[code] != due.get(code, Decimal(0)):
            yield warning(f"BR-{code}-08", f"The taxable amount of category {code} is not that of its lines")


def exemptions(root: Part) -> Iterator[Finding]:
    """Reason and reason code where no VAT is due, none where it is."""
    for row in _subtotals(root):
        code = row.text("cac:TaxCategory/cbc:ID")
        reason = row.text("cac:TaxCategory/cbc:TaxExemptionReasonCode")
        if code in _NEEDS and not reason:
            yield warning(_NEEDS[code], f"Category {code} needs a reason code (BT-121)")
        if reason and not row.text("cac:TaxCategory/cbc:TaxExemptionReason"):
            yield warning("BR-KSA-83", "A reason code needs the reason itself (BT-120)")
        if code in _NEEDS and reason and not _belongs(code, reason):
            yield warning("BR-KSA-CL-04", f"{reason} is no reason of category {code}")
        if code == "S" and reason:
            yield warning("BR-S-10", "Category S has no exemption reason")


def _belongs(code: str, reason: str) -> bool:
    return bool(_ZERO_RATED.fullmatch(reason)) if code == "Z" else reason in _REASONS[code]
