"""The lines: what was sold, how much, at what price, under which tax."""

import re
from decimal import Decimal
from typing import Final

from tallystick.canonical import Fault, Line, Price, Step

from .adjustments import LINE_ALLOWANCE, LINE_CHARGE, line_adjustments
from .blocks import REGIME, SaLine
from .case import Case, Faults
from .codes import trimmed
from .doubles import HUNDRED, alike, double, over, plus, printed, rounded, times
from .head import LONGEST_NAME, LONGEST_TEXT
from .money import line_tax
from .rates import rate_faults
from .reckoning import (
    EXACT,
    HALALA,
    NOTHING,
    below_zero,
    exact,
    fine,
    half_up,
    price_of_one,
    shown,
    whole_below,
)
from .rules import broken

__all__ = ["LONGEST_NUMBER", "lines", "name_faults", "tax_faults"]

_SHORTEST_NAME: Final = 3
LONGEST_NUMBER: Final = 6
_NO_BLOCK: Final = SaLine()
_PRECISE: Final = Decimal(10) ** 12
_NOISE: Final = Decimal("0.00000000001")
_HALF: Final = Decimal("0.005")
_ONE: Final = Decimal(1)
_TEN: Final = Decimal(10)
_THOUSAND: Final = Decimal(1000)
_digits: Final = re.compile(r"\d+").fullmatch


def lines(case: Case) -> Faults:
    """Rules on BG-25 to BG-31, once for each line."""
    for at, line in enumerate(case.invoice.lines):
        here = f"/lines/{at}"
        yield from _quantity(line, here)
        yield from _amounts(line, here, case.decimals)
        if line.allowances:
            yield from line_adjustments(line.allowances, LINE_ALLOWANCE, f"{here}/allowances")
        if line.charges:
            yield from line_adjustments(line.charges, LINE_CHARGE, f"{here}/charges")
        yield from _price(line.price, f"{here}/price")
        yield from _tax(line, f"{here}/tax")
        yield from _item(line, f"{here}/item")


def _quantity(line: Line, at: str) -> Faults:
    number, quantity, unit = line.line_identifier, line.invoiced_quantity, line.unit_of_measure_code
    if len(number) > LONGEST_NUMBER:
        yield broken("BR-KSA-F-06-C17", f"{at}/line_identifier", actual=f"{len(number)} characters")
    if not quantity and shown(quantity) == "0":
        yield broken("BR-22", f"{at}/invoiced_quantity", actual="0")
    if below_zero(quantity):
        yield broken("BR-KSA-F-04", f"{at}/invoiced_quantity", actual=shown(quantity), term="BT-129")
    if len(unit) > LONGEST_NAME and not line_block(line).without_unit:
        yield broken("BR-KSA-F-06-C18", f"{at}/unit_of_measure_code", actual=f"{len(unit)} characters")


def _amounts(line: Line, at: str, decimals: int) -> Faults:
    net = line.net_amount
    if net is None:
        return
    if fine(net):
        yield broken("BR-DEC-23", f"{at}/net_amount", actual=shown(net))
    tax = line_tax(line, decimals)
    total = EXACT.add(tax, net)
    if fine(tax):
        yield broken("BR-KSA-DEC-03", f"{at}/regime_data/sa/tax_amount", actual=shown(tax))
    if fine(total):
        yield broken("BR-KSA-DEC-04", f"{at}/net_amount", actual=shown(total))
    if below_zero(tax):
        yield broken("BR-KSA-F-04", f"{at}/net_amount", actual=shown(net), term="KSA-11")
    if (fine(total) or total.copy_abs() >= _PRECISE) and not _adds_up(tax, net, total):
        steps = (Step("KSA-11 + BT-131", (shown(tax), shown(net)), shown(total)),)
        yield broken("BR-KSA-51", f"{at}/net_amount", actual=shown(total), calculation=steps)
    yield from _net(line, net, at, decimals)


def _adds_up(tax: Decimal, net: Decimal, total: Decimal) -> bool:
    """As the rule calculates: in doubles. What has two decimals and is no fortune adds up always."""
    hundredfold = times(plus(double(tax), double(net)), HUNDRED)
    return alike(printed(double(total)), printed(over(rounded(hundredfold), HUNDRED)))


def _net(line: Line, net: Decimal, at: str, decimals: int) -> Faults:
    """BT-131: cut off to a tenth of a halala, then rounded; a halala more or less is let pass."""
    price, base = line.price, line.price.base_quantity
    if base is None and price.base_quantity_unit_code is None:
        product = EXACT.multiply(line.invoiced_quantity, price.item_net_price)
    elif base == 0:
        return
    else:
        one = price_of_one(price.item_net_price, base if base is not None else _ONE)
        product = EXACT.multiply(line.invoiced_quantity, one)
    plain = not line.charges and not line.allowances
    if plain and not fine(net) and -_HALF <= EXACT.subtract(product, net) <= _HALF:
        return
    cut = EXACT.add(EXACT.divide(whole_below(EXACT.multiply(product, _THOUSAND)), _TEN), _NOISE)
    more = exact(charge.amount for charge in line.charges)
    less = exact(allowance.amount for allowance in line.allowances)
    expected = half_up(EXACT.subtract(EXACT.add(EXACT.divide(cut, HUNDRED), more), less))
    if net not in (expected, EXACT.add(expected, HALALA), EXACT.subtract(expected, HALALA)):
        # A net amount that was computed in a currency of two decimals is right: this one was stated.
        stated = decimals == 2 and not fine(net)
        yield _unexplained(line, net, expected, (more, less), at, stated=stated)


def _unexplained(
    line: Line, net: Decimal, expected: Decimal, adjusted: tuple[Decimal, Decimal], at: str, *, stated: bool
) -> Fault:
    price, base = line.price, line.price.base_quantity
    operands = [line.invoiced_quantity, price.item_net_price, *([base] if base is not None else [])]
    named = "BT-129 × BT-146" if base is None else "BT-129 × BT-146 ÷ BT-149"
    if line.charges or line.allowances:
        named += " + sum of BT-141 - sum of BT-136"
        operands += adjusted
    right, pointer = shown(expected), f"{at}/net_amount"
    return broken(
        "BR-KSA-EN16931-11",
        pointer,
        expected=right,
        actual=shown(net),
        calculation=(Step(named, tuple(map(shown, operands)), right),),
        fix=({"op": "replace", "path": pointer, "value": right},) if stated else (),
    )


def _price(price: Price, at: str) -> Faults:
    net, gross, discount = price.item_net_price, price.item_gross_price, price.item_price_discount
    if below_zero(net):
        yield broken("BR-KSA-F-04", f"{at}/item_net_price", actual=shown(net), term="BT-146")
    if below_zero(discount):
        yield broken("BR-KSA-F-04", f"{at}/item_price_discount", actual=shown(discount), term="BT-147")
    if gross is not None:
        yield from _gross(net, gross, discount, at)
    base, unit = price.base_quantity, price.base_quantity_unit_code
    if base is not None and base <= 0:
        yield broken("BR-KSA-EN16931-12", f"{at}/base_quantity", actual=shown(base))
    if unit is not None and len(unit) > LONGEST_NAME:
        yield broken("BR-KSA-F-06-C21", f"{at}/base_quantity_unit_code", actual=f"{len(unit)} characters")


def _gross(net: Decimal, gross: Decimal, discount: Decimal | None, at: str) -> Faults:
    if below_zero(gross):
        yield broken("BR-KSA-F-04", f"{at}/item_gross_price", actual=shown(gross), term="BT-148")
    expected = EXACT.subtract(gross, discount or NOTHING)
    if net != expected:
        yield broken(
            "BR-KSA-EN16931-07",
            f"{at}/item_net_price",
            expected=shown(expected),
            actual=shown(net),
            calculation=(Step("BT-148 - BT-147", (shown(gross), shown(discount)), shown(expected)),),
        )


def _tax(line: Line, at: str) -> Faults:
    """Category and rate, which a line shares with most others."""
    code, rate = line.tax.category_code, line.tax.rate
    if code == "S" and rate is not None and (rate == 15 or rate == 5) and rate.as_tuple().exponent in (0, -2):
        return
    yield from tax_faults(code, rate, f"{at}/category_code", f"{at}/rate", "BT-151", "BT-152")


def tax_faults(
    code: str, rate: Decimal | None, code_at: str, rate_at: str, code_term: str, rate_term: str
) -> Faults:
    """Rules on the category and rate of a line's item."""
    category = trimmed(code)
    yield from rate_faults(code, rate, code_at, rate_at, code_term, rate_term)
    if category == "S" and (rate is None or rate <= 0):
        yield broken("BR-S-05", rate_at, actual=shown(rate), term=rate_term)
    elif category in ("Z", "E") and rate != 0:
        yield broken(f"BR-{category}-05", rate_at, expected="0", actual=shown(rate), term=rate_term)
    elif category == "O" and rate is not None and (rate > 0 or below_zero(rate)):
        yield broken("BR-KSA-11", rate_at, actual=shown(rate), term=rate_term)


def _item(line: Line, at: str) -> Faults:
    item = line.item
    yield from name_faults(item.name, f"{at}/name")
    standard = item.standard_identifier
    identifiers = (
        ("BR-KSA-F-06-C30", item.buyers_identifier, "buyers_identifier"),
        ("BR-KSA-F-06-C31", item.sellers_identifier, "sellers_identifier"),
        ("BR-KSA-F-06-C20", standard.value if standard else None, "standard_identifier/value"),
    )
    for number, value, member in identifiers:
        if value is not None and len(value) > LONGEST_NAME:
            yield broken(number, f"{at}/{member}", actual=f"{len(value)} characters")


def line_block(line: Line) -> SaLine:
    """The line's block, or an empty one."""
    found = line.regime_data.get(REGIME)
    return found if isinstance(found, SaLine) else _NO_BLOCK


def name_faults(name: str, at: str) -> Faults:
    """Rules on an item's name."""
    if not _SHORTEST_NAME <= len(name) <= LONGEST_TEXT:
        yield broken("BR-KSA-F-06-C19", at, actual=f"{len(name)} characters")
    if _digits(name):
        yield broken("BR-KSA-F-C-01", at, actual=name)
