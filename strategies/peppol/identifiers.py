"""The check digits and shapes of the identifiers that Peppol looks into.

Every function answers one question about text without blanks around it: ASCII digits only.
Source: Peppol BIS Billing 3.0.21, rules PEPPOL-COMMON-R040 to R057; the national registers' own algorithms.
"""

import re
from collections.abc import Callable
from typing import Final

_digits: Final = re.compile(r"[0-9]+").fullmatch
_nine: Final = re.compile(r"[0-9]{9}").fullmatch
_ten: Final = re.compile(r"[0-9]{10}").fullmatch
_eleven: Final = re.compile(r"[0-9]{11}").fullmatch
_eight: Final = re.compile(r"[0-9]{8}").fullmatch
_twelve: Final = re.compile(r"[0-9]{12}").fullmatch
_twenty: Final = re.compile(r"[0-9]{20}").fullmatch
_integer: Final = re.compile(r"[+-]?[0-9]+").fullmatch
_dutch: Final = re.compile(r"NL[0-9]{9}B[0-9]{2}").fullmatch
_italian_office: Final = re.compile(r"[A-Za-z0-9]{6}").fullmatch
_italian_person: Final = re.compile(
    r"[A-Za-z]{6}([0-9]{2}|[+-][0-9])[A-Za-z]([0-9]{2}|[+-][0-9]).{3}[0-9][A-Za-z]", re.DOTALL
).fullmatch
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
    return bool(_ten(text)) and begins_swedish(text)


def begins_swedish(text: str) -> bool:
    """Digits only, the first ten of them a Swedish organisation number."""
    if not _digits(text) or len(text) < 10:
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
    return len(text) == 9 and begins_greek(text)


def begins_greek(text: str) -> bool:
    """The first nine characters are a Greek tax number: nobody looks at the rest."""
    if not _nine(text[:9]):
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


def is_italian_office(text: str) -> bool:
    """Italian office code, IPA (scheme 0201): six letters or digits."""
    return bool(_italian_office(text))


def is_italian_taxpayer(text: str) -> bool:
    """Italian tax code (schemes 0210 and 9907): eleven digits of a firm, or a person's sixteen characters."""
    return bool(_italian_person(text)) or (len(text) == 11 and bool(_integer(text)))


def is_italian_tax_number(text: str) -> bool:
    """Italian VAT number (scheme 0211): after `IT` eleven digits, Luhn; other countries' pass."""
    if text[:2] not in ("IT", "it"):
        return True
    digits = text[2:]
    if not _eleven(digits):
        return False
    doubled = "0246813579"
    return sum(int(doubled[int(d)] if place % 2 else d) for place, d in enumerate(digits)) % 10 == 0


def is_dutch_register(text: str) -> bool:
    """Dutch chamber of commerce number (scheme 0106): eight digits."""
    return bool(_eight(text))


def is_dutch_organisation(text: str) -> bool:
    """Dutch organisation number, OIN (scheme 0190): twenty digits."""
    return bool(_twenty(text))


def is_dutch_tax_number(text: str) -> bool:
    """Dutch VAT number (scheme 9944): `NL`, nine digits, `B`, two digits."""
    return bool(_dutch(text))


def is_kvk_establishment(text: str) -> bool:
    """Dutch establishment number (scheme 0217): twelve digits."""
    return bool(_twelve(text))


FORMATS: Final[dict[str, tuple[str, Callable[[str], bool]]]] = {
    "0007": ("PEPPOL-COMMON-R049", is_swedish),
    "0088": ("PEPPOL-COMMON-R040", is_gln),
    "0096": ("PEPPOL-COMMON-R052", is_danish_production_unit),
    "0106": ("PEPPOL-COMMON-R054", is_dutch_register),
    "0151": ("PEPPOL-COMMON-R050", is_australian),
    "0184": ("PEPPOL-COMMON-R042", is_danish_company),
    "0190": ("PEPPOL-COMMON-R055", is_dutch_organisation),
    "0192": ("PEPPOL-COMMON-R041", is_norwegian),
    "0198": ("PEPPOL-COMMON-R053", is_danish_tax_entity),
    "0201": ("PEPPOL-COMMON-R044", is_italian_office),
    "0208": ("PEPPOL-COMMON-R043", is_belgian),
    "0210": ("PEPPOL-COMMON-R045", is_italian_taxpayer),
    "0211": ("PEPPOL-COMMON-R047", is_italian_tax_number),
    "0217": ("PEPPOL-COMMON-R057", is_kvk_establishment),
    "9944": ("PEPPOL-COMMON-R056-1", is_dutch_tax_number),
}
"""Scheme of an identifier → the rule that guards it, and the question to ask."""

ADDRESS_FORMATS: Final = FORMATS | {"9907": ("PEPPOL-COMMON-R046", is_italian_taxpayer)}
"""The same for electronic addresses."""

AS_WRITTEN: Final = frozenset({"0096", "0184", "0198"})
"""Schemes whose identifiers are judged with the blanks around them."""
