"""Allowances and charges, of the document and of its lines: reason, arithmetic, decimals."""

from collections.abc import Iterable, Sequence

from tallystick.canonical import AllowanceOrCharge, Fault
from tallystick.rules.en16931.case import EuropeanCase, Faults, too_fine
from tallystick.rules.en16931.kinds import Kind
from tallystick.rules.lexical import is_too_fine, normal


def adjustments(
    case: EuropeanCase, entries: Sequence[AllowanceOrCharge], kind: Kind, at: str
) -> Iterable[Fault]:
    """Rules on the entries of one group; `at` is the pointer of their array."""
    return () if are_right(entries, kind) else _told(case, entries, kind, at)


def are_right(entries: Sequence[AllowanceOrCharge], kind: Kind) -> bool:
    """Whether no entry breaks a rule of its kind."""
    for entry in entries:
        wrong = (
            _is_unexplained(entry)
            or is_no_reason(entry, kind)
            or is_too_fine(entry.amount)
            or is_too_fine(entry.base_amount)
        )
        if wrong:
            return False
    return True


def _told(case: EuropeanCase, entries: Sequence[AllowanceOrCharge], kind: Kind, at: str) -> Faults:
    for place, entry in enumerate(entries):
        yield from _adjustment(case, entry, kind, f"{at}/{place}")


def _adjustment(case: EuropeanCase, entry: AllowanceOrCharge, kind: Kind, at: str) -> Faults:
    if _is_unexplained(entry):
        yield from case.broken(kind.reason, f"{at}/reason")
        yield from case.broken(kind.same_reason, f"{at}/reason")
    if is_no_reason(entry, kind):
        yield from case.broken(
            kind.listed, f"{at}/reason_code", actual=entry.reason_code or "", term=kind.code
        )
    yield from too_fine(case, entry.amount, f"{at}/amount", kind.amount_decimals)
    yield from too_fine(case, entry.base_amount, f"{at}/base_amount", kind.base_decimals)


def _is_unexplained(entry: AllowanceOrCharge) -> bool:
    """Whether the entry has a reason neither in words nor as a code."""
    return entry.reason_code is None and entry.reason is None


def is_no_reason(entry: AllowanceOrCharge, kind: Kind) -> bool:
    """Whether the entry has a code that is no reason of its kind."""
    code = entry.reason_code
    return code is not None and code not in kind.reasons and normal(code) not in kind.reasons
