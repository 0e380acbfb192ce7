"""The code lists, read once from `schemas/codelists`: codes only, as sets."""

from typing import Final

from tallystick import schemas


def _text(name: str) -> str:
    """The list as one text, in its order, with blanks between and around the codes."""
    return f" {' '.join(schemas.path(f'codelists/{name}.txt').read_text(encoding='ascii').split())} "


def _codes(name: str) -> frozenset[str]:
    return frozenset(schemas.path(f"codelists/{name}.txt").read_text(encoding="ascii").split())


ALLOWANCE_REASONS: Final = _codes("untdid-5189")
CHARGE_REASONS: Final = _codes("untdid-7161")
COUNTRIES: Final = _codes("iso-3166")
CREDIT_NOTE_TYPES: Final = _codes("untdid-1001-credit-note")
CURRENCIES: Final = _codes("iso-4217")
ELECTRONIC_ADDRESSES: Final = _codes("eas")
EXEMPTION_REASONS: Final = _codes("vatex")
IDENTIFIER_SCHEMES: Final = _codes("iso-6523")
INVOICE_TYPES: Final = _codes("untdid-1001-invoice")
ITEM_CLASSIFICATIONS: Final = _codes("untdid-7143")
MEDIA_TYPES: Final = _codes("media-types")
NOTE_SUBJECTS: Final = _codes("untdid-4451")
OBJECT_SCHEMES: Final = _codes("untdid-1153")
PAYMENT_MEANS: Final = _codes("untdid-4461")
TAX_CATEGORIES: Final = _codes("untdid-5305")
TAX_POINTS: Final = _codes("untdid-2005")
UNITS: Final = _codes("rec-20")

TAX_NUMBER_PREFIXES: Final = COUNTRIES | {"EL"}
"""What a VAT identifier may begin with: Greece writes EL."""

TAX_NUMBER_PREFIX_TEXT: Final = f"{_text('iso-3166')}EL "
NOTE_SUBJECT_TEXT: Final = _text("untdid-4451")
"""Lists as the publishers search them: any part of the text is found, blanks too."""

PEPPOL_CREDIT_NOTE_TYPES: Final = _codes("peppol-1001-credit-note")
PEPPOL_CURRENCIES: Final = _codes("peppol-4217")
PEPPOL_ELECTRONIC_ADDRESSES: Final = _codes("peppol-eas")
PEPPOL_INVOICE_TYPES: Final = _codes("peppol-1001-invoice")
SELF_BILLED_CREDIT_NOTE_TYPES: Final = _codes("peppol-1001-self-billed-credit-note")
SELF_BILLED_INVOICE_TYPES: Final = _codes("peppol-1001-self-billed-invoice")
