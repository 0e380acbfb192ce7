"""Allowances and charges on the document."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.sandbox.fatoora.finding import Finding, error, warning
from tallystick.sandbox.fatoora.law.rates import category
from tallystick.sandbox.fatoora.law.words import decimals, is_charge, rounded, scheme_is_vat
from tallystick.sandbox.judge.codes import CHARGE_REASONS
from tallystick.sandbox.judge.paper import Part


def allowances(root: Part) -> Iterator[Finding]:
    """Amount, category, reasons, and the percentage they came of."""
    for part in root.all("cac:AllowanceCharge"):
        if part.text("cbc:ChargeIndicator") not in ("true", "false", "1", "0"):
            yield error("BR-KSA-F-02", "The charge indicator must be true or false")
        charge = is_charge(part)
        found = part.one("cac:TaxCategory")
        if found is None or not found.text("cbc:ID") or not scheme_is_vat(found):
            rule, text = ("BR-37", "charge") if charge else ("BR-32", "allowance")
            yield (warning if charge else error)(
                rule, f"Each document level {text} shall have a VAT category"
            )
        if charge:
            yield from _charged(part)
        if found is not None:
            yield from category(found, "a charge" if charge else "an allowance")
            yield from _rate(found, charge=charge)
        yield from percentage(part)


def _rate(found: Part, *, charge: bool) -> Iterator[Finding]:
    code, rate = found.text("cbc:ID"), found.amount("cbc:Percent")
    if code == "O" and rate != 0:
        yield warning("BR-KSA-13" if charge else "BR-KSA-12", "Category O has no rate")
    if code == "S" and rate <= 0:
        rule, text = ("BR-S-07", "A charge") if charge else ("BR-S-06", "An allowance")
        yield (warning if charge else error)(rule, f"{text} of category S must have a rate above 0")


def _charged(part: Part) -> Iterator[Finding]:
    code = part.text("cbc:AllowanceChargeReasonCode")
    if not code:
        yield warning("BR-KSA-19", "A charge must have a reason code (BT-105)")
    elif code not in CHARGE_REASONS:
        yield warning("BR-KSA-CL-06", f"{code} is no charge reason of UNTDID 7161")
    if not part.text("cbc:AllowanceChargeReason"):
        yield warning("BR-KSA-21", "A charge must have a reason (BT-104)")


def percentage(part: Part) -> Iterator[Finding]:
    """An allowance's or charge's amount against its base and percentage."""
    factor = part.number("cbc:MultiplierFactorNumeric")
    base = part.number("cbc:BaseAmount")
    if factor is not None and (
        not 0 <= factor <= 100 or decimals(part.text("cbc:MultiplierFactorNumeric")) > 2
    ):
        yield error("BR-KSA-DEC-01", "A percentage must lie between 0 and 100, with at most 2 decimals")
    if base is not None and factor is None:
        yield warning("BR-KSA-EN16931-05", "A base amount needs its percentage")
    if factor is not None and base is None:
        yield warning("BR-KSA-EN16931-04", "A percentage needs its base amount")
    if (
        factor is not None
        and base is not None
        and rounded(part.amount("cbc:Amount")) != rounded(base * factor / 100)
    ):
        yield warning("BR-KSA-EN16931-03", "The amount must be the base amount times the percentage")
