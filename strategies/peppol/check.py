"""All rules, over one invoice, once."""

from collections.abc import Iterator, Mapping
from typing import Final

from msgspec.structs import replace

from tallystick.canonical import Fault, Invoice
from tallystick.rules import Family, cii, judge
from tallystick.rules import peppol as network
from tallystick.rules.en16931 import FAMILIES as CORE
from tallystick.rules.en16931 import EuropeanProfile

from .case import PeppolCase
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


def _common(profile: EuropeanProfile) -> EuropeanProfile:
    if profile.syntax == "ubl":
        return profile
    common = {key: rule for key, rule in profile.rules.items() if rule.ref.id not in _APART}
    return replace(profile, rules=common)


_COMMON: Final = {profile.name: _common(profile) for profile in PROFILES}


def check(invoice: Invoice, profile: EuropeanProfile) -> tuple[Fault, ...]:
    """Every rule of the profile that the invoice breaks, in the order of the document's parts. Pure."""
    found = judge(PeppolCase(invoice, _COMMON[profile.name]), FAMILIES[profile.name])
    if profile.syntax == "ubl":
        return found
    return found + judge(cii.Case(invoice, profile.on(invoice.issue_date)), _FAMILIES_APART)
