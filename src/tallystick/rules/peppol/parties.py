"""What the network wants of the parties: electronic addresses, and identifiers with right check digits."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from tallystick.canonical import Buyer, Fault, Identifier, SchemedIdentifier, Seller
from tallystick.rules.en16931.case import EuropeanCase, Faults
from tallystick.rules.en16931.parties import tax_identifiers
from tallystick.rules.lexical import normal
from tallystick.rules.peppol import codes
from tallystick.rules.peppol.identifiers import ADDRESS_FORMATS, AS_WRITTEN, FORMATS, TAX_NUMBER_FORMATS

_Formats: TypeAlias = Mapping[str, tuple[str, Callable[[str], bool]]]


def parties(case: EuropeanCase) -> Iterable[Fault]:
    """Rules on BG-4, BG-7 and BG-10."""
    invoice = case.invoice
    alone = invoice.payee is None and invoice.seller_tax_representative is None
    return () if alone and _is_known(case.seller) and _is_known(case.buyer) else _told(case)


def _is_known(party: Seller | Buyer) -> bool:
    """Whether the party can be addressed, and each of its identifiers is as its scheme wants it."""
    address, legal, number = (
        party.electronic_address,
        party.legal_registration_identifier,
        party.tax_identifier,
    )
    if address is None or _is_unreachable(address.scheme):
        return False
    if not _fits(address.scheme, address.value, ADDRESS_FORMATS):
        return False
    if legal is not None and not _fits(legal.scheme, legal.value):
        return False
    for one in party.identifiers:
        if not _fits(one.scheme, one.value):
            return False
    return number is None or _is_number(number)


def _is_unreachable(scheme: str) -> bool:
    """Whether the scheme is none of an electronic address."""
    return scheme not in codes.ELECTRONIC_ADDRESSES


def _fits(scheme: str | None, value: str, formats: _Formats = FORMATS) -> bool:
    """Whether a value is as its scheme wants it. The check digits of some schemes are known."""
    if scheme is None or scheme not in formats:
        return True
    return formats[scheme][1](value if scheme in AS_WRITTEN else normal(value))


def _is_number(value: str) -> bool:
    """Whether a tax identifier is as those that begin so are."""
    text = normal(value)
    wanted = TAX_NUMBER_FORMATS.get(text[:2])
    return wanted is None or wanted[1](text)


def _told(case: EuropeanCase) -> Faults:
    seller, buyer, payee = case.seller, case.buyer, case.invoice.payee
    yield from _addressed(case, "PEPPOL-EN16931-R020", "/seller", seller.electronic_address, "BT-34")
    yield from _addressed(case, "PEPPOL-EN16931-R010", "/buyer", buyer.electronic_address, "BT-49")
    yield from _identified(case, "/seller", seller.identifiers, "BT-29")
    yield from _registered(case, "/seller", seller.legal_registration_identifier, "BT-30")
    yield from _identified(case, "/buyer", buyer.identifiers, "BT-46")
    yield from _registered(case, "/buyer", buyer.legal_registration_identifier, "BT-47")
    if payee is not None:
        yield from _identified(case, "/payee", payee.identifiers, "BT-60")
        yield from _registered(case, "/payee", payee.legal_registration_identifier, "BT-61")
    for at, term, value in tax_identifiers(case):
        if not _is_number(value):
            number, _ = TAX_NUMBER_FORMATS[normal(value)[:2]]
            yield from case.broken(number, at, actual=value, term=term)


def _addressed(
    case: EuropeanCase, missing: str, at: str, address: SchemedIdentifier | None, term: str
) -> Faults:
    at = f"{at}/electronic_address"
    if address is None:
        yield from case.broken(missing, at)
        return
    if _is_unreachable(address.scheme):
        yield from case.broken("PEPPOL-EN16931-CL008", f"{at}/scheme", actual=address.scheme, term=term)
    yield from _format(case, f"{at}/value", address, term, ADDRESS_FORMATS)


def _identified(case: EuropeanCase, at: str, identifiers: tuple[Identifier, ...], term: str) -> Faults:
    for place, one in enumerate(identifiers):
        yield from _format(case, f"{at}/identifiers/{place}/value", one, term)


def _registered(case: EuropeanCase, at: str, identifier: Identifier | None, term: str) -> Faults:
    if identifier is not None:
        yield from _format(case, f"{at}/legal_registration_identifier/value", identifier, term)


def _format(
    case: EuropeanCase,
    at: str,
    identifier: Identifier | SchemedIdentifier,
    term: str,
    formats: _Formats = FORMATS,
) -> Faults:
    """What does not fit its scheme, wherever a party is identified by it."""
    scheme, value = identifier.scheme, identifier.value
    if scheme is not None and not _fits(scheme, value, formats):
        number, _ = formats[scheme]
        yield from case.broken(number, at, actual=value, term=term)
