"""Allowances and charges of document and lines."""

from tallystick.rules.case import normal
from tallystick.rules.pint import codes
from tallystick.rules.pint.case import Faults, PintCase

__all__ = ["adjustments"]


def adjustments(case: PintCase) -> Faults:
    """Each needs a reason, and a reason's code is one of its list."""
    for pointer, one, is_charge, of_document in case.adjustments():
        code = one.reason_code
        if one.reason is None and code is None:
            for number in _without_reason(is_charge=is_charge, of_document=of_document):
                yield from case.broken(number, f"{pointer}/reason")
        if code is not None:
            known = codes.CHARGE_REASONS if is_charge else codes.ALLOWANCE_REASONS
            if normal(code) not in known:
                number = "ibr-cl-20" if is_charge else "ibr-cl-19"
                yield from case.broken(number, f"{pointer}/reason_code", actual=code)


def _without_reason(*, is_charge: bool, of_document: bool) -> tuple[str, ...]:
    if not is_charge:
        return ("ibr-033",) if of_document else ("ibr-042",)
    return ("ibr-038", "ibr-044") if of_document else ("ibr-044",)
