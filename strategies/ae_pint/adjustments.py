"""Allowances and charges: what percentages come to, categories and reasons."""

from typing import Final

from tallystick.canonical import AllowanceOrCharge, DocumentAllowance, DocumentCharge
from tallystick.rules.binary import percentage_follows
from tallystick.rules.case import shown
from tallystick.rules.pint.amounts import percentage_step
from tallystick.rules.pint.case import Faults

from .case import AeCase

__all__ = ["adjustments"]

_BY_KIND: Final = {
    # what a percentage comes to, category N, reason of category E
    False: ("ibr-131-ae", "ibr-115-ae", "ibr-168-ae"),
    True: ("ibr-146-ae", "ibr-114-ae", "ibr-169-ae"),
}


def adjustments(case: AeCase) -> Faults:
    """All of the country's own rules about allowances and charges of document and lines."""
    for pointer, one, is_charge, _ in case.adjustments():
        follows, of_margin, of_reason = _BY_KIND[is_charge]
        yield from _percentage(case, follows, pointer, one)
        if not isinstance(one, DocumentAllowance | DocumentCharge):
            continue
        code = one.tax_category_code
        if code == "N":
            yield from case.broken(of_margin, f"{pointer}/tax_category_code", actual=code)
        if code == "E" and one.reason_code is None:
            yield from case.broken(of_reason, f"{pointer}/reason_code")


def _percentage(case: AeCase, number: str, pointer: str, one: AllowanceOrCharge) -> Faults:
    percentage, base = one.percentage, one.base_amount
    if percentage is None or base is None or percentage_follows(one.amount, base, percentage):
        return
    step = percentage_step(one)
    yield from case.broken(
        number, f"{pointer}/amount", expected=step.result, actual=shown(one.amount), calculation=(step,)
    )
