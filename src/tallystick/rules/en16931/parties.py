"""Who takes part: what must be known of seller, buyer, payee and representative, and in which schemes."""

from collections.abc import Iterable, Iterator

from tallystick.canonical import (
    Buyer,
    Delivery,
    Fault,
    Identifier,
    Payee,
    PostalAddress,
    SchemedIdentifier,
    Seller,
)
from tallystick.rules.en16931 import codes
from tallystick.rules.en16931.case import EuropeanCase, Faults
from tallystick.rules.lexical import normal

BANK_ASSIGNED = "SEPA"
"""Under this scheme an identifier of seller or payee is the bank assigned creditor identifier (BT-90)."""


def parties(case: EuropeanCase) -> Iterable[Fault]:
    """Rules on BG-4 to BG-15 that hold whatever is sold."""
    return () if _are_plain(case) else _told(case)


def _are_plain(case: EuropeanCase) -> bool:
    """Whether a seller who has a tax identifier bills a buyer, and no code that they name is unlisted."""
    invoice, seller, buyer = case.invoice, case.seller, case.buyer
    return (
        invoice.payee is None
        and invoice.seller_tax_representative is None
        and (invoice.delivery is None or _is_plain(invoice.delivery))
        and seller.tax_identifier is not None
        and buyer.name is not None
        and buyer.postal_address is not None
        and len(buyer.identifiers) < 2
        and _is_listed(seller)
        and _is_listed(buyer)
    )


def _is_plain(delivery: Delivery) -> bool:
    return delivery.deliver_to_address is None and delivery.deliver_to_location_identifier is None


def _is_listed(party: Seller | Buyer) -> bool:
    """Whether each country, scheme and prefix that the party names is listed."""
    for identifier in party.identifiers:
        unlisted = is_unlisted(identifier)
        if unlisted:
            return False
    number = party.tax_identifier
    return not (
        (number is not None and _begins_as_none(number))
        or is_unlisted(party.legal_registration_identifier)
        or _is_nowhere(party.postal_address)
        or _is_unreachable(party.electronic_address)
    )


def _told(case: EuropeanCase) -> Faults:
    invoice = case.invoice
    yield from _seller(case)
    yield from _buyer(case)
    if invoice.payee is not None:
        yield from _payee(case, invoice.payee)
    yield from _countries(case)
    yield from _tax_identifiers(case)
    for at, address, term in (
        ("/seller", case.seller.electronic_address, "BT-34"),
        ("/buyer", case.buyer.electronic_address, "BT-49"),
    ):
        if address is not None and _is_unreachable(address):
            at = f"{at}/electronic_address/scheme"
            yield from case.broken("BR-CL-25", at, actual=address.scheme, term=term)
    if invoice.delivery is not None:
        yield from _delivery(case, invoice.delivery)


def is_unlisted(identifier: Identifier | None) -> bool:
    """Whether there is an identifier and it has a scheme, which is not one of those that are registered."""
    scheme = None if identifier is None else identifier.scheme
    return (
        scheme is not None
        and scheme not in codes.IDENTIFIER_SCHEMES
        and normal(scheme) not in codes.IDENTIFIER_SCHEMES
    )


def _is_nowhere(address: PostalAddress | None) -> bool:
    """Whether there is an address, in a country that is not listed."""
    return address is not None and address.country_code not in codes.COUNTRIES


def _is_unreachable(address: SchemedIdentifier | None) -> bool:
    """Whether there is an electronic address, of a scheme that is not listed."""
    return address is not None and normal(address.scheme) not in codes.ELECTRONIC_ADDRESSES


def _begins_as_none(tax_identifier: str) -> bool:
    """Whether no VAT identifier begins so."""
    prefix = tax_identifier[:2]
    return prefix not in codes.TAX_NUMBER_PREFIXES and prefix not in codes.TAX_NUMBER_PREFIX_TEXT


def _seller(case: EuropeanCase) -> Faults:
    seller = case.seller
    named = any(identifier.scheme != BANK_ASSIGNED for identifier in seller.identifiers)
    if seller.tax_identifier is None and seller.legal_registration_identifier is None and not named:
        yield from case.broken("BR-CO-26", "/seller/tax_identifier")
    if seller.identifiers:
        yield from _identifiers(case, "/seller", seller.identifiers, "BT-29", bank=True)
    yield from _legal(case, "/seller", seller.legal_registration_identifier, "BT-30")


def _buyer(case: EuropeanCase) -> Faults:
    buyer = case.buyer
    if buyer.name is None:
        yield from case.broken("BR-07", "/buyer/name")
    if buyer.postal_address is None:
        yield from case.broken("BR-10", "/buyer/postal_address")
    if buyer.identifiers:
        yield from _identifiers(case, "/buyer", buyer.identifiers, "BT-46", bank=False)
    if len(buyer.identifiers) > 1:
        yield from case.broken(
            "UBL-SR-16",
            "/buyer/identifiers/1",
            expected="at most one identifier",
            actual=f"{len(buyer.identifiers)} identifiers",
        )
    yield from _legal(case, "/buyer", buyer.legal_registration_identifier, "BT-47")


def _payee(case: EuropeanCase, payee: Payee) -> Faults:
    seller = case.seller
    known = {identifier.value for identifier in seller.identifiers}
    shared = [place for place, one in enumerate(payee.identifiers) if one.value in known]
    if payee.name == seller.trading_name:
        yield from case.broken("BR-17", "/payee/name", actual=payee.name)
    elif shared:
        at = f"/payee/identifiers/{shared[0]}/value"
        yield from case.broken("BR-17", at, actual=payee.identifiers[shared[0]].value, term="BT-60")
    own = [place for place, one in enumerate(payee.identifiers) if not is_of_a_bank(one)]
    same = payee.name == seller.name
    if same:
        yield from case.broken("UBL-SR-19", "/payee/name", actual=payee.name)
        yield from case.broken("UBL-SR-21", "/payee/name", actual=payee.name)
    if same or len(own) > 1:
        at = "/payee/name" if same else f"/payee/identifiers/{own[1]}"
        yield from case.broken("UBL-SR-20", at, actual=payee.name if same else f"{len(own)} identifiers")
    yield from _identifiers(case, "/payee", payee.identifiers, "BT-60", bank=True)
    yield from _legal(case, "/payee", payee.legal_registration_identifier, "BT-61")


def is_of_a_bank(identifier: Identifier) -> bool:
    """Whether it will be read as the bank assigned creditor identifier."""
    scheme = identifier.scheme
    return scheme is not None and scheme.upper() == BANK_ASSIGNED


def _identifiers(
    case: EuropeanCase, at: str, identifiers: Iterable[Identifier], term: str, *, bank: bool
) -> Faults:
    for place, identifier in schemed(identifiers, bank=bank):
        if is_unlisted(identifier):
            actual = identifier.scheme or ""
            yield from case.broken("BR-CL-10", f"{at}/identifiers/{place}/scheme", actual=actual, term=term)


def schemed(identifiers: Iterable[Identifier], *, bank: bool) -> Iterator[tuple[int, Identifier]]:
    """The identifiers that have a scheme, each with its place; with `bank`, without those of a bank."""
    for place, identifier in enumerate(identifiers):
        if identifier.scheme is not None and not (bank and normal(identifier.scheme) == BANK_ASSIGNED):
            yield place, identifier


def _legal(case: EuropeanCase, at: str, identifier: Identifier | None, term: str) -> Faults:
    if identifier is not None and is_unlisted(identifier):
        at = f"{at}/legal_registration_identifier/scheme"
        yield from case.broken("BR-CL-11", at, actual=identifier.scheme or "", term=term)


def _countries(case: EuropeanCase) -> Faults:
    invoice = case.invoice
    representative = invoice.seller_tax_representative
    delivery = invoice.delivery
    addresses = (
        ("/seller/postal_address", "BT-40", case.seller.postal_address),
        ("/buyer/postal_address", "BT-55", case.buyer.postal_address),
        (
            "/seller_tax_representative/postal_address",
            "BT-69",
            representative.postal_address if representative else None,
        ),
        ("/delivery/deliver_to_address", "BT-80", delivery.deliver_to_address if delivery else None),
    )
    for at, term, address in addresses:
        if address is not None and _is_nowhere(address):
            yield from case.broken("BR-CL-14", f"{at}/country_code", actual=address.country_code, term=term)


def _tax_identifiers(case: EuropeanCase) -> Faults:
    for at, term, value in tax_identifiers(case):
        if _begins_as_none(value):
            yield from case.broken("BR-CO-09", at, actual=value, term=term)


def tax_identifiers(case: EuropeanCase) -> Iterator[tuple[str, str, str]]:
    """The VAT identifiers of the document: pointer, term, value."""
    representative = case.invoice.seller_tax_representative
    parties = (
        ("/seller", "BT-31", case.seller.tax_identifier),
        ("/buyer", "BT-48", case.buyer.tax_identifier),
        ("/seller_tax_representative", "BT-63", representative.tax_identifier if representative else None),
    )
    for at, term, value in parties:
        if value is not None:
            yield f"{at}/tax_identifier", term, value


def _delivery(case: EuropeanCase, delivery: Delivery) -> Faults:
    place = delivery.deliver_to_location_identifier
    if place is not None and is_unlisted(place):
        at = "/delivery/deliver_to_location_identifier/scheme"
        yield from case.broken("BR-CL-26", at, actual=place.scheme or "")
