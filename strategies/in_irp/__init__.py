"""India: GST e-invoices (INV-01 v1.1) registered at an Invoice Registration Portal, which signs them.

https://einv-apisandbox.nic.in/
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from tallystick.canonical import Fault, Invoice
from tallystick.strategy import (
    Conversation,
    Document,
    Enrolment,
    Issued,
    Login,
    Outcome,
    Polling,
    Reading,
    Strategy,
    Trace,
    Verdict,
)

from . import acting, polling, submitting
from .blocks import BLOCKS, REGIME
from .building import FLOW, PORTAL, built
from .check import check
from .reading import read, recognises
from .session import last_moment, login
from .settings import Settings
from .supply import needs_portal
from .tracing import Traced


class Irp:
    """The portal registers documents between businesses, gives each its number (IRN) and signs it.

    Sales to consumers and wholly exempt ones are not its business: they are kept, with a code to pay by.
    """

    name = "in_irp"
    countries = frozenset({"IN"})
    edition = "INV-01 v1.1, API v1.03/v1.04"
    regime = REGIME
    blocks = BLOCKS
    settings_type = Settings
    recasts = True
    endpoints: Mapping[str, str] = MappingProxyType(
        {
            "sandbox": "https://einv-apisandbox.nic.in",
            "production": "https://api.einvoice1.gst.gov.in",
        }
    )
    acts = acting.ACTS
    poll_every = polling.EVERY
    secret_names = ("client_id", "client_secret", "username", "password")

    def check(self, invoice: Invoice, enrolment: Enrolment) -> Iterable[Fault]:
        """The portal's own rules, under its own numbers, as far as they can be known before it is asked."""
        return check(invoice, enrolment)

    def build(self, invoice: Invoice, enrolment: Enrolment) -> Document:
        """INV-01 as JSON. The marks hold the IRN in advance, and of a sale to a consumer the payment code."""
        return built(invoice, enrolment)

    def submit(self, document: Document, enrolment: Enrolment) -> Conversation:
        """Registers the document. Nothing is believed but what the portal has signed."""
        if document.marks.get(FLOW) != PORTAL:
            return (yield from _kept(document))
        return (yield from submitting.submit(document, enrolment))

    def inquire(self, document: Document, enrolment: Enrolment) -> Conversation:
        """Asks by the document's own details; ABSENT where the portal has not got it."""
        if document.marks.get(FLOW) != PORTAL:
            return (yield from _kept(document))
        return (yield from submitting.inquire(document, enrolment))

    def login(self, enrolment: Enrolment) -> Login:
        """A session for all workers; refused credentials halt, so that nobody is locked out by us."""
        return login(enrolment)

    def deadline(self, invoice: Invoice, enrolment: Enrolment) -> datetime | None:
        """The end of the thirtieth day in India, where the registration is under that limit."""
        return last_moment(invoice, enrolment) if needs_portal(invoice) else None

    def recognises(self, body: bytes) -> bool:
        """Whether the bytes look like an INV-01 document."""
        return recognises(body)

    def read(self, body: bytes) -> Reading:
        """An INV-01 document as canonical JSON. Raises `tallystick.formats.Unreadable`."""
        return read(body)

    def trace(self, document: bytes, invoice: Invoice | None) -> Trace:
        """The places of INV-01 as the portal's messages spell them."""
        return Traced(invoice)

    def check_act(self, act: str, asked: Any, issued: Issued, enrolment: Enrolment) -> Iterable[Fault]:
        """A cancellation has 24 hours; an e-way bill needs to know how the goods travel."""
        return acting.check_act(act, asked, issued, enrolment)

    def build_act(self, act: str, asked: Any, issued: Issued, enrolment: Enrolment) -> Document:
        """The request's content."""
        return acting.build_act(act, asked, issued, enrolment)

    def submit_act(self, act: str, document: Document, enrolment: Enrolment) -> Conversation:
        """Cancels the number, or has an e-way bill made or shown."""
        return acting.submit_act(act, document, enrolment)

    def inquire_act(self, act: str, document: Document, enrolment: Enrolment) -> Conversation:
        """Whether the number is cancelled, or has an e-way bill."""
        return acting.inquire_act(act, document, enrolment)

    def polled(self, enrolment: Enrolment) -> bool:
        """Only where several portals are used."""
        return polling.polled(enrolment)

    def poll(self, enrolment: Enrolment, since: datetime) -> Polling:
        """Numbers that another portal had given first."""
        return polling.poll(enrolment, since)


def _kept(document: Document) -> Conversation:
    """No portal is asked; the payment code, if there is one, is the document's."""
    yield from ()
    code = document.marks.get("qr", "")
    return Outcome(
        verdict=Verdict.NOT_REQUIRED,
        detail="kept; no portal registers sales to consumers or wholly exempt ones",
        marks={"qr": code} if code else {},
    )


strategy: Strategy = Irp()
