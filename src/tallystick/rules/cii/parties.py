"""Who takes part, where the syntax judges it otherwise than UBL."""

from typing import Final

from tallystick.canonical import Identifier, Payee
from tallystick.rules.case import normal
from tallystick.rules.cii.case import Case, Faults, both_kinds
from tallystick.rules.en16931 import codes

__all__ = ["COUNTRIES", "parties"]

COUNTRIES: Final = codes.COUNTRIES - {"SS"} | {"AN"}
"""The binding's list of countries: an older one than UBL's."""


def parties(case: Case) -> Faults:
    """Rules on BG-4 to BG-15."""
    seller, buyer = case.seller, case.buyer
    known = seller.identifiers or seller.legal_registration_identifier or seller.tax_identifier
    if not known:
        yield from case.broken("BR-CO-26", "/seller/tax_identifier")
    if buyer.postal_address is None:
        yield from case.broken("BR-11", "/buyer/postal_address/country_code")
    payee = case.invoice.payee
    for at, term, identifiers in (
        ("/seller", "BT-29", seller.identifiers),
        ("/buyer", "BT-46", buyer.identifiers),
        ("/payee", "BT-60", payee.identifiers if payee else ()),
    ):
        yield from _schemes(case, f"{at}/identifiers", term, identifiers)
    if both_kinds(buyer.identifiers):
        yield from _one_kind(case, "CII-SR-450", "/buyer/identifiers")
    if payee is not None:
        yield from _payee(case, payee)
        if both_kinds(payee.identifiers):
            yield from _one_kind(case, "CII-SR-451", "/payee/identifiers")
    yield from _tax_identifiers(case)
    for at, term, code in case.countries:
        if normal(code) not in COUNTRIES:
            yield from case.broken("BR-CL-14", at, actual=code, term=term)
    yield from _origins(case)


def _one_kind(case: Case, number: str, at: str) -> Faults:
    yield from case.broken(number, at, expected="all with a scheme, or all without one")


def _schemes(case: Case, at: str, term: str, identifiers: tuple[Identifier, ...]) -> Faults:
    for place, one in enumerate(identifiers):
        if one.scheme is not None and normal(one.scheme) not in codes.IDENTIFIER_SCHEMES:
            yield from case.broken("BR-CL-10", f"{at}/{place}/scheme", actual=one.scheme, term=term)


def _payee(case: Case, payee: Payee) -> Faults:
    """The payee is somebody else than the seller."""
    seller = case.seller
    own = {one.value for one in seller.identifiers if one.scheme is None}
    registered = seller.legal_registration_identifier
    theirs = payee.legal_registration_identifier
    shared = [n for n, one in enumerate(payee.identifiers) if one.scheme is None and one.value in own]
    if payee.name == seller.name:
        yield from case.broken("BR-17", "/payee/name", actual=payee.name, term="BT-59")
    elif shared:
        at = f"/payee/identifiers/{shared[0]}/value"
        yield from case.broken("BR-17", at, actual=payee.identifiers[shared[0]].value, term="BT-60")
    elif registered is not None and theirs is not None and registered.value == theirs.value:
        at = "/payee/legal_registration_identifier/value"
        yield from case.broken("BR-17", at, actual=theirs.value, term="BT-61")


def _tax_identifiers(case: Case) -> Faults:
    representative = case.invoice.seller_tax_representative
    for at, term, value in (
        ("/seller", "BT-31", case.seller.tax_identifier),
        ("/buyer", "BT-48", case.buyer.tax_identifier),
        ("/seller_tax_representative", "BT-63", representative.tax_identifier if representative else None),
    ):
        if value is not None and value[:2] not in codes.TAX_NUMBER_PREFIXES:
            yield from case.broken("BR-CO-09", f"{at}/tax_identifier", actual=value, term=term)


def _origins(case: Case) -> Faults:
    for place, line in enumerate(case.invoice.lines):
        origin = line.item.country_of_origin
        if origin is not None and normal(origin) not in COUNTRIES:
            yield from case.broken("BR-CL-15", f"/lines/{place}/item/country_of_origin", actual=origin)
