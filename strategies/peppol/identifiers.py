"""The check digits and shapes of the identifiers that Peppol looks into.

Every function answers one question about text as it stands on the wire: no trimming, ASCII digits only.
Source: Peppol BIS Billing 3.0.21, rules PEPPOL-COMMON-R040 to R053; the national registers' own algorithms.
"""

import re
from collections.abc import Callable
from typing import Final

_digits: Final = re.compile(r"[0-9]+").fullmatch
_nine: Final = re.compile(r"[0-9]{9}").fullmatch
_ten: Final = re.compile(r"[0-9]{10}").fullmatch
_eleven: Final = re.compile(r"[0-9]{11}").fullmatch
_danish: Final = re.compile(r"DK[0-9]{8}").fullmatch
_danish_or_bare: Final = re.compile(r"(DK)?[0-9]{8}").fullmatch

_ABN_WEIGHTS: Final = (10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)


def is_gln(text: str) -> bool:
    """Global location number (scheme 0088): modulo 10 with weights 3 and 1 from the right."""
    if not _digits(text):
        return False
    weighted = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(text[:-1])))
    return (10 - weighted % 10) % 10 == int(text[-1])


def is_norwegian(text: str) -> bool:
    """Norwegian organisation number (scheme 0192): nine digits, modulo 11."""
    if not _nine(text) or int(text) == 0:
        return False
    weighted = sum(int(digit) * (place % 6 + 2) for place, digit in enumerate(reversed(text[:-1])))
    return (11 - weighted % 11) % 11 == int(text[-1])


def is_belgian(text: str) -> bool:
    """Belgian enterprise number (scheme 0208): ten digits, the last two are 97 less the rest modulo 97."""
    return bool(_ten(text)) and 97 - int(text[:8]) % 97 == int(text[8:])


def is_swedish(text: str) -> bool:
    """Swedish organisation number (scheme 0007): ten digits, Luhn."""
    if not _ten(text):
        return False
    weighted = 0
    for place, digit in enumerate(reversed(text[:9])):
        value = int(digit) * (1 if place % 2 else 2)
        weighted += value // 10 + value % 10
    return (10 - weighted % 10) % 10 == int(text[9])


def is_australian(text: str) -> bool:
    """Australian business number (scheme 0151): eleven digits, modulo 89 after taking one from the first."""
    if not _eleven(text):
        return False
    values = [int(digit) for digit in text]
    values[0] -= 1
    return sum(value * weight for value, weight in zip(values, _ABN_WEIGHTS, strict=True)) % 89 == 0


def is_greek(text: str) -> bool:
    """Greek tax number: nine digits, powers of two, modulo 11 and then modulo 10."""
    if not _nine(text):
        return False
    weighted = sum(int(digit) << (8 - place) for place, digit in enumerate(text[:8]))
    return weighted % 11 % 10 == int(text[8])


def is_danish_company(text: str) -> bool:
    """Danish CVR number (scheme 0184): eight digits, with or without `DK` before them."""
    return bool(_danish_or_bare(text))


def is_danish_production_unit(text: str) -> bool:
    """Danish P number (scheme 0096): ten digits."""
    return bool(_ten(text))


def is_danish_tax_entity(text: str) -> bool:
    """Danish SE number (scheme 0198): `DK` and eight digits."""
    return bool(_danish(text))


FORMATS: Final[dict[str, tuple[str, Callable[[str], bool]]]] = {
    "0007": ("PEPPOL-COMMON-R049", is_swedish),
    "0088": ("PEPPOL-COMMON-R040", is_gln),
    "0096": ("PEPPOL-COMMON-R052", is_danish_production_unit),
    "0151": ("PEPPOL-COMMON-R050", is_australian),
    "0184": ("PEPPOL-COMMON-R042", is_danish_company),
    "0192": ("PEPPOL-COMMON-R041", is_norwegian),
    "0198": ("PEPPOL-COMMON-R053", is_danish_tax_entity),
    "0208": ("PEPPOL-COMMON-R043", is_belgian),
}
"""Scheme of an identifier → the rule that guards it, and the question to ask."""
