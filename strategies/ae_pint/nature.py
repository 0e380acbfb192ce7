"""What kind of document it is: billing or self-billing, tax or commercial, its flags, its receiver."""

from typing import Final

from tallystick.canonical import Invoice
from tallystick.rules.pint.specification import Specification, named, pint

from .blocks import FLAGS, REGIME, Ae, AeLine, AeParty

__all__ = [
    "BILLING",
    "COMMERCIAL",
    "CREDIT_NOTES",
    "DIRHAM",
    "PREDEFINED",
    "SELF_BILLING",
    "TIN",
    "block_of",
    "flags_of",
    "line_block",
    "party_block",
    "predefined_endpoint",
    "specification_of",
]

DIRHAM: Final = "AED"
TIN: Final = "0235"
"""The scheme of participants: tax identification numbers."""

COMMERCIAL: Final = frozenset({"480", "81"})
"""Types that are no tax invoices: out of scope, exempt or zero-rated only."""

CREDIT_NOTES: Final = frozenset({"381", "81"})
"""The billing types that credit: those that need a reason and have no tax point."""

DEEMED_ENDPOINT: Final = "9900000097"
NOT_SUBJECT_ENDPOINT: Final = "9900000098"
EXPORT_ENDPOINT: Final = "9900000099"
PREDEFINED: Final = frozenset({DEEMED_ENDPOINT, NOT_SUBJECT_ENDPOINT, EXPORT_ENDPOINT})
"""Endpoints behind which nobody is: the sender's provider reports, and hands over to no receiver."""


BILLING: Final = pint("ae-1", self_billing=False, invoices="380 480", credit_notes="381 81")
SELF_BILLING: Final = pint("ae-1", self_billing=True, invoices="389 480", credit_notes="261 81")

_NO_BLOCK: Final = Ae()
_NO_PARTY_BLOCK: Final = AeParty()
_NO_LINE_BLOCK: Final = AeLine()


def specification_of(invoice: Invoice) -> Specification:
    """The specification by BT-24, or by the type where it is silent."""
    return named(invoice, BILLING, SELF_BILLING)


def block_of(invoice: Invoice) -> Ae:
    """The document's block, empty where there is none."""
    found = invoice.regime_data.get(REGIME)
    return found if isinstance(found, Ae) else _NO_BLOCK


def party_block(party: object) -> AeParty:
    """A party's block, empty where there is none."""
    found = getattr(party, "regime_data", {}).get(REGIME)
    return found if isinstance(found, AeParty) else _NO_PARTY_BLOCK


def line_block(line: object) -> AeLine:
    """A line's block, empty where there is none."""
    found = getattr(line, "regime_data", {}).get(REGIME)
    return found if isinstance(found, AeLine) else _NO_LINE_BLOCK


def flags_of(block: Ae) -> str:
    """BTAE-02: eight digits, one for each flag that is set."""
    return "".join(["1" if getattr(block, flag) else "0" for flag in FLAGS])


def predefined_endpoint(block: Ae) -> str | None:
    """Where a document goes whose receiver is on no network; None if nothing says that it is so."""
    if block.deemed_supply:
        return DEEMED_ENDPOINT
    if block.to_whom == "not_subject":
        return NOT_SUBJECT_ENDPOINT
    return EXPORT_ENDPOINT if block.export else None
