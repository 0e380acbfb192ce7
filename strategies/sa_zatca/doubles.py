"""Binary doubles without a float: every double is a decimal number, and here it is one.

The authority's rules calculate in doubles (IEEE 754 binary64) and compare what they print. To say what they
say, noise and ties included, their steps are gone one by one, each rounded to the nearest double.
"""

import math
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import reduce
from typing import Final

__all__ = ["HUNDRED", "added", "alike", "double", "floored", "over", "plus", "printed", "rounded", "times"]

HUNDRED: Final = Decimal(100)
_BITS: Final = 53
_ALL: Final = Context(prec=600)
"""Wide enough for the exact product of any two doubles that come from an invoice's numbers."""
_DIGITS: Final = tuple(Context(prec=digits, rounding=ROUND_HALF_EVEN) for digits in (15, 16, 17))
_HALF: Final = Decimal("0.5")
_CENT: Final = Decimal("0.01")
_NOTHING: Final = Decimal(0)
_ZERO: Final = Decimal("0.0")


def double(number: Decimal) -> Decimal:
    """The double nearest to the number; of two equally near, the even one. Zero keeps its sign."""
    if not number:
        return number
    top, bottom = number.copy_abs().as_integer_ratio()
    shift = _BITS - (top.bit_length() - bottom.bit_length())
    fraction = _fraction(top, bottom, shift)
    if fraction.bit_length() > _BITS:
        shift -= 1
        fraction = _fraction(top, bottom, shift)
    exact = Decimal(fraction << -shift) if shift <= 0 else Decimal(fraction * 5**shift).scaleb(-shift, _ALL)
    return exact.copy_sign(number)


def _fraction(top: int, bottom: int, shift: int) -> int:
    """`top / bottom * 2**shift`, rounded to the nearest whole number, ties to the even one."""
    if shift >= 0:
        top <<= shift
    else:
        bottom <<= -shift
    whole, rest = divmod(top, bottom)
    return whole + (2 * rest > bottom or (2 * rest == bottom and whole & 1))


def times(one: Decimal, other: Decimal) -> Decimal:
    """The product of two doubles."""
    return double(_ALL.multiply(one, other))


def plus(one: Decimal, other: Decimal) -> Decimal:
    """The sum of two doubles."""
    return double(_ALL.add(one, other))


def over(one: Decimal, other: Decimal) -> Decimal:
    """The quotient of two doubles. `other` is not zero."""
    return double(_ALL.divide(one, other))


def rounded(number: Decimal) -> Decimal:
    """`round(number)`: a tie goes up. What is rounded to zero from below stays below."""
    whole = Decimal(math.floor(_ALL.add(number, _HALF)))
    return double(whole) if whole else _ZERO.copy_sign(number)


def floored(number: Decimal) -> Decimal:
    """`floor(number)`."""
    return double(Decimal(math.floor(number)))


def added(numbers: Iterable[Decimal]) -> Decimal:
    """`sum(…)` over untyped texts: one after the other, each sum a double."""
    parts = [double(number) for number in numbers]
    return reduce(plus, parts) if parts else _NOTHING


def printed(number: Decimal) -> Decimal:
    """`format-number(number, '#.00')` of a double: its shortest spelling with two decimals, a tie to even."""
    return _shortest(number).quantize(_CENT, ROUND_HALF_EVEN, _ALL)


def alike(one: Decimal, other: Decimal) -> bool:
    """Whether two printed numbers are the same text: a zero from below is printed with its sign."""
    return one == other and one.is_signed() == other.is_signed()


def _shortest(number: Decimal) -> Decimal:
    if not number:
        return number
    for digits in _DIGITS:
        spelled = digits.plus(number)
        if double(spelled) == number:
            return spelled
    return number
