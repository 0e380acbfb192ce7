"""The check digits and shapes of identifiers that publishers' rules look into.

Every function is named after its scheme (ISO 6523 or the network's own) and answers one question about text
without blanks around it: ASCII digits only. Where the network asks for the shape alone, a check digit that
the register would have is not looked at.
Source: Peppol BIS Billing 3.0.21, rules PEPPOL-COMMON-R040 to R057; the registers' own algorithms.
"""

import re
from typing import Final

from stdnum import luhn
from stdnum.no import orgnr

__all__ = [
    "begins_0007",
    "is_0007",
    "is_0088",
    "is_0096",
    "is_0106",
    "is_0151",
    "is_0184",
    "is_0190",
    "is_0192",
    "is_0198",
    "is_0201",
    "is_0208",
    "is_0210",
    "is_0211",
    "is_0217",
    "is_9944",
]

_digits: Final = re.compile(r"[0-9]+").fullmatch
_nine: Final = re.compile(r"[0-9]{9}").fullmatch
_ten: Final = re.compile(r"[0-9]{10}").fullmatch
_eleven: Final = re.compile(r"[0-9]{11}").fullmatch
_eight: Final = re.compile(r"[0-9]{8}").fullmatch
_twelve: Final = re.compile(r"[0-9]{12}").fullmatch
_twenty: Final = re.compile(r"[0-9]{20}").fullmatch
_integer: Final = re.compile(r"[+-]?[0-9]+").fullmatch
_9944: Final = re.compile(r"NL[0-9]{9}B[0-9]{2}").fullmatch
_0201: Final = re.compile(r"[A-Za-z0-9]{6}").fullmatch
_0210: Final = re.compile(
    r"[A-Za-z]{6}([0-9]{2}|[+-][0-9])[A-Za-z]([0-9]{2}|[+-][0-9]).{3}[0-9][A-Za-z]", re.DOTALL
).fullmatch
_0198: Final = re.compile(r"DK[0-9]{8}").fullmatch
_0184: Final = re.compile(r"(DK)?[0-9]{8}").fullmatch

_VALUES: Final = bytes.maketrans(b"0123456789", bytes(range(10)))
"""What each digit counts."""

_ABN_WEIGHTS: Final = (10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)


def is_0088(text: str) -> bool:
    """Global location number: modulo 10 with weights 3 and 1 from the right. Any length, as published."""
    if not (text.isascii() and text.isdigit()):
        return False
    digits = text.encode("ascii").translate(_VALUES)
    return (sum(digits[::-2]) + 3 * sum(digits[-2::-2])) % 10 == 0


def is_0192(text: str) -> bool:
    """Nine digits, modulo 11, not all of them zero."""
    return bool(_nine(text)) and text != "000000000" and orgnr.checksum(text) == 0


def is_0208(text: str) -> bool:
    """Ten digits, the last two are 97 less the rest modulo 97.

    As published: 00 and 98 are no check digits, which the sum modulo 97 alone would let pass.
    """
    return bool(_ten(text)) and 97 - int(text[:8]) % 97 == int(text[8:])


def is_0007(text: str) -> bool:
    """Ten digits, Luhn."""
    return bool(_ten(text)) and begins_0007(text)


def begins_0007(text: str) -> bool:
    """Digits only, the first ten of them a number of scheme 0007."""
    return bool(_digits(text)) and len(text) >= 10 and luhn.checksum(text[:10]) == 0


def is_0151(text: str) -> bool:
    """Eleven digits, modulo 89 after taking one from the first.

    As published: the first two may be any pair that fits, also one below 10 or 99, which the register never
    gives out.
    """
    if not _eleven(text):
        return False
    values = [int(digit) for digit in text]
    values[0] -= 1
    return sum(value * weight for value, weight in zip(values, _ABN_WEIGHTS, strict=True)) % 89 == 0


def is_0184(text: str) -> bool:
    """Eight digits, with or without `DK` before them."""
    return bool(_0184(text))


def is_0096(text: str) -> bool:
    """Ten digits."""
    return bool(_ten(text))


def is_0198(text: str) -> bool:
    """`DK` and eight digits."""
    return bool(_0198(text))


def is_0201(text: str) -> bool:
    """Six letters or digits."""
    return bool(_0201(text))


def is_0210(text: str) -> bool:
    """Eleven digits of a firm, or a person's sixteen characters; scheme 9907 too."""
    return bool(_0210(text)) or (len(text) == 11 and bool(_integer(text)))


def is_0211(text: str) -> bool:
    """After `IT` eleven digits, Luhn; what begins otherwise passes."""
    if text[:2] not in ("IT", "it"):
        return True
    return bool(_eleven(text[2:])) and luhn.checksum(text[2:]) == 0


def is_0106(text: str) -> bool:
    """Eight digits."""
    return bool(_eight(text))


def is_0190(text: str) -> bool:
    """Twenty digits."""
    return bool(_twenty(text))


def is_9944(text: str) -> bool:
    """`NL`, nine digits, `B`, two digits."""
    return bool(_9944(text))


def is_0217(text: str) -> bool:
    """Twelve digits."""
    return bool(_twelve(text))
