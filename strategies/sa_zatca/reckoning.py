"""How the authority's rules calculate with decimals: XPath 3.1, rounding included. In doubles: see `doubles`.

Source: XPath and XQuery Functions and Operators 3.1, and what the official rule files do with it.
"""

import math
from collections.abc import Iterable
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Context, Decimal
from functools import reduce
from typing import Final

__all__ = [
    "EXACT",
    "HALALA",
    "NOTHING",
    "below_zero",
    "cents",
    "decimals",
    "exact",
    "fine",
    "half_up",
    "percent_of",
    "price_of_one",
    "shown",
    "whole",
    "whole_below",
]

EXACT: Final = Context(prec=120)
"""Wide enough for every product and sum of the model's numbers; a quotient is rounded where it is taken."""

NOTHING: Final = Decimal(0)
HALALA: Final = Decimal("0.01")
_HALF: Final = Decimal("0.5")
_HUNDRED: Final = Decimal(100)
_QUOTIENT: Final = Decimal(1).scaleb(-18)


def decimals(number: Decimal) -> int:
    """How many decimals the number is written with: `1.50` has two, `15` none."""
    exponent = number.as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0


def fine(number: Decimal | None) -> bool:
    """Whether the number is written with more than two decimals."""
    return number is not None and not number.same_quantum(HALALA) and decimals(number) > 2


def below_zero(number: Decimal | None) -> bool:
    """Whether the rules' processor takes it for less than 0: it does so for `-0.00` too, not for `-0`."""
    if number is None or not number.is_signed():
        return False
    return number != 0 or number.as_tuple().exponent != 0


def shown(number: Decimal | None) -> str:
    """The number as it is written, without an exponent; empty for no number."""
    return "" if number is None else format(number, "f")


def whole(number: Decimal) -> Decimal:
    """`round(number)`: to the nearest whole number, a tie goes up."""
    return Decimal(math.floor(EXACT.add(number, _HALF)))


def whole_below(number: Decimal) -> Decimal:
    """`floor(number)`."""
    return Decimal(math.floor(number))


def cents(number: Decimal) -> Decimal:
    """`round(number * 100) div 100`: to two decimals, a tie goes up."""
    return EXACT.divide(whole(EXACT.multiply(number, _HUNDRED)), _HUNDRED)


def half_up(number: Decimal) -> Decimal:
    """`round(number, 2)`: to two decimals, a tie goes up."""
    return number.quantize(HALALA, ROUND_HALF_UP if number > 0 else ROUND_HALF_DOWN, EXACT)


def exact(numbers: Iterable[Decimal]) -> Decimal:
    """`sum(xs:decimal(…))`: the sum without any loss."""
    return reduce(EXACT.add, numbers, NOTHING)


def percent_of(amount: Decimal, rate: Decimal) -> Decimal:
    """So many per cent of the amount, without any loss."""
    return EXACT.divide(EXACT.multiply(amount, rate), _HUNDRED)


def price_of_one(price: Decimal, base: Decimal) -> Decimal:
    """`price div base`: 18 decimals, a tie goes down. `base` is not zero."""
    unit = _QUOTIENT  # no number of the model has more than twelve decimals
    return EXACT.divide(price, base).quantize(unit, ROUND_HALF_DOWN, EXACT)
