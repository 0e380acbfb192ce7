"""All rules, over one invoice, once."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

from tallystick.canonical import Fault, Invoice
from tallystick.rules import Family, cii, judge
from tallystick.rules import peppol as network
from tallystick.rules.en16931 import FAMILIES as CORE
from tallystick.rules.en16931 import EuropeanCase, EuropeanProfile

from .germany import demands
from .national import national
from .profiles import PEPPOL_BILLING, PEPPOL_SELF_BILLING, PROFILES
from .xrechnung import PAYING, own
from .xrechnung_paying import paying, taxpayer

_GERMAN: Final[tuple[Family, ...]] = (*CORE, *network.FAMILIES, demands, own)


def _families() -> Iterator[tuple[str, tuple[Family, ...]]]:
    for profile in PROFILES:
        german = profile.name.startswith("XRechnung")
        yield profile.name, _GERMAN if german else CORE
    yield PEPPOL_BILLING.name, (*CORE, *network.FAMILIES, national)
    yield PEPPOL_SELF_BILLING.name, (*CORE, *network.FAMILIES)


FAMILIES: Final[Mapping[str, tuple[Family, ...]]] = dict(_families())
"""What there is to ask under each profile."""

_APART: Final = cii.APART | cii.NETWORK_APART | PAYING
_FAMILIES_APART: Final[tuple[Family, ...]] = (*cii.FAMILIES, cii.network, paying, taxpayer)
"""What a document in CII is asked otherwise than one in UBL, and who asks it."""


@cache
def common(profile: EuropeanProfile) -> EuropeanProfile:
    """The profile without what the syntax judges for itself."""
    return profile.without(_APART)


def check(invoice: Invoice, profile: EuropeanProfile, edition: str = "") -> tuple[Fault, ...]:
    """Every rule of the profile that the invoice breaks, in the order of the document's parts. Pure.

    `edition` is the one that is wished for.
    """
    families = FAMILIES[profile.name]
    if profile.syntax == "ubl":
        return judge(EuropeanCase(invoice, profile, edition), families)
    found = judge(EuropeanCase(invoice, common(profile), edition), families)
    rules = profile.on(invoice.issue_date, edition)
    return found + judge(cii.Case(invoice, rules), _FAMILIES_APART)
