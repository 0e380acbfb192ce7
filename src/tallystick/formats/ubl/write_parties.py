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
from tallystick.formats.ubl.profile import Profile

__all__ = ["delivery", "identifier", "parties"]


def parties(invoice: Invoice, profile: Profile) -> str:
    """Seller, buyer, payee, the profile's own parties, tax representative: in the schema's order."""
    creditor = _creditor_identifier(invoice)
    buyer, payee, representative = invoice.buyer, invoice.payee, invoice.seller_tax_representative
    others = profile.extras.parties
    customer = "" if buyer is None else _party(buyer, profile, "", "", None)
    return (
        "<cac:AccountingSupplierParty><cac:Party>"
        f"{_seller(invoice.seller, profile, creditor if payee is None else '')}"
        "</cac:Party></cac:AccountingSupplierParty><cac:AccountingCustomerParty>"
        f"{_wrapped('cac:Party', customer)}</cac:AccountingCustomerParty>"
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


def _seller(seller: Seller, profile: Profile, creditor: str) -> str:
    registration = seller.tax_registration_identifier
    registered = "" if registration is None else _tax_scheme(registration, profile.tax_registration_scheme)
    return _party(seller, profile, creditor, registered, seller.additional_legal_information)


def _party(
    party: Seller | Buyer, profile: Profile, creditor: str, registered: str, information: str | None
) -> str:
    """What stands in a seller's or buyer's `Party`; `creditor` and `registered` are finished elements."""
    extras, trading_name, address = profile.extras, party.trading_name, party.postal_address
    more, detail = extras.identifications, extras.address
    tax, contact = party.tax_identifier, party.contact
    place = "" if detail is None else detail(party)
    company = "" if extras.company_attributes is None else extras.company_attributes(party)
    return (
        f"{identifier('cbc:EndpointID', party.electronic_address)}"
        f"{_identifications(party.identifiers) if party.identifiers else ''}{creditor}"
        f"{'' if more is None else more(party)}"
        f"{'' if trading_name is None else _name(trading_name)}"
        f"{'' if address is None else _address('cac:PostalAddress', address, place)}"
        f"{'' if tax is None else _tax_scheme(tax, profile.tax_scheme)}{registered}"
        f"{_legal_entity(party.name, party.legal_registration_identifier, company, information)}"
        f"{'' if contact is None else _contact(contact)}"
    )


def _payee(payee: Payee, profile: Profile, creditor: str) -> str:
    more, company = profile.extras.identifications, profile.extras.company_attributes
    attributes = "" if company is None else company(payee)
    return (
        f"<cac:PayeeParty>{_identifications(payee.identifiers)}{creditor}"
        f"{'' if more is None else more(payee)}{_name(payee.name)}"
        f"{_legal_entity(None, payee.legal_registration_identifier, attributes, None)}</cac:PayeeParty>"
    )


def _representative(party: SellerTaxRepresentative, profile: Profile) -> str:
    return (
        f"<cac:TaxRepresentativeParty>{_name(party.name)}"
        f"{_address('cac:PostalAddress', party.postal_address)}"
        f"{_tax_scheme(party.tax_identifier, profile.tax_scheme)}</cac:TaxRepresentativeParty>"
    )


def delivery(place: Delivery | None, dates: str = "", terms: str = "") -> str:
    """Where and when it was delivered; nothing if nothing is said. `dates` and `terms` are the profile's."""
    if place is None:
        return _wrapped("cac:Delivery", dates + terms)
    date, name, address = place.actual_delivery_date, place.deliver_to_party_name, place.deliver_to_address
    location = (
        f"{identifier('cbc:ID', place.deliver_to_location_identifier)}"
        f"{'' if address is None else _address('cac:Address', address)}"
    )
    return _wrapped(
        "cac:Delivery",
        f"{'' if date is None else f'<cbc:ActualDeliveryDate>{day(date)}</cbc:ActualDeliveryDate>'}{dates}"
        f"{_wrapped('cac:DeliveryLocation', location)}"
        f"{'' if name is None else f'<cac:DeliveryParty>{_name(name)}</cac:DeliveryParty>'}{terms}",
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


def _legal_entity(
    name: str | None, company: Identifier | None, attributes: str, information: str | None
) -> str:
    """Name, legal registration and legal information; a payee's name stands elsewhere."""
    return _wrapped(
        "cac:PartyLegalEntity",
        f"{'' if name is None else f'<cbc:RegistrationName>{text(name)}</cbc:RegistrationName>'}"
        f"{'' if company is None else identifier('cbc:CompanyID', company, attributes)}"
        f"{'' if information is None else element('cbc:CompanyLegalForm', information)}",
    )


def _tax_scheme(value: str, name: str) -> str:
    return f"<cac:PartyTaxScheme>{element('cbc:CompanyID', value)}{scheme(name)}</cac:PartyTaxScheme>"


def _address(tag: str, address: PostalAddress, detail: str = "") -> str:
    street, second, third = address.line_1, address.line_2, address.line_3
    city, code, region = address.city, address.post_code, address.country_subdivision
    return (
        f"<{tag}>{'' if street is None else f'<cbc:StreetName>{text(street)}</cbc:StreetName>'}"
        f"{'' if second is None else element('cbc:AdditionalStreetName', second)}{detail}"
        f"{'' if city is None else f'<cbc:CityName>{text(city)}</cbc:CityName>'}"
        f"{'' if code is None else f'<cbc:PostalZone>{text(code)}</cbc:PostalZone>'}"
        f"{'' if region is None else f'<cbc:CountrySubentity>{text(region)}</cbc:CountrySubentity>'}"
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
        f"{'' if point is None else f'<cbc:Name>{text(point)}</cbc:Name>'}"
        f"{'' if telephone is None else f'<cbc:Telephone>{text(telephone)}</cbc:Telephone>'}"
        f"{'' if mail is None else f'<cbc:ElectronicMail>{text(mail)}</cbc:ElectronicMail>'}",
    )


def _name(value: str) -> str:
    return f"<cac:PartyName>{element('cbc:Name', value)}</cac:PartyName>"


def _wrapped(tag: str, content: str) -> str:
    return f"<{tag}>{content}</{tag}>" if content else ""
