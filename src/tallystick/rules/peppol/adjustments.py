"""What the network wants of allowances and charges: listed reasons, and percentages that explain amounts."""

from decimal import Decimal
from typing import Final

from tallystick.canonical import AllowanceOrCharge, Fault
from tallystick.rules.en16931.adjustments import Kind, groups, is_no_reason
from tallystick.rules.en16931.case import EuropeanCase, Faults
from tallystick.rules.en16931.steps import off, put, rounded
from tallystick.rules.lexical import cents, divided, shown

_HUNDRED: Final = Decimal(100)


def adjustments(case: EuropeanCase) -> list[Fault]:
    """Rules on BG-20, BG-21, BG-27 and BG-28."""
    faults: list[Fault] = []
    for kind, group, entries in groups(case):
        for place, entry in enumerate(entries):
            if is_no_reason(entry, kind):
                faults.extend(_reason(case, entry, kind, f"{group}/{place}"))
            if entry.base_amount is not None or entry.percentage is not None:
                faults.extend(_percentage(case, entry, kind, f"{group}/{place}"))
    return faults


def _reason(case: EuropeanCase, entry: AllowanceOrCharge, kind: Kind, at: str) -> Faults:
    listed = "PEPPOL-EN16931-CL003" if kind.charge else "PEPPOL-EN16931-CL002"
    yield from case.broken(listed, f"{at}/reason_code", actual=entry.reason_code or "", term=kind.code)


def _percentage(case: EuropeanCase, entry: AllowanceOrCharge, kind: Kind, at: str) -> Faults:
    """Percentage and base amount come together, and explain the amount."""
    base, percentage = entry.base_amount, entry.percentage
    if base is None:
        yield from case.broken("PEPPOL-EN16931-R041", f"{at}/base_amount", term=kind.base)
    elif percentage is None:
        yield from case.broken("PEPPOL-EN16931-R042", f"{at}/percentage", term=kind.percentage)
    else:
        product = divided(base * percentage, _HUNDRED)
        if abs(entry.amount - product) > case.slack:
            right = cents(product)
            steps = rounded(f"{kind.base} × {kind.percentage} ÷ 100", (base, percentage), product, right)
            yield from case.broken(
                "PEPPOL-EN16931-R040",
                f"{at}/amount",
                expected=shown(right),
                actual=shown(entry.amount),
                calculation=(*steps, off(entry.amount, product, f"{case.slack}")),
                term=kind.amount,
                fix=put(f"{at}/amount", right),
            )
