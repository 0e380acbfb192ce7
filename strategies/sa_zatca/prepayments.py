"""What was paid in advance: a line of nothing for each prepayment, and a sum that has to agree with them."""

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from tallystick.canonical import Step

from . import codes
from .blocks import Prepayment
from .breakdown import PURPOSES, citizen
from .case import Case, Faults
from .codes import trimmed
from .doubles import HUNDRED, added, alike, double, over, plus, printed, rounded, times
from .exemptions import text_of
from .head import LONGEST_NAME, LONGEST_TEXT
from .lines import LONGEST_NUMBER, name_faults, tax_faults
from .profile import prepaid_name
from .rates import rate_faults
from .reckoning import EXACT, HALALA, NOTHING, below_zero, exact, fine, half_up, percent_of, shown
from .rules import broken

__all__ = ["prepayments"]

_AT: Final = "/regime_data/sa/prepayments"
_A_LITTLE: Final = double(HALALA)
_PRINTED_ZERO: Final = Decimal("0.00")
_UNTAXED: Final = {
    "Z": ("BR-KSA-76", "BR-KSA-93"),
    "E": ("BR-KSA-77", "BR-KSA-94"),
    "O": ("BR-KSA-78", "BR-KSA-95"),
}
"""By category: the rule on its rate, and the one on its reason."""


def prepayments(case: Case) -> Faults:
    """Rules on prepayments, and on references to documents that stand in lines."""
    paid = case.totals.paid_amount or NOTHING
    taxes = [one.tax(case.decimals) for one in case.prepayments]
    objects = [at for at, line in enumerate(case.invoice.lines) if line.object_identifier is not None]
    yield from _sum(case, paid, taxes, foreign=bool(objects))
    if paid > 0:
        yield from _references(case, objects)
    for at, (one, tax) in enumerate(zip(case.prepayments, taxes, strict=True)):
        here = f"{_AT}/{at}"
        yield from _line(one, here)
        yield from _amounts(one, tax, here, paid=paid > 0)
        yield from _category(one, here, paid=paid > 0)
        yield from _reason(case, one, here)


def _sum(case: Case, paid: Decimal, taxes: list[Decimal], *, foreign: bool) -> Faults:
    """BT-113 is the sum of what was paid, and there is nothing to say of nothing."""
    amounts = [one.taxable_amount for one in case.prepayments]
    taxable, tax = added(amounts), added(taxes)
    same = alike(_printed(paid), printed(plus(taxable, tax)))
    mixed = foreign and paid != 0 and taxable > 0 and tax > 0
    if same and not mixed and not (paid == 0 and amounts):
        return
    right = exact((*amounts, *taxes))
    steps = (Step("sum of KSA-31 + KSA-32", (shown(exact(amounts)), shown(exact(taxes))), shown(right)),)
    at = "/document_totals/paid_amount"
    yield broken("BR-KSA-80", at, expected=shown(right), actual=shown(paid), calculation=steps)


def _printed(paid: Decimal) -> Decimal:
    """`format-number(paid, '#.00')` of a decimal, whose zero has no sign."""
    return EXACT.add(paid, NOTHING).quantize(HALALA, ROUND_HALF_EVEN, EXACT)


def _references(case: Case, objects: list[int]) -> Faults:
    """Something was paid: each document that a line points to is taken for a prepayment invoice."""
    if not case.prepayments and not objects:
        yield broken("BR-KSA-73", _AT, actual="none")
    for at in objects:
        for number in ("BR-KSA-73", "BR-KSA-74", "BR-KSA-75"):
            yield broken(number, f"/lines/{at}/object_identifier")
    for at, one in enumerate(case.prepayments):
        if one.rate is None:
            yield broken("BR-KSA-75", f"{_AT}/{at}/rate")


def _line(one: Prepayment, at: str) -> Faults:
    """What is asked of every line, of the one that the prepayment becomes."""
    number, unit = one.line_identifier, one.unit_of_measure_code
    if number is not None and len(number) > LONGEST_NUMBER:
        yield broken("BR-KSA-F-06-C17", f"{at}/line_identifier", actual=f"{len(number)} characters")
    if unit is not None and len(unit) > LONGEST_NAME:
        yield broken("BR-KSA-F-06-C18", f"{at}/unit_of_measure_code", actual=f"{len(unit)} characters")
    yield from name_faults(prepaid_name(one), f"{at}/item_name")
    yield from tax_faults(
        one.category_code, one.rate, f"{at}/category_code", f"{at}/rate", "KSA-33", "KSA-34"
    )


def _amounts(one: Prepayment, tax: Decimal, at: str, *, paid: bool) -> Faults:
    taxable = one.taxable_amount
    if paid and (fine(taxable) or fine(tax)):
        yield broken("BR-KSA-DEC-06", f"{at}/taxable_amount", actual=f"{shown(taxable)}, {shown(tax)}")
    if below_zero(taxable):
        yield broken("BR-KSA-F-04", f"{at}/taxable_amount", actual=shown(taxable), term="KSA-31")
    if below_zero(tax):
        yield broken("BR-KSA-F-04", f"{at}/tax_amount", actual=shown(tax), term="KSA-32")
    if one.rate is None:
        yield broken("BR-KSA-79", f"{at}/rate", actual="no rate")
    elif not _near(one, one.rate, tax):
        right = shown(half_up(percent_of(one.taxable_amount, one.rate)))
        steps = (Step("KSA-31 × KSA-34 ÷ 100, rounded", (shown(taxable), shown(one.rate)), right),)
        yield broken("BR-KSA-79", f"{at}/tax_amount", expected=right, actual=shown(tax), calculation=steps)


def _near(one: Prepayment, rate: Decimal, tax: Decimal) -> bool:
    """Of Z and E the tax is nothing, and what the rate makes of it; of all others a halala is let pass."""
    stated = printed(double(tax))
    if trimmed(one.category_code) in ("Z", "E"):
        return alike(stated, _PRINTED_ZERO) and half_up(percent_of(one.taxable_amount, rate)) == 0
    hundredfold = times(over(times(double(one.taxable_amount), double(rate)), HUNDRED), HUNDRED)
    right = over(rounded(plus(hundredfold, _A_LITTLE)), HUNDRED)
    offs = (_A_LITTLE, _A_LITTLE.copy_negate(), NOTHING)
    return any(alike(stated, printed(plus(right, off))) for off in offs)


def _category(one: Prepayment, at: str, *, paid: bool) -> Faults:
    category, rate = trimmed(one.category_code), one.rate
    yield from rate_faults(one.category_code, rate, f"{at}/category_code", f"{at}/rate", "KSA-33", "KSA-34")
    if paid and category in _UNTAXED and rate != 0:
        yield broken(_UNTAXED[category][0], f"{at}/rate", expected="0", actual=shown(rate))


def _reason(case: Case, one: Prepayment, at: str) -> Faults:
    """Why no tax is charged. The rules ask only where something of the document is of category S."""
    code, category = one.exemption_reason_code, trimmed(one.category_code)
    text = one.exemption_reason or text_of(code)
    if code in PURPOSES:
        yield from citizen(case)
    if category not in _UNTAXED or not case.taxed:
        return
    if not trimmed(code):
        yield broken(_UNTAXED[category][1], f"{at}/exemption_reason_code")
    elif trimmed(code) not in codes.PREPAID_REASONS[category]:
        choice = " ".join(sorted(codes.PREPAID_REASONS[category]))
        yield broken("BR-KSA-CL-07", f"{at}/exemption_reason_code", expected=choice, actual=code or "")
    if code is not None and text is None:
        yield broken("BR-KSA-96", f"{at}/exemption_reason")
    if text is not None and len(text) > LONGEST_TEXT:
        yield broken("BR-KSA-F-06-C39", f"{at}/exemption_reason", actual=f"{len(text)} characters")
