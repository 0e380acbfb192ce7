"""What the network wants of allowances and charges: listed reasons, and percentages that explain amounts."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from tallystick.canonical import AllowanceOrCharge, Fault
from tallystick.rules.en16931.adjustments import is_no_reason
from tallystick.rules.en16931.case import EuropeanCase, Faults
from tallystick.rules.en16931.kinds import (
    DOCUMENT_ALLOWANCE,
    DOCUMENT_CHARGE,
    LINE_ALLOWANCE,
    LINE_CHARGE,
    Kind,
)
from tallystick.rules.en16931.steps import off, put, rounded
from tallystick.rules.lexical import cents, divided, shown

_HUNDRED: Final = Decimal(100)


def adjustments(case: EuropeanCase) -> list[Fault]:
    """Rules on BG-20, BG-21, BG-27 and BG-28."""
    faults: list[Fault] = []
    invoice = case.invoice
    if invoice.allowances:
        faults.extend(_told(case, invoice.allowances, DOCUMENT_ALLOWANCE, "/allowances"))
    if invoice.charges:
        faults.extend(_told(case, invoice.charges, DOCUMENT_CHARGE, "/charges"))
    for place, line in enumerate(invoice.lines):
        allowances, charges = line.allowances, line.charges
        if allowances and not _are_plain(allowances, LINE_ALLOWANCE):
            faults.extend(_told(case, allowances, LINE_ALLOWANCE, f"/lines/{place}/allowances"))
        if charges and not _are_plain(charges, LINE_CHARGE):
            faults.extend(_told(case, charges, LINE_CHARGE, f"/lines/{place}/charges"))
    return faults


def _are_plain(entries: Sequence[AllowanceOrCharge], kind: Kind) -> bool:
    """Whether no entry has a code that is not listed, or says how its amount comes about."""
    for entry in entries:
        strange = _is_explained(entry) or is_no_reason(entry, kind)
        if strange:
            return False
    return True


def _is_explained(entry: AllowanceOrCharge) -> bool:
    """Whether the entry says of which amount it is a part, or which part."""
    return entry.base_amount is not None or entry.percentage is not None


def _told(case: EuropeanCase, entries: Sequence[AllowanceOrCharge], kind: Kind, group: str) -> Faults:
    listed = "PEPPOL-EN16931-CL003" if kind.charge else "PEPPOL-EN16931-CL002"
    for place, entry in enumerate(entries):
        at = f"{group}/{place}"
        if is_no_reason(entry, kind):
            code = entry.reason_code or ""
            yield from case.broken(listed, f"{at}/reason_code", actual=code, term=kind.code)
        if _is_explained(entry):
            yield from _percentage(case, entry, kind, at)


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
