"""Peppol's national rules, one module per country.

Each module asks by itself whether it concerns the document: by the address, or by the tax identifier. Its
`SELLERS` are the countries of which the seller must be, by the one or the other, for any of its rules to.
"""

from collections.abc import Iterable
from typing import Final

from tallystick.canonical import Fault
from tallystick.rules.en16931 import EuropeanCase, Faults

from . import denmark, germany, greece, iceland, italy, netherlands, norway, sweden
from .lands import own_land

_RULES: Final = {
    denmark.denmark: denmark.SELLERS,
    germany.germany: germany.SELLERS,
    greece.greece: greece.SELLERS,
    iceland.iceland: iceland.SELLERS,
    italy.italy: italy.SELLERS,
    netherlands.netherlands: netherlands.SELLERS,
    norway.norway: norway.SELLERS,
    sweden.sweden: sweden.SELLERS,
}
_SELLERS: Final = frozenset[str]().union(*_RULES.values())


def national(case: EuropeanCase) -> Iterable[Fault]:
    """Every national rule the document breaks."""
    return _told(case) if _concerns_anyone(case) else ()


def _concerns_anyone(case: EuropeanCase) -> bool:
    """Whether seller or representative may be of a country with rules, or the document of a kind that has."""
    return (
        own_land(case) in _SELLERS
        or case.seller_land in _SELLERS
        or case.invoice.seller_tax_representative is not None
        or germany.is_german_kind(case)
    )


def _told(case: EuropeanCase) -> Faults:
    for country in _RULES:
        yield from country(case)
