"""How the publishers' rules read texts and numbers: blanks, numbers, rounding, as XPath defines them."""

import re
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import Final

__all__ = [
    "cents",
    "decimals",
    "divided",
    "integer",
    "is_too_fine",
    "normal",
    "number",
    "shown",
    "units",
    "within_one",
]

_has_two_decimals: Final = Decimal("0.01").same_quantum
_HALF: Final = Decimal("0.5")
_QUOTIENT: Final = Decimal("1E-18")
_SIGNIFICANT: Final = 53
_PLAIN: Final = Decimal("1E12")
_NEARLY: Final = Decimal("0.99")
_BARELY: Final = Decimal("1.01")
"""Below `_PLAIN` a binary number is off by less than 0.001: that decides only between these two."""

_blanks: Final = re.compile("[ \t\r\n]+")
_number: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|-?INF").fullmatch
_integer: Final = re.compile(r"[ \t\r\n]*([+-]?[0-9]+)[ \t\r\n]*").fullmatch


def normal(text: str | None) -> str:
    """The text without blanks around it and with single ones inside, as XPath's `normalize-space`."""
    if not text or text.isalnum():
        return text or ""
    if "  " not in text and text.isprintable():  # no blanks but single spaces
        return text.strip(" ")
    return _blanks.sub(" ", text).strip(" ")


def number(text: str) -> Decimal | None:
    """The text as a number, which may have an exponent or be infinite; None where it is none."""
    trimmed = text.strip(" \t\r\n")
    return Decimal(trimmed) if _number(trimmed) else None


def integer(text: str) -> int | None:
    """The text as a whole number; None where it is none."""
    found = _integer(text)
    return int(found[1]) if found else None


def decimals(number: Decimal) -> int:
    """How many decimals the number is written with: `1.50` has two, `15` none."""
    exponent = number.as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def is_too_fine(number: Decimal | None) -> bool:
    """Whether there is a number and it is written with more than two decimals."""
    return number is not None and not _has_two_decimals(number) and decimals(number) > 2


def shown(number: Decimal | None) -> str:
    """The number for a reader, without an exponent; empty for no number."""
    return "" if number is None else format(number, "f")


def cents(amount: Decimal) -> Decimal:
    """Rounded to and written with two decimals, ties towards plus infinity, as XPath rounds: -0.005 is 0."""
    if _has_two_decimals(amount):
        return amount
    return (amount * 100 + _HALF).to_integral_value(ROUND_FLOOR).scaleb(-2)


def units(amount: Decimal) -> Decimal:
    """Rounded to a whole number, a half always upwards."""
    return (amount + _HALF).to_integral_value(ROUND_FLOOR)


def divided(dividend: Decimal, divisor: Decimal) -> Decimal:
    """The quotient to 18 decimals, which is how far the publishers' processor divides."""
    return (dividend / divisor).quantize(_QUOTIENT, "ROUND_HALF_UP")


def within_one(stated: Decimal, expected: Decimal) -> bool:
    """Whether the two are less than 1 apart, as the publishers' processor finds: it adds 1 in binary."""
    apart = abs(stated - expected)
    if abs(stated) < _PLAIN and not _NEARLY <= apart <= _BARELY:
        return apart < _NEARLY
    middle = _binary(Fraction(stated))
    return _binary(middle - 1) < Fraction(expected) < _binary(middle + 1)


def _binary(value: Fraction) -> Fraction:
    """The nearest number with 53 significant bits: what a floating point number makes of it."""
    whole, part = abs(value.numerator), value.denominator
    shift = _SIGNIFICANT - (whole.bit_length() - part.bit_length())
    scaled = round(value * Fraction(2) ** shift)
    if scaled.bit_length() > _SIGNIFICANT:
        shift -= scaled.bit_length() - _SIGNIFICANT
        scaled = round(value * Fraction(2) ** shift)
    return Fraction(scaled) / Fraction(2) ** shift
