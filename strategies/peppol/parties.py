"""Who takes part: what must be known of seller, buyer, payee and representative, and in which schemes."""

from collections.abc import Callable, Iterable, Mapping

from tallystick.canonical import Identifier, Payee, SchemedIdentifier

from . import codes
from .case import Case, Faults
from .identifiers import ADDRESS_FORMATS, AS_WRITTEN, FORMATS, is_dutch_tax_number
from .lexical import normal
from .rules import broken

BANK_ASSIGNED = "SEPA"
"""Under this scheme an identifier of seller or payee is the bank assigned creditor identifier (BT-90)."""


def parties(case: Case) -> Faults:
    """Rules on BG-4 to BG-15 that hold whatever is sold."""
    yield from _seller(case)
    yield from _buyer(case)
    if case.invoice.payee is not None:
        yield from _payee(case, case.invoice.payee)
    yield from _countries(case)
    yield from _tax_identifiers(case)
    yield from _electronic_address(case, "/seller", case.seller.electronic_address, "BT-34")
    yield from _electronic_address(case, "/buyer", case.buyer.electronic_address, "BT-49")
    yield from _delivery(case)


def _seller(case: Case) -> Faults:
    seller = case.seller
    named = any(identifier.scheme != BANK_ASSIGNED for identifier in seller.identifiers)
    if seller.tax_identifier is None and seller.legal_registration_identifier is None and not named:
        yield broken("BR-CO-26", "/seller/tax_identifier")
    yield from _identifiers(case, "/seller", seller.identifiers, "BT-29", bank=True)
    yield from _legal(case, "/seller", seller.legal_registration_identifier, "BT-30")
    if case.rules.peppol and seller.electronic_address is None:
        yield broken("PEPPOL-EN16931-R020", "/seller/electronic_address")


def _buyer(case: Case) -> Faults:
    buyer = case.buyer
    if buyer.name is None:
        yield broken("BR-07", "/buyer/name")
    if buyer.postal_address is None:
        yield broken("BR-10", "/buyer/postal_address")
    yield from _identifiers(case, "/buyer", buyer.identifiers, "BT-46", bank=False)
    if len(buyer.identifiers) > 1:
        yield broken(
            "UBL-SR-16",
            "/buyer/identifiers/1",
            expected="at most one identifier",
            actual=f"{len(buyer.identifiers)} identifiers",
        )
    yield from _legal(case, "/buyer", buyer.legal_registration_identifier, "BT-47")
    if case.rules.peppol and buyer.electronic_address is None:
        yield broken("PEPPOL-EN16931-R010", "/buyer/electronic_address")


def _payee(case: Case, payee: Payee) -> Faults:
    seller = case.seller
    known = {identifier.value for identifier in seller.identifiers}
    shared = [place for place, one in enumerate(payee.identifiers) if one.value in known]
    if payee.name == seller.trading_name:
        yield broken("BR-17", "/payee/name", actual=payee.name)
    elif shared:
        at = f"/payee/identifiers/{shared[0]}/value"
        yield broken("BR-17", at, actual=payee.identifiers[shared[0]].value, term="BT-60")
    own = [place for place, one in enumerate(payee.identifiers) if not _of_a_bank(one)]
    same = payee.name == seller.name
    if same:
        yield broken("UBL-SR-19", "/payee/name", actual=payee.name)
        yield broken("UBL-SR-21", "/payee/name", actual=payee.name)
    if same or len(own) > 1:
        at = "/payee/name" if same else f"/payee/identifiers/{own[1]}"
        yield broken("UBL-SR-20", at, actual=payee.name if same else f"{len(own)} identifiers")
    yield from _identifiers(case, "/payee", payee.identifiers, "BT-60", bank=True)
    yield from _legal(case, "/payee", payee.legal_registration_identifier, "BT-61")


def _of_a_bank(identifier: Identifier) -> bool:
    return identifier.scheme is not None and identifier.scheme.upper() == BANK_ASSIGNED


def _identifiers(case: Case, at: str, identifiers: Iterable[Identifier], term: str, *, bank: bool) -> Faults:
    for place, identifier in enumerate(identifiers):
        scheme = identifier.scheme
        if scheme is None or (bank and normal(scheme) == BANK_ASSIGNED):
            continue
        if normal(scheme) not in codes.IDENTIFIER_SCHEMES:
            yield broken("BR-CL-10", f"{at}/identifiers/{place}/scheme", actual=scheme, term=term)
        yield from _format(case, f"{at}/identifiers/{place}/value", scheme, identifier.value, term)


def _legal(case: Case, at: str, identifier: Identifier | None, term: str) -> Faults:
    if identifier is None or identifier.scheme is None:
        return
    at = f"{at}/legal_registration_identifier"
    if normal(identifier.scheme) not in codes.IDENTIFIER_SCHEMES:
        yield broken("BR-CL-11", f"{at}/scheme", actual=identifier.scheme, term=term)
    yield from _format(case, f"{at}/value", identifier.scheme, identifier.value, term)


def _electronic_address(case: Case, at: str, address: SchemedIdentifier | None, term: str) -> Faults:
    if address is None:
        return
    if normal(address.scheme) not in codes.ELECTRONIC_ADDRESSES:
        yield broken("BR-CL-25", f"{at}/electronic_address/scheme", actual=address.scheme, term=term)
    if case.rules.peppol and address.scheme not in codes.PEPPOL_ELECTRONIC_ADDRESSES:
        yield broken(
            "PEPPOL-EN16931-CL008", f"{at}/electronic_address/scheme", actual=address.scheme, term=term
        )
    at = f"{at}/electronic_address/value"
    yield from _format(case, at, address.scheme, address.value, term, ADDRESS_FORMATS)


def _format(
    case: Case,
    at: str,
    scheme: str,
    value: str,
    term: str,
    formats: Mapping[str, tuple[str, Callable[[str], bool]]] = FORMATS,
) -> Faults:
    """Peppol knows the check digits of some schemes, wherever a party is identified by one of them."""
    if case.rules.peppol and scheme in formats:
        number, holds = formats[scheme]
        if not holds(value if scheme in AS_WRITTEN else normal(value)):
            yield broken(number, at, actual=value, term=term)


def _countries(case: Case) -> Faults:
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
        if address is not None and address.country_code not in codes.COUNTRIES:
            yield broken("BR-CL-14", f"{at}/country_code", actual=address.country_code, term=term)


def _tax_identifiers(case: Case) -> Faults:
    representative = case.invoice.seller_tax_representative
    tax_identifiers = (
        ("/seller", "BT-31", case.seller.tax_identifier),
        ("/buyer", "BT-48", case.buyer.tax_identifier),
        ("/seller_tax_representative", "BT-63", representative.tax_identifier if representative else None),
    )
    for at, term, value in tax_identifiers:
        if value is None:
            continue
        if value[:2] not in codes.TAX_NUMBER_PREFIX_TEXT:
            yield broken("BR-CO-09", f"{at}/tax_identifier", actual=value, term=term)
        dutch = case.rules.peppol and normal(value).startswith("NL")
        if dutch and not is_dutch_tax_number(normal(value)):
            yield broken("PEPPOL-COMMON-R056-2", f"{at}/tax_identifier", actual=value, term=term)


def _delivery(case: Case) -> Faults:
    delivery = case.invoice.delivery
    place = delivery.deliver_to_location_identifier if delivery else None
    if (
        place is not None
        and place.scheme is not None
        and normal(place.scheme) not in codes.IDENTIFIER_SCHEMES
    ):
        yield broken("BR-CL-26", "/delivery/deliver_to_location_identifier/scheme", actual=place.scheme)
