"""Saudi Arabia: e-invoices of phase 2, cleared by or reported to ZATCA's platform Fatoora.

https://zatca.gov.sa/en/E-Invoicing/SystemsDevelopers/Pages/TechnicalRequirementsSpec.aspx
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from tallystick.canonical import Fault, Invoice
from tallystick.formats import ubl
from tallystick.keys import Secret
from tallystick.strategy import (
    Conversation,
    Document,
    Enrolment,
    Onboarding,
    Purpose,
    Reading,
    Stage,
    Strategy,
    Trace,
)

from . import nature
from .blocks import BLOCKS, MOST_DECIMALS, REGIME
from .building import build
from .check import check
from .onboarding import advance, begin
from .reading import provenance, read
from .settings import SECRET_NAMES, Settings
from .submitting import inquire, submit
from .unit import allows, title_of

_REPORTED_WITHIN: Final = timedelta(hours=24)
_DEFAULTS: Final = Settings()
_BASE: Final = "https://gw-fatoora.zatca.gov.sa/e-invoicing"


class Zatca:
    """One registration is one unit (EGS): its key, its certificate, its chain of all documents it generates.

    Standard documents are cleared before they are the buyer's; simplified ones are the buyer's as soon as
    they are stamped, and reported within a day.
    """

    name = "sa_zatca"
    countries = frozenset({"SA"})
    edition = "XML Implementation Standard 1.2, Security Features 1.2, SDK 3.4.6"
    regime = REGIME
    blocks = BLOCKS
    settings_type = Settings
    secret_names = SECRET_NAMES
    key_algorithm = "ES256K"
    decimals = MOST_DECIMALS
    endpoints = {  # noqa: RUF012  # the contract's attribute; nobody changes it
        "sandbox": f"{_BASE}/developer-portal",
        "simulation": f"{_BASE}/simulation",
        "production": f"{_BASE}/core",
    }

    def check(self, invoice: Invoice, enrolment: Enrolment) -> Iterable[Fault]:
        """The authority's rules, and what it does not check and would trouble the seller later."""
        return check(invoice, enrolment)

    def build(self, invoice: Invoice, enrolment: Enrolment) -> Document:
        """The stamped UBL document, chained to the one before it."""
        return build(invoice, enrolment)

    def submit(self, document: Document, enrolment: Enrolment) -> Conversation:
        """Clearance or reporting, as the document's mark says."""
        return (yield from submit(document, enrolment))

    def inquire(self, document: Document, enrolment: Enrolment) -> Conversation:
        """The identical resend: the platform knows a document by its hash."""
        return (yield from inquire(document, enrolment))

    def begin(
        self, purpose: Purpose, given: Mapping[str, str], enrolment: Enrolment
    ) -> Stage | tuple[Fault, ...]:
        """The first stage of the way to a production CSID."""
        return begin(purpose, given, enrolment)

    def advance(self, stage: Stage, enrolment: Enrolment, code: Secret | None) -> Onboarding:
        """The next step on that way."""
        return (yield from advance(stage, enrolment, code))

    def recognises(self, body: bytes) -> bool:
        """Whether the bytes look like an invoice of this platform."""
        return ubl.recognises(body) and b"reporting:1.0" in body

    def read(self, body: bytes) -> Reading:
        """A document as canonical JSON. Raises `tallystick.formats.Unreadable`."""
        return read(body)

    def trace(self, document: bytes, invoice: Invoice | None) -> Trace:
        """The places of the document, however a validator spells them."""
        return provenance(document)

    def chain(self, invoice: Invoice, enrolment: Enrolment) -> str:
        """The unit's running chain: all its documents of both flows stand in it."""
        return _settings(enrolment).chain or enrolment.registration

    def at_once(self, invoice: Invoice, enrolment: Enrolment) -> bool:
        """Whether the buyer walks away with it before the authority has heard of it."""
        return nature.is_simplified(invoice)

    def deadline(self, invoice: Invoice, enrolment: Enrolment) -> datetime | None:
        """A day after issue for a simplified document."""
        if not nature.is_simplified(invoice):
            return None
        return nature.issued_at(invoice, enrolment.now) + _REPORTED_WITHIN

    def issuer(self, invoice: Invoice) -> str | None:
        """The buyer, where he bills himself."""
        if not nature.block_of(invoice).self_billed or invoice.buyer is None:
            return None
        return invoice.buyer.tax_identifier

    def fits(self, invoice: Invoice, enrolment: Enrolment) -> bool:
        """Whether the unit's title allows the document's flow."""
        return allows(title_of(_settings(enrolment)), simplified=nature.is_simplified(invoice))


def _settings(enrolment: Enrolment) -> Settings:
    return enrolment.settings if isinstance(enrolment.settings, Settings) else _DEFAULTS


strategy: Strategy = Zatca()
