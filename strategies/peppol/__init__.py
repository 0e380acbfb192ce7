"""Peppol: invoices of EN 16931, by Peppol BIS Billing 3 or as XRechnung, through an access point.

https://docs.peppol.eu/poacc/billing/3.0/
"""

from collections.abc import Iterable
from typing import Final

from tallystick import network
from tallystick.canonical import Fault, Invoice
from tallystick.formats import cii, ubl
from tallystick.rules.en16931 import EuropeanProfile
from tallystick.rules.en16931.codes import CREDIT_NOTE_TYPES
from tallystick.strategy import (
    Conversation,
    Document,
    Enrolment,
    Reading,
    Strategy,
    Trace,
    Unread,
)

from .addressing import names_of, self_billed
from .check import check
from .profiles import PROFILES, profile_of
from .refusals import named
from .settings import Settings

_UNION: Final = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
_ECONOMIC_AREA: Final = "IS LI NO"
_FURTHER: Final = "CH GB"

_DEFAULTS: Final = Settings()

_WRITTEN: Final = {
    profile.name: ubl.Profile(
        customization_id=profile.specification,
        profile_id=profile.process or "",
        credit_note_types=CREDIT_NOTE_TYPES,
    )
    for profile in PROFILES
}


class Peppol:
    """Four corners: ours is the sender's side, up to the answer of the receiver's access point.

    Documents that name XRechnung are judged as XRechnung, other specifications of EN 16931 as plain EN 16931,
    self-billed ones by Peppol's self-billing rules; `Settings.rules` overrides.
    """

    name = "peppol"
    countries = frozenset(f"{_UNION} {_ECONOMIC_AREA} {_FURTHER}".split())
    regions = frozenset({"EU", "EEA"})
    edition = "Peppol BIS Billing 3.0.21 (2026-05), EN 16931 rules 1.3.16, XRechnung 3.0.2"
    decimals = 2
    settings_type = Settings
    secret_names = (network.TOKEN,)

    def check(self, invoice: Invoice, enrolment: Enrolment) -> Iterable[Fault]:
        """The rules of the document's profile, as far as they stop it at a receiver."""
        settings = _settings(enrolment)
        return check(invoice, profile_of(invoice, settings.rules, settings.syntax), settings.edition or "")

    def build(self, invoice: Invoice, enrolment: Enrolment) -> Document:
        """UBL 2.1 or CII D16B. The marks are its names on the network, the same for every attempt."""
        settings = _settings(enrolment)
        profile = profile_of(invoice, settings.rules, settings.syntax)
        names = names_of(invoice, profile, settings, enrolment.now)
        return Document(
            media_type="application/xml",
            body=_written(invoice, profile),
            marks=network.marks_of(names),
        )

    def submit(self, document: Document, enrolment: Enrolment) -> Conversation:
        """Hands the document to the access point of the registration."""
        return named((yield from network.submit(_settings(enrolment).adapter, document, enrolment)))

    def inquire(self, document: Document, enrolment: Enrolment) -> Conversation:
        """Asks by our instance identifier, or sends the identical envelope where nothing can be asked."""
        return named((yield from network.inquire(_settings(enrolment).adapter, document, enrolment)))

    def recognises(self, body: bytes) -> bool:
        """Whether the bytes look like an invoice or credit note in UBL or CII."""
        return ubl.recognises(body) or cii.recognises(body)

    def read(self, body: bytes) -> Reading:
        """A document in UBL or CII as canonical JSON. Raises `tallystick.formats.Unreadable`."""
        found = cii.read(body) if cii.recognises(body) and not ubl.recognises(body) else ubl.read(body)
        unread = tuple(Unread(one.path, one.value, one.reason) for one in found.unread)
        return Reading(found.invoice, unread)

    def issuer(self, invoice: Invoice) -> str | None:
        """The buyer, where he bills himself."""
        buyer = invoice.buyer if self_billed(invoice) else None
        legal = buyer.legal_registration_identifier if buyer else None
        return (buyer.tax_identifier if buyer else None) or (legal.value if legal else None)

    def trace(self, document: bytes, invoice: Invoice | None) -> Trace:
        """The places of the document, however a validator spells them."""
        return cii.provenance(document) if cii.recognises(document) else ubl.provenance(document)


def _settings(enrolment: Enrolment) -> Settings:
    settings = enrolment.settings
    return settings if isinstance(settings, Settings) else _DEFAULTS


def _written(invoice: Invoice, profile: EuropeanProfile) -> bytes:
    if profile.syntax == "ubl":
        return ubl.invoice(invoice, _WRITTEN[profile.name])
    return cii.invoice(invoice, customization_id=profile.specification, profile_id=profile.process or "")


strategy: Strategy = Peppol()
