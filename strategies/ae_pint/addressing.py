"""How a document is named on the network, and how far it goes there."""

from datetime import datetime

from tallystick.canonical import Invoice
from tallystick.network import Names, route

from .nature import PREDEFINED, TIN, specification_of
from .profile import CREDIT_NOTE_TYPES
from .settings import Settings

__all__ = ["names_of", "reported_only"]

_LAND = "AE"


def names_of(ready: Invoice, settings: Settings, now: datetime) -> Names | None:
    """The names of a prepared invoice that is built `now`; None where sender or receiver is unknown."""
    return route(
        ready,
        root="CreditNote" if ready.type_code in CREDIT_NOTE_TYPES else "Invoice",
        self_billing=specification_of(ready).self_billing,
        own=settings.participant,
        now=now,
        land=_LAND,
    )


def reported_only(names: Names) -> bool:
    """Whether nobody receives the document: the provider reports it to the tax authority, and that is all."""
    scheme, _, value = names.receiver.partition(":")
    return scheme == TIN and value in PREDEFINED
