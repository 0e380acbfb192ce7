"""All rules, over one invoice, once."""

from typing import Final

from tallystick.canonical import Fault, Invoice
from tallystick.rules import Family, judge
from tallystick.rules import peppol as network
from tallystick.rules.en16931 import FAMILIES as CORE
from tallystick.rules.en16931 import EuropeanProfile

from .case import PeppolCase
from .national import national
from .profiles import PEPPOL_BILLING, PEPPOL_SELF_BILLING, PLAIN

FAMILIES: Final[dict[str, tuple[Family, ...]]] = {
    PLAIN.name: CORE,
    PEPPOL_BILLING.name: (*CORE, *network.FAMILIES, national),
    PEPPOL_SELF_BILLING.name: (*CORE, *network.FAMILIES),
}
"""What there is to ask under each profile."""


def check(invoice: Invoice, profile: EuropeanProfile) -> tuple[Fault, ...]:
    """Every rule of the profile that the invoice breaks, in the order of the document's parts. Pure."""
    return judge(PeppolCase(invoice, profile), FAMILIES[profile.name])
