"""India: GST e-invoices (INV-01 v1.1) registered at an Invoice Registration Portal, which signs them.

https://einv-apisandbox.nic.in/
"""

from collections.abc import Iterable

from tallystick.canonical import Fault, Invoice
from tallystick.strategy import Conversation, Document, Enrolment, Outcome, Reading, Strategy, Verdict

from .blocks import BLOCKS, REGIME
from .building import built
from .check import check
from .reading import read, recognises
from .settings import Settings


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
    secret_names = ("client_id", "client_secret", "username", "password")

    def check(self, invoice: Invoice, enrolment: Enrolment) -> Iterable[Fault]:
        """The portal's own rules, under its own numbers, as far as they can be known before it is asked."""
        return check(invoice, enrolment)

    def build(self, invoice: Invoice, enrolment: Enrolment) -> Document:
        """INV-01 as JSON. The marks hold the IRN in advance, and of a sale to a consumer the payment code."""
        return built(invoice, enrolment)

    def submit(self, document: Document, enrolment: Enrolment) -> Conversation:
        """Registers the document."""
        yield from ()
        return Outcome(verdict=Verdict.NOT_REQUIRED, detail="no portal wants it")

    inquire = submit

    def recognises(self, body: bytes) -> bool:
        """Whether the bytes look like an INV-01 document."""
        return recognises(body)

    def read(self, body: bytes) -> Reading:
        """An INV-01 document as canonical JSON. Raises `tallystick.formats.Unreadable`."""
        return read(body)


strategy: Strategy = Irp()
