"""The code lists, read once from `schemas/codelists`: codes only, as sets."""

from typing import Final

from tallystick import schemas


def _text(name: str) -> str:
    """The list as one text, in its order, with blanks between and around the codes."""
    return f" {' '.join(schemas.path(f'codelists/{name}.txt').read_text(encoding='ascii').split())} "


def listed(name: str) -> frozenset[str]:
    """The codes of `schemas/codelists/<name>.txt`."""
    return frozenset(schemas.path(f"codelists/{name}.txt").read_text(encoding="ascii").split())


ALLOWANCE_REASONS: Final[frozenset[str]] = listed("untdid-5189")
CHARGE_REASONS: Final[frozenset[str]] = listed("untdid-7161")
COUNTRIES: Final[frozenset[str]] = listed("iso-3166")
CREDIT_NOTE_TYPES: Final[frozenset[str]] = listed("untdid-1001-credit-note")
CURRENCIES: Final[frozenset[str]] = listed("iso-4217")
ELECTRONIC_ADDRESSES: Final[frozenset[str]] = listed("eas")
EXEMPTION_REASONS: Final[frozenset[str]] = listed("vatex")
IDENTIFIER_SCHEMES: Final[frozenset[str]] = listed("iso-6523")
INVOICE_TYPES: Final[frozenset[str]] = listed("untdid-1001-invoice")
ITEM_CLASSIFICATIONS: Final[frozenset[str]] = listed("untdid-7143")
MEDIA_TYPES: Final[frozenset[str]] = listed("media-types")
NOTE_SUBJECTS: Final[frozenset[str]] = listed("untdid-4451")
OBJECT_SCHEMES: Final[frozenset[str]] = listed("untdid-1153")
PAYMENT_MEANS: Final[frozenset[str]] = listed("untdid-4461")
TAX_CATEGORIES: Final[frozenset[str]] = listed("untdid-5305")
TAX_POINTS: Final[frozenset[str]] = listed("untdid-2005")
UNITS: Final[frozenset[str]] = listed("rec-20")

TAX_NUMBER_PREFIXES: Final[frozenset[str]] = COUNTRIES | {"EL"}
"""What a VAT identifier may begin with: EL stands for GR there."""

TAX_NUMBER_PREFIX_TEXT: Final[str] = f"{_text('iso-3166')}EL "
NOTE_SUBJECT_TEXT: Final[str] = _text("untdid-4451")
"""Lists as the publishers search them: any part of the text is found, blanks too."""
