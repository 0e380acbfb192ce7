"""Allowances and charges: percentages, reasons, categories and their rates."""

from decimal import Decimal
from typing import Final

from tallystick.canonical import AllowanceOrCharge, DocumentAllowance, DocumentCharge
from tallystick.rules.binary import percentage_follows
from tallystick.rules.case import normal, shown
from tallystick.rules.pint.case import Faults

from .case import AeCase

__all__ = ["adjustments"]

_BY_KIND: Final = {
    # percentage with base, what it comes to, category N, reason of category E
    False: ("aligned-ibrp-057", "ibr-131-ae", "ibr-115-ae", "ibr-168-ae"),
    True: ("aligned-ibrp-058", "ibr-146-ae", "ibr-114-ae", "ibr-169-ae"),
}
_RATES: Final = {
    "S": ("aligned-ibrp-s-06", "aligned-ibrp-s-07"),
    "E": ("aligned-ibrp-e-06", "aligned-ibrp-e-07"),
    "Z": ("aligned-ibrp-z-06", "aligned-ibrp-z-07"),
    "O": ("aligned-ibrp-o-06", "aligned-ibrp-o-07"),
    "AE": ("aligned-ibrp-ae-06", "aligned-ibrp-ae-07"),
}
"""The rules of each category's rate, of allowances and of charges."""


def adjustments(case: AeCase) -> Faults:
    """All rules about allowances and charges of document and lines."""
    for pointer, one, is_charge, _ in case.adjustments():
        yield from _percentage(case, pointer, one, is_charge=is_charge)
        if isinstance(one, DocumentAllowance | DocumentCharge):
            yield from _category(case, pointer, one, is_charge=is_charge)


def _percentage(case: AeCase, pointer: str, one: AllowanceOrCharge, *, is_charge: bool) -> Faults:
    together, follows, _, _ = _BY_KIND[is_charge]
    percentage, base = one.percentage, one.base_amount
    if (percentage is None) != (base is None):
        missing = "percentage" if percentage is None else "base_amount"
        yield from case.broken(together, f"{pointer}/{missing}")
    if percentage is None or base is None:
        return
    if not percentage_follows(one.amount, base, percentage):
        expected = f"{shown(percentage)} % of {shown(base)}"
        yield from case.broken(follows, f"{pointer}/amount", expected=expected, actual=shown(one.amount))


def _category(
    case: AeCase, pointer: str, one: DocumentAllowance | DocumentCharge, *, is_charge: bool
) -> Faults:
    _, _, of_margin, of_reason = _BY_KIND[is_charge]
    raw, rate = one.tax_category_code, one.tax_rate
    if raw == "N":
        yield from case.broken(of_margin, f"{pointer}/tax_category_code", actual=raw)
    if raw == "E" and one.reason_code is None:
        yield from case.broken(of_reason, f"{pointer}/reason_code")
    code = normal(raw)
    if code in _RATES and not _fits(code, rate):
        number = _RATES[code][1 if is_charge else 0]
        expected = "no rate" if code == "O" else "more than 0" if code == "S" else "0"
        yield from case.broken(number, f"{pointer}/tax_rate", expected=expected, actual=shown(rate))


def _fits(code: str, rate: Decimal | None) -> bool:
    if code == "O":
        return rate is None
    if rate is None:
        return False
    return rate > 0 if code == "S" else rate == 0
