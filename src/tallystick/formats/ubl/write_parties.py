"""Parties, addresses and delivery as UBL text."""

from collections.abc import Sequence

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
from tallystick.formats.ubl.pen import attribute, day, element, scheme, text
from tallystick.formats.ubl.profile import Extras, OfParty, Profile

__all__ = ["delivery", "identifier", "parties"]


def parties(invoice: Invoice, profile: Profile) -> str:
    """Seller, buyer, payee, the profile's own parties, tax representative: in the schema's order."""
    creditor = _creditor_identifier(invoice)
    buyer, payee, representative = invoice.buyer, invoice.payee, invoice.seller_tax_representative
    others = profile.extras.parties
    return (
        f"<cac:AccountingSupplierParty>{_party(invoice.seller, profile, creditor if payee is None else '')}"
        "</cac:AccountingSupplierParty>"
        f"<cac:AccountingCustomerParty>{'' if buyer is None else _party(buyer, profile, '')}"
        "</cac:AccountingCustomerParty>"
        f"{'' if payee is None else _payee(payee, profile, creditor)}"
        f"{'' if others is None else others(invoice)}"
        f"{'' if representative is None else _representative(representative, profile)}"
    )


def _creditor_identifier(invoice: Invoice) -> str:
    """BT-90 as a party identification, unless a party lists the same identifier under its scheme already."""
    debits = [means.direct_debit for means in invoice.payment_instructions if means.direct_debit is not None]
    if not debits:
        return ""
    listed = invoice.seller.identifiers + (invoice.payee.identifiers if invoice.payee else ())
    stated = {known.value for known in listed if known.scheme == SEPA}
    values = dict.fromkeys(debit.bank_assigned_creditor_identifier for debit in debits)
    return _identifications(
        [Identifier(value=value, scheme=SEPA) for value in values if value and value not in stated]
    )


def _party(party: Seller | Buyer, profile: Profile, creditor: str) -> str:
    extras, trading_name, address = profile.extras, party.trading_name, party.postal_address
    more, tax, contact = extras.identifications, party.tax_identifier, party.contact
    return _wrapped(
        "cac:Party",
        f"{identifier('cbc:EndpointID', party.electronic_address)}"
        f"{_identifications(party.identifiers) if party.identifiers else ''}{creditor}"
        f"{'' if more is None else more(party)}"
        f"{'' if trading_name is None else _name(trading_name)}"
        f"{'' if address is None else _address('cac:PostalAddress', address, _detail(party, extras))}"
        f"{'' if tax is None else _tax_scheme(tax, profile.tax_scheme)}"
        f"{_seller_registration(party, profile) if isinstance(party, Seller) else ''}"
        f"{_legal_entity(party, extras.company_attributes)}"
        f"{'' if contact is None else _contact(contact)}",
    )


def _detail(party: Seller | Buyer, extras: Extras) -> str:
    return "" if extras.address is None else extras.address(party)


def _seller_registration(seller: Seller, profile: Profile) -> str:
    registration = seller.tax_registration_identifier
    return "" if registration is None else _tax_scheme(registration, profile.tax_registration_scheme)


def _payee(payee: Payee, profile: Profile, creditor: str) -> str:
    more = profile.extras.identifications
    return (
        f"<cac:PayeeParty>{_identifications(payee.identifiers)}{creditor}"
        f"{'' if more is None else more(payee)}{_name(payee.name)}"
        f"{_legal_entity(payee, profile.extras.company_attributes)}</cac:PayeeParty>"
    )


def _representative(party: SellerTaxRepresentative, profile: Profile) -> str:
    return (
        f"<cac:TaxRepresentativeParty>{_name(party.name)}"
        f"{_address('cac:PostalAddress', party.postal_address)}"
        f"{_tax_scheme(party.tax_identifier, profile.tax_scheme)}</cac:TaxRepresentativeParty>"
    )


def delivery(place: Delivery) -> str:
    """Where and when it was delivered; nothing if nothing is said."""
    date, name, address = place.actual_delivery_date, place.deliver_to_party_name, place.deliver_to_address
    location = (
        f"{identifier('cbc:ID', place.deliver_to_location_identifier)}"
        f"{'' if address is None else _address('cac:Address', address)}"
    )
    return _wrapped(
        "cac:Delivery",
        f"{'' if date is None else f'<cbc:ActualDeliveryDate>{day(date)}</cbc:ActualDeliveryDate>'}"
        f"{_wrapped('cac:DeliveryLocation', location)}"
        f"{'' if name is None else f'<cac:DeliveryParty>{_name(name)}</cac:DeliveryParty>'}",
    )


def identifier(tag: str, value: Identifier | SchemedIdentifier | None, attributes: str = "") -> str:
    """An identifier with its scheme. `attributes` stand before it, so they must sort before `schemeID`."""
    if value is None:
        return ""
    code = value.scheme
    return (
        f"<{tag}{attributes}>{text(value.value)}</{tag}>"
        if code is None
        else f'<{tag}{attributes} schemeID="{attribute(code)}">{text(value.value)}</{tag}>'
    )


def _identifications(identifiers: Sequence[Identifier]) -> str:
    return "".join(
        [
            f"<cac:PartyIdentification>{identifier('cbc:ID', one)}</cac:PartyIdentification>"
            for one in identifiers
        ]
    )


def _legal_entity(party: Seller | Buyer | Payee, attributes: OfParty | None) -> str:
    """Name, legal registration and legal information; a payee's name stands elsewhere."""
    name = None if isinstance(party, Payee) else party.name
    information = party.additional_legal_information if isinstance(party, Seller) else None
    company, more = party.legal_registration_identifier, attributes(party) if attributes else ""
    return _wrapped(
        "cac:PartyLegalEntity",
        f"{'' if name is None else element('cbc:RegistrationName', name)}"
        f"{'' if company is None else identifier('cbc:CompanyID', company, more)}"
        f"{'' if information is None else element('cbc:CompanyLegalForm', information)}",
    )


def _tax_scheme(value: str, name: str) -> str:
    return f"<cac:PartyTaxScheme>{element('cbc:CompanyID', value)}{scheme(name)}</cac:PartyTaxScheme>"


def _address(tag: str, address: PostalAddress, detail: str = "") -> str:
    street, second, third = address.line_1, address.line_2, address.line_3
    city, code, region = address.city, address.post_code, address.country_subdivision
    return (
        f"<{tag}>{'' if street is None else element('cbc:StreetName', street)}"
        f"{'' if second is None else element('cbc:AdditionalStreetName', second)}{detail}"
        f"{'' if city is None else element('cbc:CityName', city)}"
        f"{'' if code is None else element('cbc:PostalZone', code)}"
        f"{'' if region is None else element('cbc:CountrySubentity', region)}"
        f"{'' if third is None else _line(third)}"
        f"<cac:Country><cbc:IdentificationCode>{text(address.country_code)}</cbc:IdentificationCode>"
        f"</cac:Country></{tag}>"
    )


def _line(third: str) -> str:
    return f"<cac:AddressLine>{element('cbc:Line', third)}</cac:AddressLine>"


def _contact(contact: Contact) -> str:
    point, telephone, mail = contact.point, contact.telephone_number, contact.email_address
    return _wrapped(
        "cac:Contact",
        f"{'' if point is None else element('cbc:Name', point)}"
        f"{'' if telephone is None else element('cbc:Telephone', telephone)}"
        f"{'' if mail is None else element('cbc:ElectronicMail', mail)}",
    )


def _name(value: str) -> str:
    return f"<cac:PartyName>{element('cbc:Name', value)}</cac:PartyName>"


def _wrapped(tag: str, content: str) -> str:
    return f"<{tag}>{content}</{tag}>" if content else ""
