"""XRechnung: what a receiver in Germany would notice first, in UBL. Everything else is EN 16931's."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.sandbox.judge.complaint import Addressing, Complaint
from tallystick.sandbox.judge.paper import Part

FAMILY = "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"
_SELLER = "cac:AccountingSupplierParty/cac:Party"
_BUYER = "cac:AccountingCustomerParty/cac:Party"
_TERMS = (
    ("PEPPOL-EN16931-R001", "cbc:ProfileID", "the business process (BT-23)"),
    ("BR-DE-15", "cbc:BuyerReference", "the buyer reference (BT-10)"),
    ("BR-DE-1", "cac:PaymentMeans", "how it is to be paid (BG-16)"),
    ("PEPPOL-EN16931-R020", f"{_SELLER}/cbc:EndpointID", "the seller's electronic address (BT-34)"),
    ("PEPPOL-EN16931-R010", f"{_BUYER}/cbc:EndpointID", "the buyer's electronic address (BT-49)"),
    ("BR-DE-2", f"{_SELLER}/cac:Contact", "whom to ask at the seller's (BG-6)"),
    ("BR-DE-3", f"{_SELLER}/cac:PostalAddress/cbc:CityName", "the seller's city (BT-37)"),
    ("BR-DE-4", f"{_SELLER}/cac:PostalAddress/cbc:PostalZone", "the seller's post code (BT-38)"),
    ("BR-DE-8", f"{_BUYER}/cac:PostalAddress/cbc:CityName", "the buyer's city (BT-52)"),
    ("BR-DE-9", f"{_BUYER}/cac:PostalAddress/cbc:PostalZone", "the buyer's post code (BT-53)"),
)
_CONTACT = (
    ("BR-DE-5", "cbc:Name", "name (BT-41)"),
    ("BR-DE-6", "cbc:Telephone", "telephone number (BT-42)"),
    ("BR-DE-7", "cbc:ElectronicMail", "e-mail address (BT-43)"),
)


def named(customization: str) -> bool:
    """Whether a specification identifier is XRechnung's, its extension's or that of clean vehicles."""
    return customization.startswith(FAMILY)


def header(root: Part, _addressing: Addressing) -> Iterator[Complaint]:
    """Terms that must be there."""
    for rule, path, what in _TERMS:
        if not root.has(path):
            yield Complaint(rule, f"{what} is missing")
    contact = root.one(f"{_SELLER}/cac:Contact")
    for rule, path, what in _CONTACT:
        if contact is not None and not contact.has(path):
            yield Complaint(rule, f"the contact has no {what}")
