"""GSTINs: fifteen characters, of which the last one checks the others."""

from typing import Final

__all__ = ["check_character", "is_valid"]

LENGTH: Final = 15
TAX_COLLECTOR: Final = "C"
_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_VALUES: Final = {digit: value for value, digit in enumerate(_DIGITS)}


def check_character(first: str) -> str:
    """The check character of the first fourteen. Raises KeyError for other than digits and A to Z."""
    total = 0
    for place, digit in enumerate(first):
        product = _VALUES[digit] * (1 + place % 2)
        total += product // 36 + product % 36
    return _DIGITS[-total % 36]


def is_valid(gstin: str) -> bool:
    """Whether it has the length, the characters and the check character of a GSTIN."""
    if len(gstin) != LENGTH or not all(digit in _VALUES for digit in gstin):
        return False
    return check_character(gstin[:-1]) == gstin[-1]
