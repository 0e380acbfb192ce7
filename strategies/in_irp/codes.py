"""Code lists, read once from `schemas/codelists`: states, units, document types."""

import tomllib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from tallystick import schemas

ABROAD: Final = "96"
HOME: Final = "IN"
HSN_SCHEME: Final = "HS"
GTIN_SCHEME: Final = "0160"
EXPORTS: Final = frozenset({"EXPWP", "EXPWOP"})
SPECIAL_ZONES: Final = frozenset({"SEZWP", "SEZWOP"})
WITHOUT_PAYMENT: Final = frozenset({"EXPWOP", "SEZWOP"})
SUPPLY_TYPES: Final = EXPORTS | SPECIAL_ZONES | {"B2B", "DEXP"}
EXEMPT: Final = frozenset({"E", "O"})
"""Tax categories of what bears no GST at all; such lines do not go to the portal as items."""


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads(schemas.path(f"codelists/{name}.toml").read_text(encoding="utf-8"))


def _codes(name: str) -> frozenset[str]:
    return frozenset(schemas.path(f"codelists/{name}.txt").read_text(encoding="ascii").split())


COUNTRIES: Final = _codes("iso-3166")
CREDIT_NOTES: Final = _codes("untdid-1001-credit-note")
DEBIT_NOTES: Final = frozenset({"80", "84", "383"})
DOCUMENT_TYPES: Final[Mapping[str, str]] = MappingProxyType({"INV": "380", "CRN": "381", "DBN": "383"})
"""What a document of the portal's kind is called in UNTDID 1001."""

STATES: Final[Mapping[str, dict[str, Any]]] = MappingProxyType(_table("in-states"))
FORMER_STATES: Final = frozenset({"25", "28", "99"})
"""Prefixes that still occur in GSTINs: Daman and Diu, Andhra Pradesh before 2014, centre jurisdiction."""

_STATE_NAMES: Final = {
    spelling.casefold(): code
    for code, state in STATES.items()
    for spelling in (state["name"], *state["iso"], *(f"IN-{iso}" for iso in state["iso"]))
}

UNITS: Final[Mapping[str, list[str]]] = MappingProxyType(_table("in-units"))
_UNITS_OF: Final = {code: uqc for uqc, codes in UNITS.items() for code in codes}
OTHER_UNIT: Final = "OTH"


def document_type(type_code: str) -> str:
    """INV, CRN or DBN of a code of UNTDID 1001."""
    if type_code in CREDIT_NOTES:
        return "CRN"
    return "DBN" if type_code in DEBIT_NOTES else "INV"


def state_code(said: str) -> str | None:
    """The two digits of a state given as code, ISO 3166-2 code or name; None if it is none of them."""
    text = said.strip()
    if text.isascii() and text.isdigit() and len(text) <= 2:
        padded = text.zfill(2)
        return padded if padded in STATES or padded in FORMER_STATES else None
    return _STATE_NAMES.get(text.casefold())


def state_of_pin(pin: str) -> str | None:
    """The one state whose postal codes begin as this one does; None where several share the beginning."""
    if not (pin[:3].isascii() and pin[:3].isdigit()):
        return None
    found = [
        code
        for code, state in STATES.items()
        if any(low <= int(pin[:3]) <= high for low, high in state["pins"])
    ]
    return found[0] if len(found) == 1 else None


def unit_of(code: str) -> str:
    """The UQC of a unit of UN/ECE Rec 20 or 21, a UQC itself, or OTH."""
    if code in _UNITS_OF:
        return _UNITS_OF[code]
    return code.upper() if code.upper() in UNITS else OTHER_UNIT


def unit_code(uqc: str) -> str:
    """The code of UN/ECE Rec 20 or 21 of a UQC; the UQC itself where there is none."""
    codes = UNITS.get(uqc.upper())
    return codes[0] if codes else uqc.upper()
