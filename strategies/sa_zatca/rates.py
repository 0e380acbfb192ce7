"""What is asked of a tax category and its rate wherever they stand."""

import math
from decimal import Decimal
from typing import Final

from . import codes
from .case import Faults
from .codes import trimmed
from .reckoning import decimals, shown
from .rules import broken

__all__ = ["rate_faults", "too_high"]

_HIGHEST: Final = 100
_STANDARD: Final = 15
_FORMER: Final = 5


def too_high(percentage: Decimal) -> bool:
    """Whether it lies outside 0 to 100."""
    return not 0 <= percentage <= _HIGHEST


def rate_faults(
    category: str, rate: Decimal | None, code_at: str, rate_at: str, code_term: str, rate_term: str
) -> Faults:
    """Is the category listed, the rate a rate, and the standard rate one of the two there have been?"""
    plain = trimmed(category)
    if plain not in codes.UNTDID_CATEGORIES:
        yield broken("BR-CL-18", code_at, actual=category, term=code_term)
    if category not in codes.CATEGORIES:
        yield broken("BR-KSA-18", code_at, expected="S, Z, E or O", actual=category, term=code_term)
    if rate is None:
        return
    if too_high(rate) or decimals(rate) > 2:
        yield broken("BR-KSA-DEC-02", rate_at, actual=shown(rate), term=rate_term)
    if plain == "S" and math.floor(rate) != _STANDARD and rate != _FORMER:
        yield broken("BR-KSA-84", rate_at, expected="15 or 5", actual=shown(rate), term=rate_term)
