"""The shapes and check digits of identifiers that PINT looks into, by their scheme of ISO 6523.

Blanks around an identifier do not count, but for 0184. Source: PINT billing 1.1.3, ibr-068 to ibr-127.
"""

import re
from collections.abc import Callable
from typing import Final

from tallystick.rules.case import normal

__all__ = ["FORMATS"]

_digits: Final = re.compile(r"[0-9]+").fullmatch
_nine: Final = re.compile(r"[0-9]{9}").fullmatch
_ten: Final = re.compile(r"[0-9]{10}").fullmatch
_eleven: Final = re.compile(r"[0-9]{11}").fullmatch
_prefixed: Final = re.compile(r"DK[0-9]{8}").fullmatch
_alphanumeric: Final = re.compile(r"[A-Za-z0-9]{6}").fullmatch
_letters: Final = re.compile(r"[A-Za-z]+").fullmatch
_integer: Final = re.compile(r" *[+-]?[0-9]+ *").fullmatch
_double: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([Ee][+-]?[0-9]+)?").fullmatch

_WEIGHTS_0151: Final = (10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)
_DOUBLED: Final = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def _0088(text: str) -> bool:
    """Modulo 10, weights 3 and 1 from the right."""
    if not _digits(text):
        return False
    weighted = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(text[:-1])))
    return (10 - weighted % 10) % 10 == int(text[-1])


def _0007(text: str) -> bool:
    """Ten characters that are a number."""
    return len(text) == 10 and bool(_double(text))


def _0192(text: str) -> bool:
    """Nine digits, modulo 11; what would need a check digit of 10 is none."""
    if not _nine(text) or int(text) == 0:
        return False
    weighted = sum(int(digit) * (place % 6 + 2) for place, digit in enumerate(reversed(text[:-1])))
    return (11 - weighted % 11) % 11 == int(text[-1])


def _0208(text: str) -> bool:
    """Ten digits, the last two are 97 less the rest modulo 97."""
    return bool(_ten(text)) and 97 - int(text[:8]) % 97 == int(text[8:])


def _0151(text: str) -> bool:
    """Eleven digits, modulo 89 after one is taken from the first."""
    if not _eleven(text):
        return False
    values = [int(digit) for digit in text]
    values[0] -= 1
    return sum(value * weight for value, weight in zip(values, _WEIGHTS_0151, strict=True)) % 89 == 0


def _0210(text: str) -> bool:
    """Eleven digits, or sixteen characters of letters and digits in a fixed pattern."""
    if len(text) == 11:
        return bool(_integer(text))
    if len(text) != 16:
        return False
    letters = (text[:6], text[8], text[15])
    return all(map(_letters, letters)) and all(map(_integer, (text[6:8], text[9:11], text[14])))


def _0211(text: str) -> bool:
    """After the prefix IT eleven digits, every second doubled, that sum up to a multiple of ten."""
    if text[:2] not in ("IT", "it"):
        return True
    number = text[2:]
    if not _eleven(number):
        return False
    return sum(_DOUBLED[int(d)] if place % 2 else int(d) for place, d in enumerate(number)) % 10 == 0


def _trimmed(question: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda text: question(normal(text))


FORMATS: Final[dict[str, tuple[str, Callable[[str], bool]]]] = {
    "0007": ("ibr-127", _trimmed(_0007)),
    "0088": ("ibr-068", _trimmed(_0088)),
    "0151": ("ibr-120", _trimmed(_0151)),
    "0184": ("ibr-070", lambda text: bool(_prefixed(text))),
    "0192": ("ibr-069", _trimmed(_0192)),
    "0201": ("ibr-114", _trimmed(lambda text: bool(_alphanumeric(text)))),
    "0208": ("ibr-113", _trimmed(_0208)),
    "0210": ("ibr-115", _trimmed(_0210)),
    "0211": ("ibr-116", _trimmed(_0211)),
    "9906": ("ibr-116", _trimmed(_0211)),
    "9907": ("ibr-115", _trimmed(_0210)),
}
"""Scheme of an identifier → the rule that guards it, and the question to ask."""
