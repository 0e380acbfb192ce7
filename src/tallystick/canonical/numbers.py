"""The invoice's numbers: decimals that keep the digits their sender wrote.

On the wire a number is a JSON string of plain ASCII digits; a JSON number, an exponent, a sign `+`, a
blank, an underscore or another script's digits are refused before `Decimal` ever sees them.
"""

import re
from decimal import Decimal
from typing import Final

NUMBER_PATTERN: Final = r"-?[0-9]{1,18}(\.[0-9]{1,12})?"
"""The one spelling of a number: up to 18 digits, then optionally a point and up to 12 more."""

is_number: Final = re.compile(NUMBER_PATTERN).fullmatch


class Amount(Decimal):
    """Money in the unit of the currency that its term implies (document or accounting currency)."""

    __slots__ = ()


class UnitPrice(Decimal):
    """Money per unit of an item; as many decimals as the seller needs."""

    __slots__ = ()


class Quantity(Decimal):
    """A count or measure in the unit named beside it."""

    __slots__ = ()


class Percent(Decimal):
    """A percentage: `19` means 19 %."""

    __slots__ = ()


class Rate(Decimal):
    """A factor between two currencies: one unit of the first is this many of the second."""

    __slots__ = ()


NUMBERS: Final = frozenset({Amount, UnitPrice, Quantity, Percent, Rate})


def plain(number: Decimal) -> str:
    """The number's own digits without an exponent: `Decimal("1E+2")` is `100`, `100.00` stays `100.00`."""
    return format(number, "f")


def read_number(kind: type, value: object) -> object:
    """Decode one of our numbers, as msgspec asks for it. Raises ValueError if it is spelled otherwise."""
    if kind in NUMBERS and type(value) is str and is_number(value):
        return kind(value)
    raise ValueError("Expected a decimal number as a string")
