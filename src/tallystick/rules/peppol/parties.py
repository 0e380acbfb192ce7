"""What the network wants of the parties: electronic addresses, and identifiers with right check digits."""

from collections.abc import Callable, Mapping

from tallystick.canonical import Identifier, SchemedIdentifier
from tallystick.rules.en16931.case import EuropeanCase, Faults
from tallystick.rules.en16931.parties import schemed, tax_identifiers
from tallystick.rules.lexical import normal
from tallystick.rules.peppol import codes
from tallystick.rules.peppol.identifiers import ADDRESS_FORMATS, AS_WRITTEN, FORMATS, TAX_NUMBER_FORMATS


def parties(case: EuropeanCase) -> Faults:
    """Rules on BG-4, BG-7 and BG-10."""
    seller, buyer, payee = case.seller, case.buyer, case.invoice.payee
    yield from _addressed(case, "PEPPOL-EN16931-R020", "/seller", seller.electronic_address, "BT-34")
    yield from _addressed(case, "PEPPOL-EN16931-R010", "/buyer", buyer.electronic_address, "BT-49")
    if seller.identifiers:
        yield from _identified(case, "/seller", seller.identifiers, "BT-29", bank=True)
    yield from _registered(case, "/seller", seller.legal_registration_identifier, "BT-30")
    if buyer.identifiers:
        yield from _identified(case, "/buyer", buyer.identifiers, "BT-46", bank=False)
    yield from _registered(case, "/buyer", buyer.legal_registration_identifier, "BT-47")
    if payee is not None:
        yield from _identified(case, "/payee", payee.identifiers, "BT-60", bank=True)
        yield from _registered(case, "/payee", payee.legal_registration_identifier, "BT-61")
    for at, term, value in tax_identifiers(case):
        text = normal(value)
        number, holds = TAX_NUMBER_FORMATS.get(text[:2], ("", None))
        if holds is not None and not holds(text):
            yield from case.broken(number, at, actual=value, term=term)


def _addressed(
    case: EuropeanCase, missing: str, at: str, address: SchemedIdentifier | None, term: str
) -> Faults:
    at = f"{at}/electronic_address"
    if address is None:
        yield from case.broken(missing, at)
        return
    if address.scheme in codes.ELECTRONIC_ADDRESSES and address.scheme not in ADDRESS_FORMATS:
        return
    if address.scheme not in codes.ELECTRONIC_ADDRESSES:
        yield from case.broken("PEPPOL-EN16931-CL008", f"{at}/scheme", actual=address.scheme, term=term)
    yield from _format(case, f"{at}/value", address.scheme, address.value, term, ADDRESS_FORMATS)


def _identified(
    case: EuropeanCase, at: str, identifiers: tuple[Identifier, ...], term: str, *, bank: bool
) -> Faults:
    for place, one in schemed(identifiers, bank=bank):
        yield from _format(case, f"{at}/identifiers/{place}/value", one.scheme, one.value, term)


def _registered(case: EuropeanCase, at: str, identifier: Identifier | None, term: str) -> Faults:
    if identifier is not None and identifier.scheme in FORMATS:
        at = f"{at}/legal_registration_identifier/value"
        yield from _format(case, at, identifier.scheme, identifier.value, term)


def _format(
    case: EuropeanCase,
    at: str,
    scheme: str | None,
    value: str,
    term: str,
    formats: Mapping[str, tuple[str, Callable[[str], bool]]] = FORMATS,
) -> Faults:
    """The check digits of some schemes are known, wherever a party is identified by one of them."""
    if scheme is not None and scheme in formats:
        number, holds = formats[scheme]
        if not holds(value if scheme in AS_WRITTEN else normal(value)):
            yield from case.broken(number, at, actual=value, term=term)
