"""The document that is frozen: INV-01 for the portal, or the invoice itself where no portal wants it."""

from typing import Final

from msgspec.structs import replace

from tallystick.canonical import Invoice, canonical_bytes
from tallystick.strategy import Document, Enrolment

from .payment_code import payment_code
from .session import INDIA
from .settings import Settings
from .supply import needs_portal
from .tree import written
from .writing import MEDIA_TYPE, number_of, wire_of

FLOW: Final = "flow"
PORTAL: Final = "portal"
NOBODY: Final = "nobody"


def built(invoice: Invoice, enrolment: Enrolment) -> Document:
    """The wire document, and what is known of it before it is sent."""
    if not needs_portal(invoice):
        return _kept(invoice, enrolment)
    tree = wire_of(invoice).tree
    return Document(
        media_type=MEDIA_TYPE,
        body=written(tree),
        marks={FLOW: PORTAL, "irn": number_of(tree, enrolment.now.astimezone(INDIA).date())},
    )


def _kept(invoice: Invoice, enrolment: Enrolment) -> Document:
    """The invoice as canonical JSON, with the code to pay by where the seller has named an account."""
    settings = enrolment.settings
    payee = settings.payee if isinstance(settings, Settings) else None
    code = payment_code(invoice, payee) if payee else ""
    body = canonical_bytes(replace(invoice, metadata={}))
    return Document(media_type=MEDIA_TYPE, body=body, marks={FLOW: NOBODY, **({"qr": code} if code else {})})
