"""United Arab Emirates: PINT-AE invoices and credit notes, billing and self-billing, through an access point.

https://docs.peppol.eu/poac/ae/pint-ae/
"""

from collections.abc import Iterable
from typing import Final

from tallystick import network
from tallystick.canonical import Fault, Invoice
from tallystick.formats import ubl
from tallystick.strategy import Conversation, Document, Enrolment, Reading, Strategy, Trace

from .addressing import names_of, reported_only
from .blocks import BLOCKS, REGIME
from .check import check
from .nature import specification_of
from .profile import profile_of
from .reading import provenance, read
from .settings import Settings
from .tax_data import tax_data
from .writing import prepared

_DEFAULTS: Final = Settings()
_SPECIFICATION: Final = b"@ae-1"


class PintAe:
    """Five corners: ours is the sender's side, up to his accredited provider, who reports to the authority.

    What nobody receives (exports, deemed supplies, buyers outside the mandate) goes to a predefined endpoint:
    the provider reports it and hands it to no one. Both are marked, so that a reader of the proof can tell.
    """

    name = "ae_pint"
    countries = frozenset({"AE"})
    edition = "PINT-AE 1.0.4 (2026-05), PINT shared rules 1.1.3, TDD 1.0.4"
    decimals = 12
    regime = REGIME
    blocks = BLOCKS
    settings_type = Settings
    secret_names = (network.TOKEN,)

    def check(self, invoice: Invoice, enrolment: Enrolment) -> Iterable[Fault]:
        """The rules of every PINT, and the country's."""
        return check(invoice, enrolment)

    def build(self, invoice: Invoice, enrolment: Enrolment) -> Document:
        """UBL 2.1, and the tax data beside it where the registration asks for them."""
        settings, ready = _settings(enrolment), prepared(invoice, enrolment)
        names = names_of(ready, settings, enrolment.now)
        marks = network.marks_of(names)
        if names is not None:
            marks["delivery"] = "reported only" if reported_only(names) else "receiver"
        body = ubl.invoice(ready, profile_of(ready.currency_code))
        return Document(
            media_type="application/xml",
            body=body,
            marks=marks,
            artifacts=tax_data(ready, body, settings, enrolment),
        )

    def submit(self, document: Document, enrolment: Enrolment) -> Conversation:
        """Hands the document to the access point of the registration."""
        return (yield from network.submit(_settings(enrolment).adapter, document, enrolment))

    def inquire(self, document: Document, enrolment: Enrolment) -> Conversation:
        """Asks by our instance identifier, or sends the identical envelope where nothing can be asked."""
        return (yield from network.inquire(_settings(enrolment).adapter, document, enrolment))

    def recognises(self, body: bytes) -> bool:
        """Whether the bytes look like an invoice or credit note of PINT-AE."""
        return ubl.recognises(body) and _SPECIFICATION in body

    def read(self, body: bytes) -> Reading:
        """A document as canonical JSON. Raises `tallystick.formats.Unreadable`."""
        return read(body)

    def trace(self, document: bytes, invoice: Invoice | None) -> Trace:
        """The places of the document, however a validator spells them."""
        return provenance(document)

    def issuer(self, invoice: Invoice) -> str | None:
        """The buyer, where he bills himself."""
        if not specification_of(invoice).self_billing or invoice.buyer is None:
            return None
        return invoice.buyer.tax_identifier

    def fits(self, invoice: Invoice, enrolment: Enrolment) -> bool:
        """Every registration may issue every document."""
        return True


def _settings(enrolment: Enrolment) -> Settings:
    return enrolment.settings if isinstance(enrolment.settings, Settings) else _DEFAULTS


strategy: Strategy = PintAe()
