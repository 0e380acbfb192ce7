"""Allowances and charges, of the document and of its lines: reason, arithmetic, decimals, tax."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from msgspec import Struct

from tallystick.canonical import AllowanceOrCharge, DocumentAllowance, DocumentCharge, Step

from . import codes
from .blocks import REGIME, SaAdjustment
from .case import Case, Faults
from .codes import trimmed
from .doubles import HUNDRED, alike, double, floored, over, plus, printed, times
from .head import LONGEST_TEXT
from .rates import rate_faults, too_high
from .reckoning import below_zero, decimals, fine, shown
from .rules import broken

__all__ = ["LINE_ALLOWANCE", "LINE_CHARGE", "document_adjustments", "line_adjustments"]


class Kind(Struct, frozen=True, kw_only=True):
    """One of the four groups: the numbers of its rules ("" for none), and the terms of its members."""

    charge: bool
    length: str
    amount_decimals: str = ""
    base_decimals: str = ""
    coded: str = ""
    worded: str = ""
    amount: str
    base: str
    percentage: str
    code: str


_ALLOWANCE: Final = Kind(
    charge=False,
    length="BR-KSA-F-06-C35",
    amount_decimals="BR-DEC-01",
    base_decimals="BR-DEC-02",
    amount="BT-92",
    base="BT-93",
    percentage="BT-94",
    code="BT-98",
)
_CHARGE: Final = Kind(
    charge=True,
    length="BR-KSA-F-06-C33",
    amount_decimals="BR-DEC-05",
    base_decimals="BR-DEC-06",
    coded="BR-KSA-19",
    worded="BR-KSA-21",
    amount="BT-99",
    base="BT-100",
    percentage="BT-101",
    code="BT-105",
)
LINE_ALLOWANCE: Final = Kind(
    charge=False,
    length="BR-KSA-F-06-C36",
    amount="BT-136",
    base="BT-137",
    percentage="BT-138",
    code="BT-140",
)
LINE_CHARGE: Final = Kind(
    charge=True,
    length="BR-KSA-F-06-C34",
    amount_decimals="BR-DEC-27",
    base_decimals="BR-DEC-28",
    coded="BR-KSA-20",
    worded="BR-KSA-22",
    amount="BT-141",
    base="BT-142",
    percentage="BT-143",
    code="BT-145",
)

_HALF: Final = Decimal("0.5")
_RATES: Final = {"Z": ("BR-Z-06", "BR-Z-07"), "E": ("BR-E-06", "BR-E-07")}
_OUTSIDE: Final = ("BR-KSA-12", "BR-KSA-13")
_STANDARD: Final = ("BR-S-06", "BR-S-07")


def document_adjustments(case: Case) -> Faults:
    """Rules on BG-20 and BG-21."""
    invoice = case.invoice
    yield from line_adjustments(invoice.allowances, _ALLOWANCE, "/allowances")
    yield from line_adjustments(invoice.charges, _CHARGE, "/charges")
    for at, allowance in enumerate(invoice.allowances):
        for _ in range(_categories(allowance)):
            yield from _tax(allowance, f"/allowances/{at}", "BT-95", "BT-96", charge=False)
    for at, charge in enumerate(invoice.charges):
        for _ in range(_categories(charge)):
            yield from _tax(charge, f"/charges/{at}", "BT-102", "BT-103", charge=True)
    yield from _charges_at_zero(case)


def line_adjustments(entries: Sequence[AllowanceOrCharge], kind: Kind, at: str) -> Faults:
    """Rules on the entries of one group; `at` is the pointer of their array."""
    for place, entry in enumerate(entries):
        here = f"{at}/{place}"
        yield from _money(entry, kind, here)
        yield from _percentage(entry, kind, here)
        yield from _reason(entry, kind, here)


def _money(entry: AllowanceOrCharge, kind: Kind, at: str) -> Faults:
    amount, base = entry.amount, entry.base_amount
    if kind.amount_decimals and fine(amount):
        yield broken(kind.amount_decimals, f"{at}/amount", actual=shown(amount))
    if kind.base_decimals and fine(base):
        yield broken(kind.base_decimals, f"{at}/base_amount", actual=shown(base))
    if below_zero(amount):
        yield broken("BR-KSA-F-04", f"{at}/amount", actual=shown(amount), term=kind.amount)
    if below_zero(base):
        yield broken("BR-KSA-F-04", f"{at}/base_amount", actual=shown(base), term=kind.base)


def _percentage(entry: AllowanceOrCharge, kind: Kind, at: str) -> Faults:
    """Percentage and base amount come together, and explain the amount."""
    base, percentage = entry.base_amount, entry.percentage
    if percentage is not None:
        if not kind.charge and (too_high(percentage) or decimals(percentage) > 2):
            yield broken("BR-KSA-DEC-01", f"{at}/percentage", actual=shown(percentage), term=kind.percentage)
        if base is None:
            yield broken("BR-KSA-EN16931-04", f"{at}/base_amount", term=kind.base)
    if base is None:
        return
    if percentage is None:
        yield broken("BR-KSA-EN16931-05", f"{at}/percentage", term=kind.percentage)
        yield broken("BR-KSA-EN16931-03", f"{at}/amount", actual=shown(entry.amount), term=kind.amount)
        return
    product = _part_of(base, percentage)
    if not alike(product, printed(double(entry.amount))):
        right, named = shown(product), f"{kind.base} × {kind.percentage} ÷ 100, rounded"
        yield broken(
            "BR-KSA-EN16931-03",
            f"{at}/amount",
            expected=right,
            actual=shown(entry.amount),
            calculation=(Step(named, (shown(base), shown(percentage)), right),),
            term=kind.amount,
        )


def _part_of(base: Decimal, percentage: Decimal) -> Decimal:
    """As the rule calculates: in doubles, cut off after adding a half, and printed."""
    hundredfold = times(over(times(double(base), double(percentage)), HUNDRED), HUNDRED)
    return printed(over(floored(plus(hundredfold, _HALF)), HUNDRED))


def _reason(entry: AllowanceOrCharge, kind: Kind, at: str) -> Faults:
    code, reason = entry.reason_code, entry.reason
    if kind.charge:
        if code is None:
            yield broken(kind.coded, f"{at}/reason_code")
        elif code not in codes.CHARGE_REASONS:
            yield broken("BR-KSA-CL-06", f"{at}/reason_code", actual=code, term=kind.code)
        if reason is None:
            yield broken(kind.worded, f"{at}/reason")
    if reason is not None and len(reason) > LONGEST_TEXT:
        yield broken(kind.length, f"{at}/reason", actual=f"{len(reason)} characters")


def _tax(
    entry: DocumentAllowance | DocumentCharge, at: str, code_term: str, rate_term: str, *, charge: bool
) -> Faults:
    category, rate = trimmed(entry.tax_category_code), entry.tax_rate
    yield from rate_faults(
        entry.tax_category_code, rate, f"{at}/tax_category_code", f"{at}/tax_rate", code_term, rate_term
    )
    if category == "S" and (rate is None or rate <= 0):
        yield broken(_STANDARD[charge], f"{at}/tax_rate", actual=shown(rate))
    if category == "O" and rate is not None and (rate > 0 or below_zero(rate)):
        yield broken(_OUTSIDE[charge], f"{at}/tax_rate", actual=shown(rate))
    if category in _RATES and not charge and rate != 0:
        yield broken(_RATES[category][0], f"{at}/tax_rate", expected="0", actual=shown(rate))


def _categories(entry: AllowanceOrCharge) -> int:
    """How often its tax category stands in the document: documents that were read may repeat it."""
    block = entry.regime_data.get(REGIME)
    return block.tax_categories if isinstance(block, SaAdjustment) else 1


def _charges_at_zero(case: Case) -> Faults:
    """The rule looks at one charge of the category, and at the rates of all allowances and charges."""
    invoice = case.invoice
    rates = [one.tax_rate for one in invoice.allowances] + [one.tax_rate for one in invoice.charges]
    if any(rate == 0 for rate in rates):
        return
    for category, (_, number) in _RATES.items():
        for at, charge in enumerate(invoice.charges):
            if trimmed(charge.tax_category_code) == category:
                actual = shown(charge.tax_rate)
                yield broken(number, f"/charges/{at}/tax_rate", expected="0", actual=actual)
                break
