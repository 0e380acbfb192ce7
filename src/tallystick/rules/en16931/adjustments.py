"""Allowances and charges, of the document and of its lines: reason, arithmetic, decimals."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from msgspec import Struct

from tallystick.canonical import AllowanceOrCharge, Fault
from tallystick.rules.en16931 import codes
from tallystick.rules.en16931.case import EuropeanCase, Faults, is_too_fine, too_fine
from tallystick.rules.lexical import normal


class Kind(Struct, frozen=True, kw_only=True):
    """One of the four groups: the numbers of its rules, and the terms of its members."""

    reason: str
    same_reason: str
    listed: str
    reasons: frozenset[str]
    amount_decimals: str
    base_decimals: str
    amount: str
    base: str
    percentage: str
    code: str
    charge: bool


DOCUMENT_ALLOWANCE: Final = Kind(
    reason="BR-33",
    same_reason="BR-CO-21",
    listed="BR-CL-19",
    reasons=codes.ALLOWANCE_REASONS,
    amount_decimals="BR-DEC-01",
    base_decimals="BR-DEC-02",
    amount="BT-92",
    base="BT-93",
    percentage="BT-94",
    code="BT-98",
    charge=False,
)
DOCUMENT_CHARGE: Final = Kind(
    reason="BR-38",
    same_reason="BR-CO-22",
    listed="BR-CL-20",
    reasons=codes.CHARGE_REASONS,
    amount_decimals="BR-DEC-05",
    base_decimals="BR-DEC-06",
    amount="BT-99",
    base="BT-100",
    percentage="BT-101",
    code="BT-105",
    charge=True,
)
LINE_ALLOWANCE: Final = Kind(
    reason="BR-42",
    same_reason="BR-CO-23",
    listed="BR-CL-19",
    reasons=codes.ALLOWANCE_REASONS,
    amount_decimals="BR-DEC-24",
    base_decimals="BR-DEC-25",
    amount="BT-136",
    base="BT-137",
    percentage="BT-138",
    code="BT-140",
    charge=False,
)
LINE_CHARGE: Final = Kind(
    reason="BR-44",
    same_reason="BR-CO-24",
    listed="BR-CL-20",
    reasons=codes.CHARGE_REASONS,
    amount_decimals="BR-DEC-27",
    base_decimals="BR-DEC-28",
    amount="BT-141",
    base="BT-142",
    percentage="BT-143",
    code="BT-145",
    charge=True,
)


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


def groups(case: EuropeanCase) -> Iterator[tuple[Kind, str, Sequence[AllowanceOrCharge]]]:
    """The document's and its lines' groups of allowances and charges that have entries: kind, pointer."""
    invoice = case.invoice
    if invoice.allowances:
        yield DOCUMENT_ALLOWANCE, "/allowances", invoice.allowances
    if invoice.charges:
        yield DOCUMENT_CHARGE, "/charges", invoice.charges
    for place, line in enumerate(invoice.lines):
        if line.allowances:
            yield LINE_ALLOWANCE, f"/lines/{place}/allowances", line.allowances
        if line.charges:
            yield LINE_CHARGE, f"/lines/{place}/charges", line.charges
