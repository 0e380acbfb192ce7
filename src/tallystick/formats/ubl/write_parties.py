"""Parties, addresses and delivery as UBL text."""

from collections.abc import Sequence
from typing import TypeAlias

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
from tallystick.formats.ubl.pen import attribute, day, element, said, scheme, special, text, texts
from tallystick.formats.ubl.profile import Extras, Profile

__all__ = ["delivery", "identifier", "parties"]

Pieces: TypeAlias = tuple[str, str, str]
"""A party, in three: the whole of it is long, and long texts are dear to glue more than once."""


def parties(invoice: Invoice, profile: Profile) -> list[str]:
    """Seller, buyer, payee, the profile's own parties, tax representative: in the schema's order."""
    creditor, extras = _creditor_identifier(invoice), profile.extras
    buyer, payee, representative = invoice.buyer, invoice.payee, invoice.seller_tax_representative
    pieces = [
        "<cac:AccountingSupplierParty><cac:Party>",
        *_seller(invoice.seller, profile, creditor if payee is None else ""),
        "</cac:Party></cac:AccountingSupplierParty><cac:AccountingCustomerParty>",
    ]
    if buyer is not None:
        pieces += _buyer(buyer, profile)
    pieces.append("</cac:AccountingCustomerParty>")
    if payee is not None:
        pieces.append(_payee(payee, extras, creditor))
    if extras is not None and extras.parties is not None:
        pieces.append(extras.parties(invoice))
    if representative is not None:
        pieces.append(_representative(representative, profile))
    return pieces


def _creditor_identifier(invoice: Invoice) -> str:
    """BT-90 as a party identification, unless a party lists the same identifier under its scheme already."""
    for means in invoice.payment_instructions:
        if means.direct_debit is not None:
            return _creditors(invoice)
    return ""


def _creditors(invoice: Invoice) -> str:
    debits = [means.direct_debit for means in invoice.payment_instructions if means.direct_debit is not None]
    listed = invoice.seller.identifiers + (invoice.payee.identifiers if invoice.payee else ())
    stated = {known.value for known in listed if known.scheme == SEPA}
    values = dict.fromkeys([debit.bank_assigned_creditor_identifier for debit in debits])
    return _identifications(
        [Identifier(value=value, scheme=SEPA) for value in values if value and value not in stated]
    )


def _seller(seller: Seller, profile: Profile, creditor: str) -> Pieces:
    registration = seller.tax_registration_identifier
    registered = "" if registration is None else _tax_scheme(registration, profile.tax_registration_scheme)
    return _party(seller, profile, creditor, registered, seller.additional_legal_information)


def _buyer(buyer: Buyer, profile: Profile) -> Pieces:
    """The buyer's `Party`; nothing if nothing is known of him."""
    first, address, last = _party(buyer, profile, "", "", None)
    if not (first or address or last):
        return "", "", ""
    return f"<cac:Party>{first}", address, f"{last}</cac:Party>"


def _party(
    party: Seller | Buyer, profile: Profile, creditor: str, registered: str, information: str | None
) -> Pieces:
    """What stands in a seller's or buyer's `Party`; `creditor` and `registered` are finished elements."""
    identifiers, contact = party.identifiers, party.contact
    identified = f"{_identifications(identifiers)}{creditor}" if identifiers else creditor
    reached = "" if contact is None else _contact(contact)
    if profile.extras is None and information is None:
        usual = _usual_party(party, profile.tax_scheme, identified, registered)
        if usual:
            return usual, "", reached
    return _full_party(party, profile, identified, registered, information, reached)


def _usual_party(party: Seller | Buyer, tax_scheme: str, identified: str, registered: str) -> str:
    """A party that has what most have, up to its contact, in one piece: what `_full_party` writes of it, and
    sooner. Nothing if it is no such party.
    """
    endpoint, address = party.electronic_address, party.postal_address
    company = party.legal_registration_identifier
    if endpoint is None or address is None or company is None or party.trading_name is not None:
        return ""
    street, city, code, country = address.line_1, address.city, address.post_code, address.country_code
    name, tax, register = party.name, party.tax_identifier, company.scheme
    if street is None or city is None or code is None or name is None or tax is None or register is None:
        return ""
    if address.line_2 is not None or address.line_3 is not None or address.country_subdivision is not None:
        return ""
    network, number, registration = endpoint.scheme, endpoint.value, company.value
    if not (network + register).isalnum():
        return ""
    if special(f"{number}{street}{city}{code}{country}{tax}{name}{registration}"):
        return ""
    return (
        f'<cbc:EndpointID schemeID="{network}">{number}</cbc:EndpointID>{identified}<cac:PostalAddress>'
        f"<cbc:StreetName>{street}</cbc:StreetName><cbc:CityName>{city}</cbc:CityName>"
        f"<cbc:PostalZone>{code}</cbc:PostalZone><cac:Country><cbc:IdentificationCode>{country}"
        f"</cbc:IdentificationCode></cac:Country></cac:PostalAddress><cac:PartyTaxScheme><cbc:CompanyID>{tax}"
        f"</cbc:CompanyID>{scheme(tax_scheme)}</cac:PartyTaxScheme>{registered}<cac:PartyLegalEntity>"
        f'<cbc:RegistrationName>{name}</cbc:RegistrationName><cbc:CompanyID schemeID="{register}">'
        f"{registration}</cbc:CompanyID></cac:PartyLegalEntity>"
    )


def _full_party(
    party: Seller | Buyer,
    profile: Profile,
    identified: str,
    registered: str,
    information: str | None,
    reached: str,
) -> Pieces:
    """Any party; `identified` are its identifications, `reached` its contact."""
    endpoint, trading_name, address = party.electronic_address, party.trading_name, party.postal_address
    name, tax, company = party.name, party.tax_identifier, party.legal_registration_identifier
    more = place = attributes = ""
    if profile.extras is not None:
        more, place, attributes = _further(party, profile.extras)
    names = (
        f"{identifier('cbc:EndpointID', endpoint)}{identified}{more}"
        f"{'' if trading_name is None else _name(trading_name)}"
    )
    if tax is not None:
        registered = _tax_scheme(tax, profile.tax_scheme) + registered
    if not (name is None and company is None and information is None):
        registered += _legal_entity(name, company, attributes, information)
    at = "" if address is None else _address("cac:PostalAddress", address, place)
    return names, at, registered + reached


def _further(party: Seller | Buyer | Payee, extras: Extras) -> tuple[str, str, str]:
    """What the profile adds: identifications, elements of the address, attributes of the registration."""
    return (
        said(extras.identifications, party),
        said(extras.address, party),
        said(extras.company_attributes, party),
    )


def _payee(payee: Payee, extras: Extras | None, creditor: str) -> str:
    registration, legal = payee.legal_registration_identifier, ""
    more, _, company = ("", "", "") if extras is None else _further(payee, extras)
    if registration is not None:
        legal = _legal_entity(None, registration, company, None)
    return (
        f"<cac:PayeeParty>{_identifications(payee.identifiers)}{creditor}{more}{_name(payee.name)}{legal}"
        "</cac:PayeeParty>"
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
    where = place.deliver_to_location_identifier
    return _wrapped(
        "cac:Delivery",
        f"{'' if date is None else f'<cbc:ActualDeliveryDate>{day(date)}</cbc:ActualDeliveryDate>'}{dates}"
        f"{'' if where is None and address is None else _location(where, address)}"
        f"{'' if name is None else f'<cac:DeliveryParty>{_name(name)}</cac:DeliveryParty>'}{terms}",
    )


def _location(where: Identifier | None, address: PostalAddress | None) -> str:
    return (
        f"<cac:DeliveryLocation>{identifier('cbc:ID', where)}"
        f"{'' if address is None else _address('cac:Address', address)}</cac:DeliveryLocation>"
    )


def identifier(tag: str, value: Identifier | SchemedIdentifier | None, attributes: str = "") -> str:
    """An identifier with its scheme. `attributes` stand before it, so they must sort before `schemeID`."""
    if value is None:
        return ""
    code, said = value.scheme, value.value
    if code is None:
        return f"<{tag}{attributes}>{text(said)}</{tag}>"
    if not (code + said).isalnum():
        code, said = attribute(code), text(said)
    return f'<{tag}{attributes} schemeID="{code}">{said}</{tag}>'


def _identifications(identifiers: Sequence[Identifier]) -> str:
    written = ""
    for one in identifiers:
        written += f"<cac:PartyIdentification>{identifier('cbc:ID', one)}</cac:PartyIdentification>"
    return written


def _legal_entity(
    name: str | None, company: Identifier | None, attributes: str, information: str | None
) -> str:
    """Name, legal registration and legal information; a payee's name stands elsewhere."""
    return (
        f"<cac:PartyLegalEntity>{element('cbc:RegistrationName', name)}"
        f"{identifier('cbc:CompanyID', company, attributes)}"
        f"{element('cbc:CompanyLegalForm', information)}</cac:PartyLegalEntity>"
    )


def _tax_scheme(value: str, name: str) -> str:
    return (
        f"<cac:PartyTaxScheme><cbc:CompanyID>{text(value)}</cbc:CompanyID>{scheme(name)}</cac:PartyTaxScheme>"
    )


def _address(tag: str, address: PostalAddress, detail: str = "") -> str:
    third, country = address.line_3, address.country_code
    return (
        f"<{tag}>{element('cbc:StreetName', address.line_1)}"
        f"{element('cbc:AdditionalStreetName', address.line_2)}{detail}"
        f"{element('cbc:CityName', address.city)}{element('cbc:PostalZone', address.post_code)}"
        f"{element('cbc:CountrySubentity', address.country_subdivision)}"
        f"{'' if third is None else _line(third)}"
        f"<cac:Country>{element('cbc:IdentificationCode', country)}</cac:Country></{tag}>"
    )


def _line(third: str) -> str:
    return f"<cac:AddressLine>{element('cbc:Line', third)}</cac:AddressLine>"


def _contact(contact: Contact) -> str:
    point, telephone, mail = contact.point, contact.telephone_number, contact.email_address
    if point is telephone is mail is None:
        return ""
    if special(f"{point}{telephone}{mail}"):
        point, telephone, mail = texts(point, telephone, mail)
    return (
        f"<cac:Contact>{'' if point is None else f'<cbc:Name>{point}</cbc:Name>'}"
        f"{'' if telephone is None else f'<cbc:Telephone>{telephone}</cbc:Telephone>'}"
        f"{'' if mail is None else f'<cbc:ElectronicMail>{mail}</cbc:ElectronicMail>'}</cac:Contact>"
    )


def _name(value: str) -> str:
    return f"<cac:PartyName><cbc:Name>{text(value)}</cbc:Name></cac:PartyName>"


def _wrapped(tag: str, content: str) -> str:
    return f"<{tag}>{content}</{tag}>" if content else ""
