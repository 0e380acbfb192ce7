"""How a document is named on the network, and how far it goes there."""

from datetime import datetime

from tallystick.canonical import Buyer, Invoice, Seller
from tallystick.network import Names, participant

from .nature import PREDEFINED, SELF_BILLING, TIN, specification_of
from .profile import CREDIT_NOTE_TYPES
from .settings import Settings

__all__ = ["names_of", "reported_only"]

_LAND = "AE"


def names_of(ready: Invoice, settings: Settings, now: datetime) -> Names | None:
    """The names of a prepared invoice that is built `now`; None where sender or receiver is unknown.

    Whoever bills sends: the seller, or in self-billing the buyer.
    """
    sender: Seller | Buyer | None = ready.seller
    receiver: Seller | Buyer | None = ready.buyer
    if specification_of(ready) is SELF_BILLING:
        sender, receiver = receiver, sender
    if sender is None or receiver is None:
        return None
    own = settings.participant or participant(sender.electronic_address)
    other = participant(receiver.electronic_address)
    if not own or not other:
        return None
    address = sender.postal_address
    return Names(
        sender=own,
        receiver=other,
        root="CreditNote" if ready.type_code in CREDIT_NOTE_TYPES else "Invoice",
        specification=ready.specification_identifier or "",
        process=ready.business_process_type or "",
        country=address.country_code if address else _LAND,
        created=now.isoformat(timespec="seconds"),
    )


def reported_only(names: Names) -> bool:
    """Whether nobody receives the document: the provider reports it to the tax authority, and that is all."""
    scheme, _, value = names.receiver.partition(":")
    return scheme == TIN and value in PREDEFINED
