"""From whom, to whom, as what: how a document is named on the network."""

from datetime import datetime
from typing import Final

from tallystick.canonical import Buyer, Invoice, Seller
from tallystick.network import CROSS_INDUSTRY_INVOICE, Names, participant
from tallystick.rules.en16931 import EuropeanProfile
from tallystick.rules.en16931.codes import CREDIT_NOTE_TYPES
from tallystick.rules.lexical import normal

from .profiles import SELF_BILLING
from .settings import Settings

__all__ = ["names_of", "self_billed"]

_SELF_BILLED: Final = frozenset({"261", "389", "527"})
"""Codes of UNTDID 1001."""


def names_of(invoice: Invoice, profile: EuropeanProfile, settings: Settings, now: datetime) -> Names | None:
    """The names of a document that is built `now`; None where sender, receiver or process is unknown.

    Whoever bills sends: the seller, or in self-billing the buyer. Blanks that the rules look past are part of
    no name.
    """
    sender: Seller | Buyer | None = invoice.seller
    receiver: Seller | Buyer | None = invoice.buyer
    if self_billed(invoice):
        sender, receiver = receiver, sender
    if sender is None or receiver is None or sender.postal_address is None:
        return None
    own = settings.participant or participant(sender.electronic_address)
    other = participant(receiver.electronic_address)
    process = normal(invoice.business_process_type) or profile.process
    if not own or not other or not process:
        return None
    return Names(
        sender=own,
        receiver=other,
        root=_root(invoice, profile),
        specification=normal(invoice.specification_identifier) or profile.specification,
        process=process,
        country=settings.c1_country or sender.postal_address.country_code,
        created=now.isoformat(timespec="seconds"),
    )


def self_billed(invoice: Invoice) -> bool:
    """Whether the buyer bills himself: by the kind of document, or by the network's specification for it."""
    named = invoice.specification_identifier
    if normal(invoice.type_code) in _SELF_BILLED:
        return True
    return named is not None and normal(named).startswith(SELF_BILLING)


def _root(invoice: Invoice, profile: EuropeanProfile) -> str:
    if profile.syntax == "cii":
        return CROSS_INDUSTRY_INVOICE
    return "CreditNote" if invoice.type_code in CREDIT_NOTE_TYPES else "Invoice"
