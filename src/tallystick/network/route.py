"""From whom to whom an invoice travels: whoever bills sends, the seller or in self-billing the buyer."""

from datetime import datetime

from tallystick.canonical import Buyer, Invoice, Seller
from tallystick.network.names import Names, participant

__all__ = ["route"]


def route(
    invoice: Invoice, *, root: str, self_billing: bool, own: str | None, now: datetime, land: str = ""
) -> Names | None:
    """The names of an invoice that is built `now`; None where sender, receiver or his country is unknown.

    `own` is the sender's participant if it is not his electronic address, `land` his country where the
    invoice does not say.
    """
    sender: Seller | Buyer | None = invoice.seller
    receiver: Seller | Buyer | None = invoice.buyer
    if self_billing:
        sender, receiver = receiver, sender
    if sender is None or receiver is None:
        return None
    own = own or participant(sender.electronic_address)
    other = participant(receiver.electronic_address)
    country = sender.postal_address.country_code if sender.postal_address else land
    if not own or not other or not country:
        return None
    return Names(
        sender=own,
        receiver=other,
        root=root,
        specification=invoice.specification_identifier or "",
        process=invoice.business_process_type or "",
        country=country,
        created=now.isoformat(timespec="seconds"),
    )
