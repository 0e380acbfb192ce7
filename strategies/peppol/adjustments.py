"""Allowances and charges, of the document and of its lines: reason, arithmetic, decimals."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from msgspec import Struct

from tallystick.canonical import AllowanceOrCharge, Step

from . import codes
from .case import Case, Faults, shown, too_fine
from .lexical import divided, normal
from .rules import broken

_HUNDRED: Final = Decimal(100)

SLACK: Final = Decimal("0.02")
"""How far Peppol lets a product be from the amount it explains."""


class Kind(Struct, frozen=True, kw_only=True):
    """One of the four groups: the numbers of its rules, and the terms of its members."""

    reason: str
    same_reason: str
    listed: str
    network_listed: str
    reasons: frozenset[str]
    amount_decimals: str
    base_decimals: str
    amount: str
    base: str
    percentage: str
    code: str


DOCUMENT_ALLOWANCE: Final = Kind(
    reason="BR-33",
    same_reason="BR-CO-21",
    listed="BR-CL-19",
    network_listed="PEPPOL-EN16931-CL002",
    reasons=codes.ALLOWANCE_REASONS,
    amount_decimals="BR-DEC-01",
    base_decimals="BR-DEC-02",
    amount="BT-92",
    base="BT-93",
    percentage="BT-94",
    code="BT-98",
)
DOCUMENT_CHARGE: Final = Kind(
    reason="BR-38",
    same_reason="BR-CO-22",
    listed="BR-CL-20",
    network_listed="PEPPOL-EN16931-CL003",
    reasons=codes.CHARGE_REASONS,
    amount_decimals="BR-DEC-05",
    base_decimals="BR-DEC-06",
    amount="BT-99",
    base="BT-100",
    percentage="BT-101",
    code="BT-105",
)
LINE_ALLOWANCE: Final = Kind(
    reason="BR-42",
    same_reason="BR-CO-23",
    listed="BR-CL-19",
    network_listed="PEPPOL-EN16931-CL002",
    reasons=codes.ALLOWANCE_REASONS,
    amount_decimals="BR-DEC-24",
    base_decimals="BR-DEC-25",
    amount="BT-136",
    base="BT-137",
    percentage="BT-138",
    code="BT-140",
)
LINE_CHARGE: Final = Kind(
    reason="BR-44",
    same_reason="BR-CO-24",
    listed="BR-CL-20",
    network_listed="PEPPOL-EN16931-CL003",
    reasons=codes.CHARGE_REASONS,
    amount_decimals="BR-DEC-27",
    base_decimals="BR-DEC-28",
    amount="BT-141",
    base="BT-142",
    percentage="BT-143",
    code="BT-145",
)


def adjustments(case: Case, entries: Sequence[AllowanceOrCharge], kind: Kind, at: str) -> Faults:
    """Rules on the entries of one group; `at` is the pointer of their array."""
    for place, entry in enumerate(entries):
        yield from _adjustment(case, entry, kind, f"{at}/{place}")


def _adjustment(case: Case, entry: AllowanceOrCharge, kind: Kind, at: str) -> Faults:
    if entry.reason is None and entry.reason_code is None:
        yield broken(kind.reason, f"{at}/reason")
        yield broken(kind.same_reason, f"{at}/reason")
    if entry.reason_code is not None and normal(entry.reason_code) not in kind.reasons:
        yield broken(kind.listed, f"{at}/reason_code", actual=entry.reason_code, term=kind.code)
        if case.rules.peppol:
            yield broken(kind.network_listed, f"{at}/reason_code", actual=entry.reason_code, term=kind.code)
    yield from too_fine(entry.amount, f"{at}/amount", kind.amount_decimals)
    yield from too_fine(entry.base_amount, f"{at}/base_amount", kind.base_decimals)
    if case.rules.peppol:
        yield from _percentage(entry, kind, at)


def _percentage(entry: AllowanceOrCharge, kind: Kind, at: str) -> Faults:
    """Percentage and base amount come together, and explain the amount."""
    base, percentage = entry.base_amount, entry.percentage
    if base is None and percentage is None:
        return
    if base is None:
        yield broken("PEPPOL-EN16931-R041", f"{at}/base_amount", term=kind.base)
    elif percentage is None:
        yield broken("PEPPOL-EN16931-R042", f"{at}/percentage", term=kind.percentage)
    else:
        product = divided(base * percentage, _HUNDRED)
        if abs(entry.amount - product) > SLACK:
            yield broken(
                "PEPPOL-EN16931-R040",
                f"{at}/amount",
                expected=shown(product.quantize(Decimal("0.01"))),
                actual=shown(entry.amount),
                calculation=(
                    Step(
                        f"{kind.base} × {kind.percentage} ÷ 100",
                        (shown(base), shown(percentage)),
                        shown(product),
                    ),
                ),
                term=kind.amount,
            )
