"""Parties, addresses and identifiers as CII text."""

from collections.abc import Sequence

from tallystick.canonical import (
    Buyer,
    Contact,
    Delivery,
    Identifier,
    Payee,
    PostalAddress,
    SchemedIdentifier,
    Seller,
    SellerTaxRepresentative,
)
from tallystick.formats.cii.names import FISCAL_NUMBER, TAX_NUMBER
from tallystick.formats.cii.pieces import date_time, identifier, wrapped
from tallystick.formats.ubl.pen import element, text

__all__ = ["buyer", "delivered", "payee", "representative", "seller", "ship_to"]


def seller(party: Seller) -> str:
    """BG-4."""
    description = element("ram:Description", party.additional_legal_information)
    return (
        f"<ram:SellerTradeParty>{_identifiers(party.identifiers)}"
        f"{element('ram:Name', party.name)}{description}"
        f"{_legal(party.legal_registration_identifier, party.trading_name)}{_contact(party.contact)}"
        f"{_address(party.postal_address)}{_electronic(party.electronic_address)}"
        f"{_number(party.tax_registration_identifier, FISCAL_NUMBER)}"
        f"{_number(party.tax_identifier, TAX_NUMBER)}"
        "</ram:SellerTradeParty>"
    )


def buyer(party: Buyer | None) -> str:
    """BG-7; the schema wants the element even where nothing is known of the buyer."""
    if party is None:
        return "<ram:BuyerTradeParty></ram:BuyerTradeParty>"
    return (
        f"<ram:BuyerTradeParty>{_identifiers(party.identifiers)}{element('ram:Name', party.name)}"
        f"{_legal(party.legal_registration_identifier, party.trading_name)}{_contact(party.contact)}"
        f"{_address(party.postal_address)}{_electronic(party.electronic_address)}"
        f"{_number(party.tax_identifier, TAX_NUMBER)}</ram:BuyerTradeParty>"
    )


def representative(party: SellerTaxRepresentative | None) -> str:
    """BG-11."""
    if party is None:
        return ""
    return wrapped(
        "ram:SellerTaxRepresentativeTradeParty",
        f"{element('ram:Name', party.name)}{_address(party.postal_address)}"
        f"{_number(party.tax_identifier, TAX_NUMBER)}",
    )


def payee(party: Payee | None) -> str:
    """BG-10."""
    if party is None:
        return ""
    return wrapped(
        "ram:PayeeTradeParty",
        f"{_identifiers(party.identifiers)}{element('ram:Name', party.name)}"
        f"{_legal(party.legal_registration_identifier, None)}",
    )


def ship_to(delivery: Delivery | None) -> str:
    """Who received it and where (BT-70, BT-71, BG-15)."""
    if delivery is None:
        return ""
    place = delivery.deliver_to_location_identifier
    content = (
        f"{_identifiers(() if place is None else (place,))}"
        f"{element('ram:Name', delivery.deliver_to_party_name)}{_address(delivery.deliver_to_address)}"
    )
    return wrapped("ram:ShipToTradeParty", content)


def delivered(delivery: Delivery | None) -> str:
    """When it was delivered (BT-72)."""
    when = None if delivery is None else delivery.actual_delivery_date
    return wrapped("ram:ActualDeliverySupplyChainEvent", date_time("ram:OccurrenceDateTime", when))


def _identifiers(identifiers: Sequence[Identifier]) -> str:
    """Those without a scheme first: the syntax has an element for each kind."""
    plain = [element("ram:ID", one.value) for one in identifiers if one.scheme is None]
    schemed = [identifier("ram:GlobalID", one) for one in identifiers if one.scheme is not None]
    return "".join(plain + schemed)


def _legal(registration: Identifier | None, trading_name: str | None) -> str:
    content = identifier("ram:ID", registration) + element("ram:TradingBusinessName", trading_name)
    return wrapped("ram:SpecifiedLegalOrganization", content)


def _contact(contact: Contact | None) -> str:
    if contact is None:
        return ""
    phone = element("ram:CompleteNumber", contact.telephone_number)
    mail = element("ram:URIID", contact.email_address)
    return wrapped(
        "ram:DefinedTradeContact",
        f"{element('ram:PersonName', contact.point)}{wrapped('ram:TelephoneUniversalCommunication', phone)}"
        f"{wrapped('ram:EmailURIUniversalCommunication', mail)}",
    )


def _address(address: PostalAddress | None) -> str:
    if address is None:
        return ""
    return (
        f"<ram:PostalTradeAddress>{element('ram:PostcodeCode', address.post_code)}"
        f"{element('ram:LineOne', address.line_1)}{element('ram:LineTwo', address.line_2)}"
        f"{element('ram:LineThree', address.line_3)}{element('ram:CityName', address.city)}"
        f"<ram:CountryID>{text(address.country_code)}</ram:CountryID>"
        f"{element('ram:CountrySubDivisionName', address.country_subdivision)}</ram:PostalTradeAddress>"
    )


def _electronic(address: SchemedIdentifier | None) -> str:
    return wrapped("ram:URIUniversalCommunication", identifier("ram:URIID", address))


def _number(number: str | None, kind: str) -> str:
    if number is None:
        return ""
    tag = "ram:SpecifiedTaxRegistration"
    return f'<{tag}><ram:ID schemeID="{kind}">{text(number)}</ram:ID></{tag}>'
