"""The code lists of PINT, read once from `schemas/codelists`."""

from typing import Final

from tallystick import schemas

__all__ = [
    "ALLOWANCE_REASONS",
    "CHARGE_REASONS",
    "COUNTRIES",
    "CURRENCIES",
    "ELECTRONIC_ADDRESSES",
    "IDENTIFIER_SCHEMES",
    "ITEM_CLASSIFICATIONS",
    "MEDIA_TYPES",
    "OBJECT_SCHEMES",
    "PAYMENT_MEANS",
    "UNITS",
    "listed",
]


def listed(name: str) -> frozenset[str]:
    """The codes of `schemas/codelists/<name>.txt`."""
    return frozenset(schemas.path(f"codelists/{name}.txt").read_text(encoding="ascii").split())


ALLOWANCE_REASONS: Final = listed("untdid-5189")
CHARGE_REASONS: Final = listed("untdid-7161")
COUNTRIES: Final = listed("iso-3166")
CURRENCIES: Final = listed("peppol-4217")
ELECTRONIC_ADDRESSES: Final = listed("pint-eas")
IDENTIFIER_SCHEMES: Final = listed("iso-6523")
ITEM_CLASSIFICATIONS: Final = listed("untdid-7143")
MEDIA_TYPES: Final = listed("media-types")
OBJECT_SCHEMES: Final = listed("untdid-1153")
PAYMENT_MEANS: Final = listed("pint-4461")
UNITS: Final = listed("rec-20")
