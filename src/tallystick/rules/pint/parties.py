"""Seller, buyer, payee and the places: who must be named how."""

from collections.abc import Iterator
from typing import Final

from tallystick.canonical import Identifier, PostalAddress, SchemedIdentifier
from tallystick.rules.case import normal
from tallystick.rules.pint import codes
from tallystick.rules.pint.case import SEPA, Faults, PintCase
from tallystick.rules.pint.identifiers import FORMATS

__all__ = ["parties"]

_ADDRESSES: Final = (
    ("/seller", "seller"),
    ("/buyer", "buyer"),
    ("/seller_tax_representative", "seller_tax_representative"),
)


def parties(case: PintCase) -> Faults:
    """All rules about parties and their identifiers."""
    yield from _presence(case)
    yield from _payee(case)
    yield from _identifiers(case)
    yield from _countries(case)


def _presence(case: PintCase) -> Faults:
    seller, buyer = case.seller, case.buyer
    if buyer is None:
        yield from case.broken("ibr-079", "/buyer")
    if buyer is None or not normal(buyer.name):
        yield from case.broken("ibr-007", "/buyer/name")
    if buyer is None or buyer.postal_address is None:
        yield from case.broken("ibr-010", "/buyer/postal_address")
    if buyer is not None and buyer.electronic_address is None:
        yield from case.broken("ibr-080", "/buyer/electronic_address")
    if buyer is not None and len(buyer.identifiers) > 1:
        actual = str(len(buyer.identifiers))
        yield from case.broken("ibr-sr-16", "/buyer/identifiers", expected="at most one", actual=actual)
    if seller.electronic_address is None:
        yield from case.broken("ibr-081", "/seller/electronic_address")
    known = seller.tax_identifier or seller.tax_registration_identifier or seller.identifiers
    creditor = case.payee is None and case.creditors()
    if not known and not seller.legal_registration_identifier and not creditor:
        yield from case.broken("ibr-co-26", "/seller/tax_identifier")


def _payee(case: PintCase) -> Faults:
    payee, seller = case.payee, case.seller
    if payee is None:
        return
    values = {one.value for one in payee.identifiers} | set(case.creditors())
    if payee.name == seller.trading_name:
        yield from case.broken("ibr-017", "/payee/name", actual=payee.name)
    elif values & {one.value for one in seller.identifiers}:
        yield from case.broken("ibr-017", "/payee/identifiers")
    others = [one for one in payee.identifiers if (one.scheme or "").upper() != SEPA]
    if len(others) > 1 and payee.name != seller.name:
        yield from case.broken(
            "ibr-105", "/payee/identifiers", expected="at most one", actual=str(len(others))
        )


def _identifiers(case: PintCase) -> Faults:
    for pointer, kind, one in _all_identifiers(case):
        scheme = one.scheme
        if scheme is None:
            continue
        if scheme in FORMATS:
            number, fits = FORMATS[scheme]
            if not fits(one.value):
                yield from case.broken(number, f"{pointer}/value", actual=one.value)
        yield from _scheme(case, pointer, kind, normal(scheme))
    place = case.invoice.delivery
    location = place.deliver_to_location_identifier if place else None
    scheme = location.scheme if location else None
    if scheme is not None and normal(scheme) not in codes.IDENTIFIER_SCHEMES:
        pointer = "/delivery/deliver_to_location_identifier/scheme"
        yield from case.broken("ibr-cl-26", pointer, actual=scheme)


def _scheme(case: PintCase, pointer: str, kind: str, scheme: str) -> Faults:
    if kind == "address" and scheme not in codes.ELECTRONIC_ADDRESSES:
        yield from case.broken("ibr-cl-25", f"{pointer}/scheme", actual=scheme)
    if kind == "legal" and scheme not in codes.IDENTIFIER_SCHEMES:
        yield from case.broken("ibr-cl-11", f"{pointer}/scheme", actual=scheme)
    creditor = scheme == SEPA and not pointer.startswith("/buyer")
    if kind == "identifier" and scheme not in codes.IDENTIFIER_SCHEMES and not creditor:
        yield from case.broken("ibr-cl-10", f"{pointer}/scheme", actual=scheme)


def _all_identifiers(case: PintCase) -> Iterator[tuple[str, str, Identifier | SchemedIdentifier]]:
    """Pointer, kind and value of every identifier that a scheme may give a meaning."""
    for where, party in case.parties():
        if party.electronic_address:
            yield f"{where}/electronic_address", "address", party.electronic_address
        for index, one in enumerate(party.identifiers):
            yield f"{where}/identifiers/{index}", "identifier", one
        if party.legal_registration_identifier:
            yield f"{where}/legal_registration_identifier", "legal", party.legal_registration_identifier
    payee = case.payee
    if payee is not None:
        for index, one in enumerate(payee.identifiers):
            yield f"/payee/identifiers/{index}", "identifier", one
        if payee.legal_registration_identifier:
            yield "/payee/legal_registration_identifier", "legal", payee.legal_registration_identifier


def _countries(case: PintCase) -> Faults:
    for pointer, address in _addresses(case):
        if address.country_code not in codes.COUNTRIES:
            where = f"{pointer}/country_code"
            yield from case.broken("ibr-cl-14", where, actual=address.country_code)


def _addresses(case: PintCase) -> Iterator[tuple[str, PostalAddress]]:
    for pointer, name in _ADDRESSES:
        party = getattr(case.invoice, name)
        if party is not None and party.postal_address is not None:
            yield f"{pointer}/postal_address", party.postal_address
    place = case.invoice.delivery
    if place is not None and place.deliver_to_address is not None:
        yield "/delivery/deliver_to_address", place.deliver_to_address
