"""The tax breakdown: each category and rate, what it is taken of, and why no tax is charged."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from tallystick.canonical import Step, TaxBreakdown

from . import codes
from .case import Case, Faults
from .codes import trimmed
from .doubles import HUNDRED, double, over, printed, times
from .exemptions import EDUCATION_OR_HEALTH
from .head import LONGEST_TEXT
from .rates import rate_faults
from .reckoning import EXACT, HALALA, NOTHING, below_zero, exact, fine, percent_of, shown
from .rules import broken

__all__ = ["PURPOSES", "breakdown", "citizen"]

_UNTAXED: Final = ("Z", "E", "O")
_UNCODED: Final = {"E": "BR-KSA-23", "O": "BR-KSA-24", "Z": "BR-KSA-69"}
PURPOSES: Final = EDUCATION_OR_HEALTH


def breakdown(case: Case) -> Faults:
    """Rules on BG-23, once all sums are there."""
    if case.totals.amount_due_for_payment is None:
        return
    entries = case.invoice.tax_breakdown
    stated = {trimmed(entry.tax_category_code) for entry in entries}
    for category in ("S", *_UNTAXED):
        if category in case.used and category not in stated:
            yield broken(f"BR-{category}-01", "/tax_breakdown", expected=f"an entry of category {category}")
    standard = exact(
        entry.tax_category_taxable_amount or NOTHING
        for entry in entries
        if trimmed(entry.tax_category_code) == "S"
    )
    for at, entry in enumerate(entries):
        here, category = f"/tax_breakdown/{at}", trimmed(entry.tax_category_code)
        yield from _rate(entry, category, here)
        yield from _taxable(case, entry, category, here, standard)
        yield from _tax(case, entry, category, here)
        if category == "S" and (entry.exemption_reason_code or entry.exemption_reason_text):
            yield broken("BR-S-10", f"{here}/exemption_reason_code", actual=entry.exemption_reason_code or "")
        if category in _UNTAXED:
            yield from _reason(entry, category, here)
        if entry.exemption_reason_code in PURPOSES:
            yield from citizen(case)


def citizen(case: Case) -> Faults:
    """Education and health: the citizen's national number."""
    if not any(one.scheme == "NAT" for one in case.buyer.identifiers):
        yield broken("BR-KSA-49", "/buyer/identifiers")


def _rate(entry: TaxBreakdown, category: str, at: str) -> Faults:
    rate = entry.tax_category_rate
    yield from rate_faults(
        entry.tax_category_code,
        rate,
        f"{at}/tax_category_code",
        f"{at}/tax_category_rate",
        "BT-118",
        "BT-119",
    )
    if rate is None and category != "O":
        yield broken("BR-48", f"{at}/tax_category_rate")


def _taxable(case: Case, entry: TaxBreakdown, category: str, at: str, standard: Decimal) -> Faults:
    """What tax is taken of: for S over all rates together, for the others entry by entry."""
    amount = entry.tax_category_taxable_amount
    if amount is None:
        return
    here = f"{at}/tax_category_taxable_amount"
    if fine(amount):
        yield broken("BR-DEC-19", here, actual=shown(amount))
    if below_zero(amount) and category != "O":
        yield broken("BR-KSA-F-04", here, actual=shown(amount), term="BT-116")
    if category != "S" and category not in _UNTAXED:
        return
    stated = standard if category == "S" else amount
    expected = case.used.get(category)
    if expected is None or stated != expected:
        right = shown(expected) or "0"
        named = f"lines + charges - allowances of category {category}"
        yield broken(
            f"BR-{category}-08",
            here,
            expected=right,
            actual=shown(stated),
            calculation=(Step(named, (), right),),
        )


def _tax(case: Case, entry: TaxBreakdown, category: str, at: str) -> Faults:
    amount, taxable = entry.tax_category_tax_amount, entry.tax_category_taxable_amount
    if amount is None or taxable is None:
        return
    here, rate = f"{at}/tax_category_tax_amount", entry.tax_category_rate
    if fine(amount):
        yield broken("BR-DEC-20", here, actual=shown(amount))
    if below_zero(amount):
        yield broken("BR-KSA-F-04", here, actual=shown(amount), term="BT-117")
    if category in _UNTAXED and amount != 0:
        yield broken(f"BR-{category}-09", here, expected="0", actual=shown(amount))
    lines = len(case.invoice.lines) + len(case.prepayments)
    if rate is not None and _near(amount, taxable, rate, lines):
        return
    product = percent_of(taxable, rate or NOTHING)
    right = shown(product.quantize(HALALA, ROUND_HALF_UP, EXACT))
    steps = (Step("BT-116 × BT-119 ÷ 100, rounded", (shown(taxable), shown(rate)), right),)
    pointer = f"{at}/tax_category_rate" if rate is None else here
    yield broken("BR-CO-17", pointer, expected=right, actual=shown(amount), calculation=steps)
    if category == "S":
        yield broken("BR-S-09", pointer, expected=right, actual=shown(amount), calculation=steps)


def _near(amount: Decimal, taxable: Decimal, rate: Decimal, lines: int) -> bool:
    """As the rules calculate: in doubles, printed with two decimals; a halala is let pass for each line."""
    should_be = printed(times(double(taxable), over(double(rate), HUNDRED)))
    slack = lines * HALALA
    return EXACT.subtract(should_be, slack) <= amount <= EXACT.add(should_be, slack)


def _reason(entry: TaxBreakdown, category: str, at: str) -> Faults:
    code, text = entry.exemption_reason_code, entry.exemption_reason_text
    if not trimmed(code):
        yield broken(_UNCODED[category], f"{at}/exemption_reason_code", expected=_choice(category))
    elif trimmed(code) not in codes.REASONS[category]:
        yield broken(
            "BR-KSA-CL-04", f"{at}/exemption_reason_code", expected=_choice(category), actual=code or ""
        )
    if code is not None and text is None:
        yield broken("BR-KSA-83", f"{at}/exemption_reason_text")
    if text is not None and len(text) > LONGEST_TEXT and code not in PURPOSES:
        yield broken("BR-KSA-F-06-C16", f"{at}/exemption_reason_text", actual=f"{len(text)} characters")


def _choice(category: str) -> str:
    return " ".join(sorted(codes.REASONS[category]))
