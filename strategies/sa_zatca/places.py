"""Where the terms of the XML Implementation Standard stand in the invoice: those EN 16931 does not have."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from .rules import RULES

__all__ = ["place_of"]

_PREPAYMENTS: Final = "/regime_data/sa/prepayments"
_PLACES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "KSA-1": "/regime_data/sa/uuid",
        "KSA-2": "/transaction_type",
        "KSA-3": "/seller/regime_data/sa/district",
        "KSA-4": "/buyer/regime_data/sa/district",
        "KSA-5": "/delivery/actual_delivery_date",
        "KSA-10": "/regime_data/sa/reason",
        "KSA-11": "/lines",
        "KSA-12": "/lines",
        "KSA-17": "/seller/regime_data/sa/building_number",
        "KSA-22": "/payment_terms",
        "KSA-24": "/regime_data/sa/supply_end_date",
        "KSA-25": "/issue_time",
        "KSA-36": "/exchange_rate/from",
        "KSA-37": "/exchange_rate/to",
        "KSA-38": "/exchange_rate/rate",
        **{f"KSA-{number}": _PREPAYMENTS for number in (26, 30, 31, 32, 34, 41, 42)},
    }
)


def place_of(number: str) -> str:
    """The JSON Pointer of the term that a rule is about, where it is one of these; "" otherwise."""
    rule = RULES.get(number)
    return _PLACES.get(rule.term, "") if rule else ""
