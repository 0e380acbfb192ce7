"""Peppol: invoices and credit notes of EN 16931 as UBL, by Peppol BIS Billing 3, through an access point.

https://docs.peppol.eu/poacc/billing/3.0/
"""

from collections.abc import Iterable
from typing import Final

from tallystick import network
from tallystick.canonical import Fault, Invoice
from tallystick.formats import ubl
from tallystick.rules.en16931 import EuropeanProfile
from tallystick.rules.en16931.codes import CREDIT_NOTE_TYPES
from tallystick.strategy import (
    Conversation,
    Document,
    Enrolment,
    Reading,
    Strategy,
    Unread,
)

from .addressing import names_of
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

    Documents that name another specification of EN 16931 are judged as plain EN 16931, self-billed ones by
    Peppol's self-billing rules; `Settings.rules` overrides.
    """

    name = "peppol"
    countries = frozenset(f"{_UNION} {_ECONOMIC_AREA} {_FURTHER}".split())
    regions = frozenset({"EU", "EEA"})
    edition = "Peppol BIS Billing 3.0.21 (2026-05), EN 16931 rules 1.3.16"
    settings_type = Settings
    secret_names = (network.TOKEN,)

    def check(self, invoice: Invoice, enrolment: Enrolment) -> Iterable[Fault]:
        """The rules of the document's profile, as far as they stop it at a receiver."""
        return check(invoice, _profile(invoice, enrolment))

    def build(self, invoice: Invoice, enrolment: Enrolment) -> Document:
        """UBL 2.1. The marks are the document's names on the network, the same for every attempt."""
        profile = _profile(invoice, enrolment)
        names = names_of(invoice, profile, _settings(enrolment), enrolment.now)
        return Document(
            media_type="application/xml",
            body=ubl.invoice(invoice, _WRITTEN[profile.name]),
            marks=network.marks_of(names),
        )

    def submit(self, document: Document, enrolment: Enrolment) -> Conversation:
        """Hands the document to the access point of the registration."""
        return named((yield from network.submit(_settings(enrolment).adapter, document, enrolment)))

    def inquire(self, document: Document, enrolment: Enrolment) -> Conversation:
        """Asks by our instance identifier, or sends the identical envelope where nothing can be asked."""
        return named((yield from network.inquire(_settings(enrolment).adapter, document, enrolment)))

    def recognises(self, body: bytes) -> bool:
        """Whether the bytes look like a UBL invoice or credit note."""
        return ubl.recognises(body)

    def read(self, body: bytes) -> Reading:
        """A UBL invoice or credit note as canonical JSON. Raises `tallystick.formats.Unreadable`."""
        found = ubl.read(body)
        unread = tuple(Unread(one.path, one.value, one.reason) for one in found.unread)
        return Reading(found.invoice, unread)


def _settings(enrolment: Enrolment) -> Settings:
    return enrolment.settings if isinstance(enrolment.settings, Settings) else _DEFAULTS


def _profile(invoice: Invoice, enrolment: Enrolment) -> EuropeanProfile:
    return profile_of(invoice, _settings(enrolment).rules)


strategy: Strategy = Peppol()
