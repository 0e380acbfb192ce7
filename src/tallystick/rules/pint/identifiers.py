"""The shapes and check digits of identifiers that PINT looks into, by their scheme of ISO 6523.

Blanks around an identifier do not count, but for 0184. Source: PINT billing 1.1.3, ibr-068 to ibr-127.
"""

import re
from collections.abc import Callable
from typing import Final

from tallystick.rules.case import normal
from tallystick.rules.identifiers import is_0088, is_0151, is_0192, is_0198, is_0201, is_0208, is_0211

__all__ = ["FORMATS"]

_letters: Final = re.compile(r"[A-Za-z]+").fullmatch
_integer: Final = re.compile(r" *[+-]?[0-9]+ *").fullmatch
_double: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([Ee][+-]?[0-9]+)?").fullmatch


def _0007(text: str) -> bool:
    """Ten characters that are a number."""
    return len(text) == 10 and bool(_double(text))


def _0210(text: str) -> bool:
    """Eleven digits, or sixteen characters of letters and digits in a fixed pattern."""
    if len(text) == 11:
        return bool(_integer(text))
    if len(text) != 16:
        return False
    letters = (text[:6], text[8], text[15])
    return all(map(_letters, letters)) and all(map(_integer, (text[6:8], text[9:11], text[14])))


def _trimmed(question: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda text: question(normal(text))


FORMATS: Final[dict[str, tuple[str, Callable[[str], bool]]]] = {
    "0007": ("ibr-127", _trimmed(_0007)),
    "0088": ("ibr-068", _trimmed(is_0088)),
    "0151": ("ibr-120", _trimmed(is_0151)),
    "0184": ("ibr-070", is_0198),  # with DK before the digits, unlike elsewhere
    "0192": ("ibr-069", _trimmed(is_0192)),
    "0201": ("ibr-114", _trimmed(is_0201)),
    "0208": ("ibr-113", _trimmed(is_0208)),
    "0210": ("ibr-115", _trimmed(_0210)),
    "0211": ("ibr-116", _trimmed(is_0211)),
    "9906": ("ibr-116", _trimmed(is_0211)),
    "9907": ("ibr-115", _trimmed(_0210)),
}
"""Scheme of an identifier → the rule that guards it, and the question to ask."""
