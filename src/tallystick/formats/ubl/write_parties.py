"""Parties, addresses and delivery as UBL text."""

from collections.abc import Iterable

from tallystick.canonical import (
    Buyer,
    Contact,
    Delivery,
    Identifier,
    Invoice,
    Payee,
    PostalAddress,
    SchemedIdentifier,
    Seller,
    SellerTaxRepresentative,
)
from tallystick.formats.ubl.names import SEPA
from tallystick.formats.ubl.pen import attribute, element, text
from tallystick.formats.ubl.profile import OfParty, Profile

__all__ = ["delivery", "identifier", "parties"]


def parties(invoice: Invoice, profile: Profile) -> str:
    """Seller, buyer, payee, the profile's own parties, tax representative: in the schema's order."""
    creditor = _creditor_identifier(invoice)
    seller = _party(invoice.seller, profile, "" if invoice.payee else creditor)
    buyer = _party(invoice.buyer, profile, "") if invoice.buyer else ""
    others = profile.extras.parties
    return (
        f"<cac:AccountingSupplierParty>{seller}</cac:AccountingSupplierParty>"
        f"<cac:AccountingCustomerParty>{buyer}</cac:AccountingCustomerParty>"
        + (_payee(invoice.payee, profile, creditor) if invoice.payee else "")
        + (others(invoice) if others else "")
        + _representative(invoice.seller_tax_representative, profile)
    )


def _creditor_identifier(invoice: Invoice) -> str:
    """BT-90 as a party identification, unless a party lists the same identifier under its scheme already."""
    values = [
        means.direct_debit.bank_assigned_creditor_identifier
        for means in invoice.payment_instructions
        if means.direct_debit and means.direct_debit.bank_assigned_creditor_identifier
    ]
    listed = invoice.seller.identifiers + (invoice.payee.identifiers if invoice.payee else ())
    stated = {known.value for known in listed if known.scheme == SEPA}
    return _identifications(
        Identifier(value=value, scheme=SEPA) for value in dict.fromkeys(values) if value not in stated
    )


def _party(party: Seller | Buyer, profile: Profile, creditor: str) -> str:
    detail = profile.extras.address
    more = profile.extras.identifications
    return _wrapped(
        "cac:Party",
        identifier("cbc:EndpointID", party.electronic_address)
        + _identifications(party.identifiers)
        + creditor
        + (more(party) if more else "")
        + _named("cac:PartyName", "cbc:Name", party.trading_name)
        + (_address("cac:PostalAddress", party.postal_address, detail(party) if detail else ""))
        + _tax_scheme(party.tax_identifier, profile.tax_scheme)
        + (
            _tax_scheme(party.tax_registration_identifier, profile.tax_registration_scheme)
            if isinstance(party, Seller)
            else ""
        )
        + _legal_entity(party, profile.extras.company_attributes)
        + _contact(party.contact),
    )


def _payee(payee: Payee, profile: Profile, creditor: str) -> str:
    more = profile.extras.identifications
    return (
        "<cac:PayeeParty>"
        + _identifications(payee.identifiers)
        + creditor
        + (more(payee) if more else "")
        + _named("cac:PartyName", "cbc:Name", payee.name)
        + _legal_entity(payee, profile.extras.company_attributes)
        + "</cac:PayeeParty>"
    )


def _representative(party: SellerTaxRepresentative | None, profile: Profile) -> str:
    if party is None:
        return ""
    return (
        "<cac:TaxRepresentativeParty>"
        + _named("cac:PartyName", "cbc:Name", party.name)
        + _address("cac:PostalAddress", party.postal_address)
        + _tax_scheme(party.tax_identifier, profile.tax_scheme)
        + "</cac:TaxRepresentativeParty>"
    )


def delivery(place: Delivery | None) -> str:
    """Where and when it was delivered; nothing if nothing is said."""
    if place is None:
        return ""
    location = identifier("cbc:ID", place.deliver_to_location_identifier) + _address(
        "cac:Address", place.deliver_to_address
    )
    date = place.actual_delivery_date
    parts = (
        (f"<cbc:ActualDeliveryDate>{date.isoformat()}</cbc:ActualDeliveryDate>" if date else "")
        + (f"<cac:DeliveryLocation>{location}</cac:DeliveryLocation>" if location else "")
        + _wrapped("cac:DeliveryParty", _named("cac:PartyName", "cbc:Name", place.deliver_to_party_name))
    )
    return _wrapped("cac:Delivery", parts)


def identifier(tag: str, value: Identifier | SchemedIdentifier | None, attributes: str = "") -> str:
    """An identifier with its scheme. `attributes` stand before it, so they must sort before `schemeID`."""
    if value is None:
        return ""
    scheme = "" if value.scheme is None else f' schemeID="{attribute(value.scheme)}"'
    return f"<{tag}{attributes}{scheme}>{text(value.value)}</{tag}>"


def _identifications(identifiers: Iterable[Identifier]) -> str:
    return "".join(
        f"<cac:PartyIdentification>{identifier('cbc:ID', one)}</cac:PartyIdentification>"
        for one in identifiers
    )


def _legal_entity(party: Seller | Buyer | Payee, attributes: OfParty | None) -> str:
    """Name, legal registration and legal information; a payee's name stands elsewhere."""
    name = None if isinstance(party, Payee) else party.name
    information = party.additional_legal_information if isinstance(party, Seller) else None
    company = identifier(
        "cbc:CompanyID", party.legal_registration_identifier, attributes(party) if attributes else ""
    )
    return _wrapped(
        "cac:PartyLegalEntity",
        element("cbc:RegistrationName", name) + company + element("cbc:CompanyLegalForm", information),
    )


def _tax_scheme(value: str | None, scheme: str) -> str:
    if value is None:
        return ""
    return (
        f"<cac:PartyTaxScheme><cbc:CompanyID>{text(value)}</cbc:CompanyID>"
        f"<cac:TaxScheme><cbc:ID>{text(scheme)}</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>"
    )


def _address(tag: str, address: PostalAddress | None, detail: str = "") -> str:
    if address is None:
        return ""
    return (
        f"<{tag}>"
        + element("cbc:StreetName", address.line_1)
        + element("cbc:AdditionalStreetName", address.line_2)
        + detail
        + element("cbc:CityName", address.city)
        + element("cbc:PostalZone", address.post_code)
        + element("cbc:CountrySubentity", address.country_subdivision)
        + _named("cac:AddressLine", "cbc:Line", address.line_3)
        + _named("cac:Country", "cbc:IdentificationCode", address.country_code)
        + f"</{tag}>"
    )


def _contact(contact: Contact | None) -> str:
    if contact is None:
        return ""
    return _wrapped(
        "cac:Contact",
        element("cbc:Name", contact.point)
        + element("cbc:Telephone", contact.telephone_number)
        + element("cbc:ElectronicMail", contact.email_address),
    )


def _named(group: str, tag: str, value: str | None) -> str:
    return "" if value is None else f"<{group}><{tag}>{text(value)}</{tag}></{group}>"


def _wrapped(tag: str, content: str) -> str:
    return f"<{tag}>{content}</{tag}>" if content else ""
