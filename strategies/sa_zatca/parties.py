"""Who sells and who buys: numbers, identifiers with their schemes, addresses, contact."""

import re
from typing import Final

from tallystick.canonical import Buyer, BuyerContact, Identifier, PostalAddress

from . import codes
from .case import Case, Faults
from .codes import trimmed
from .head import LONGEST_NAME, LONGEST_TEXT
from .rules import broken
from .tax_numbers import is_vat_number

__all__ = ["parties"]

_four_digits: Final = re.compile("[0-9]{4}").fullmatch
_five_digits: Final = re.compile("[0-9]{5}").fullmatch
_telephone: Final = re.compile(r"(?:0|\+)[0-9]{4,15}").fullmatch
_digits: Final = re.compile(r"\d+").fullmatch
_ten_digits: Final = re.compile("[0-9]{10}").fullmatch
_ROWS: Final = ("01234567", "12345678", "23456789", "76543210", "87654321", "98765432")
_made_up: Final = re.compile("|".join([*_ROWS, *(digit * 8 for digit in "0123456789")])).search

_BEGINS: Final = {"TIN": ("BR-KSA-F-07", "3"), "NAT": ("BR-KSA-F-10", "1"), "IQA": ("BR-KSA-F-11", "2")}
"""Schemes of a buyer's identifier: the rule, and how its ten digits begin."""

_SELLERS: Final = frozenset(codes.SELLER_SCHEMES.split())
_BUYERS: Final = frozenset(codes.BUYER_SCHEMES.split())


def parties(case: Case) -> Faults:
    """Rules on seller and buyer."""
    yield from _seller(case)
    yield from _seller_address(case)
    if case.invoice.buyer is not None:
        yield from _buyer(case)
    yield from _buyer_on_standard(case)
    yield from _buyer_on_simplified(case)
    yield from _buyer_lengths(case)
    yield from _countries(case)


def _seller(case: Case) -> Faults:
    seller = case.seller
    number = seller.tax_identifier
    if number is None:
        yield broken("BR-KSA-39", "/seller/tax_identifier")
    else:
        if number == case.buyer.tax_identifier:
            yield broken("BR-CUSTOM-VALIDATION-01", "/buyer/tax_identifier", actual=number)
        if not is_vat_number(number):
            yield broken("BR-KSA-40", "/seller/tax_identifier", expected="3, 13 digits, 3", actual=number)
    if len(seller.name) > LONGEST_TEXT:
        yield broken("BR-KSA-F-06-C10", "/seller/name", actual=f"{len(seller.name)} characters")
    one = seller.identifiers[0] if seller.identifiers else None
    at = f"/seller/identifiers/{case.given.seller.identifiers.index(one) if one else 0}"
    scheme = trimmed(one.scheme) if one else ""
    if len(scheme) <= 2 or scheme not in codes.SELLER_SCHEMES:
        yield broken(
            "BR-KSA-08", at if one is None else f"{at}/scheme", expected=codes.SELLER_SCHEMES, actual=scheme
        )
    if one is not None:
        yield from _identifier(one, at, _SELLERS, "BT-29")


def _identifier(one: Identifier, at: str, schemes: frozenset[str], term: str) -> Faults:
    """What is asked of the identifiers of both parties."""
    scheme, value = trimmed(one.scheme), trimmed(one.value)
    if scheme == "CRN" and not _ten_digits(one.value):
        yield broken("BR-KSA-F-08", f"{at}/value", actual=one.value, term=term)
    if scheme == "700" and not (value[:1] == "7" and _ten_digits(one.value)):
        yield broken("BR-KSA-F-09", f"{at}/value", actual=one.value, term=term)
    if scheme.upper() not in schemes:
        return
    if scheme != one.scheme:
        fix = ({"op": "replace", "path": f"{at}/scheme", "value": scheme},)
        yield broken(
            "BR-KSA-F-12", f"{at}/scheme", expected=scheme, actual=one.scheme or "", term=term, fix=fix
        )
    if _digits(value) and _made_up(value):
        yield broken("BR-KSA-F-13", f"{at}/value", actual=one.value, term=term)


def _seller_address(case: Case) -> Faults:
    address, block = case.seller.postal_address, case.seller_block
    at = "/seller/postal_address"
    needed = (
        (address.line_1, f"{at}/line_1"),
        (block.building_number, "/seller/regime_data/sa/building_number"),
        (address.city, f"{at}/city"),
        (address.post_code, f"{at}/post_code"),
        (block.district, "/seller/regime_data/sa/district"),
    )
    missing = [pointer for value, pointer in needed if value is None]
    if missing:
        yield broken("BR-KSA-09", missing[0], expected=" ".join(missing))
    if address.post_code is None or not _five_digits(address.post_code):
        yield broken("BR-KSA-66", f"{at}/post_code", expected="5 digits", actual=address.post_code or "")
    if block.building_number is None or not _four_digits(block.building_number):
        yield broken(
            "BR-KSA-37",
            "/seller/regime_data/sa/building_number",
            expected="4 digits",
            actual=block.building_number or "",
        )
    lengths = (
        ("BR-KSA-F-06-C4", address.line_1, f"{at}/line_1", LONGEST_TEXT),
        ("BR-KSA-F-06-C6", address.line_2, f"{at}/line_2", LONGEST_NAME),
        ("BR-KSA-F-06-C7", address.city, f"{at}/city", LONGEST_NAME),
        ("BR-KSA-F-06-C8", address.country_subdivision, f"{at}/country_subdivision", LONGEST_NAME),
    )
    for number, text, pointer, limit in lengths:
        if text is not None and len(text) > limit:
            yield broken(number, pointer, actual=f"{len(text)} characters")
    buyers = case.buyer.postal_address
    if buyers is not None and buyers.line_2 is not None and len(buyers.line_2) > LONGEST_NAME:
        yield broken(
            "BR-KSA-F-06-C11", "/buyer/postal_address/line_2", actual=f"{len(buyers.line_2)} characters"
        )


def _buyer(case: Case) -> Faults:
    buyer = case.buyer
    for at, one in enumerate(buyer.identifiers):
        yield from _buyer_identifier(one, f"/buyer/identifiers/{at}")
    number = buyer.tax_identifier
    if number is not None and not is_vat_number(number):
        yield broken("BR-KSA-44", "/buyer/tax_identifier", expected="3, 13 digits, 3", actual=number)
    contact = buyer.contact
    if contact is None:
        return
    telephone = contact.telephone_number
    if telephone is not None and not _telephone(telephone):
        yield broken("BR-KSA-85", "/buyer/contact/telephone_number", actual=telephone)
    if contact.point is not None and len(contact.point) > LONGEST_TEXT:
        yield broken("BR-KSA-F-06-C37", "/buyer/contact/point", actual=f"{len(contact.point)} characters")


def _buyer_identifier(one: Identifier, at: str) -> Faults:
    yield from _identifier(one, at, _BUYERS, "BT-46")
    scheme = trimmed(one.scheme)
    if len(scheme) <= 2 or scheme not in codes.BUYER_SCHEMES:
        yield broken("BR-KSA-14", f"{at}/scheme", expected=codes.BUYER_SCHEMES, actual=scheme)
    if scheme in _BEGINS:
        number, start = _BEGINS[scheme]
        if not (one.value.startswith(start) and _ten_digits(one.value)):
            yield broken(number, f"{at}/value", actual=one.value)


def _buyer_on_standard(case: Case) -> Faults:
    """What must be known of the buyer of whatever the rules take for a standard document."""
    if not case.standard:
        return
    buyer, address, at = case.buyer, case.buyer.postal_address, "/buyer/postal_address"
    if _stands(buyer):
        if buyer.tax_identifier is None and not buyer.identifiers:
            yield broken("BR-KSA-81", "/buyer/identifiers")
        if buyer.name is None:
            yield broken("BR-KSA-42", "/buyer/name")
    if buyer.name is not None and len(buyer.name) > LONGEST_TEXT:
        yield broken("BR-KSA-F-06-C12", "/buyer/name", actual=f"{len(buyer.name)} characters")
    street = address.line_1 if address else None
    city = address.city if address else None
    if street is None or len(street) > LONGEST_TEXT:
        yield broken("BR-KSA-F-06-C23", f"{at}/line_1", actual=f"{len(street or '')} characters")
    if city is None:
        yield broken("BR-KSA-F-06-C25", f"{at}/city")
    if street is None or city is None:
        yield broken("BR-KSA-10", f"{at}/line_1" if street is None else f"{at}/city")
    if address is not None and address.country_code == "SA":
        yield from _national_address(case, address)


def _stands(buyer: Buyer) -> bool:
    """Whether anything of the buyer stands in the document."""
    address, contact, legal = buyer.postal_address, buyer.contact, buyer.legal_registration_identifier
    named = buyer.name, buyer.trading_name, buyer.tax_identifier, buyer.electronic_address, address, legal
    if buyer.identifiers or any(one is not None for one in named):
        return True
    return contact is not None and contact != BuyerContact()


def _national_address(case: Case, address: PostalAddress) -> Faults:
    """The address of a buyer in the country on a standard document."""
    at, block = "/buyer/postal_address", case.buyer_block
    needed = (
        (address.line_1, f"{at}/line_1"),
        (block.building_number, "/buyer/regime_data/sa/building_number"),
        (address.post_code, f"{at}/post_code"),
        (address.city, f"{at}/city"),
        (block.district, "/buyer/regime_data/sa/district"),
    )
    missing = [pointer for value, pointer in needed if not trimmed(value)]
    if missing:
        yield broken("BR-KSA-63", missing[0], expected=" ".join(missing))
    if block.district is None:
        yield broken("BR-KSA-F-06-C28", "/buyer/regime_data/sa/district")
    elif len(block.district) > LONGEST_NAME:
        yield broken(
            "BR-KSA-F-06-C29",
            "/buyer/regime_data/sa/district",
            actual=f"{len(block.district)} characters",
        )
    if address.post_code is None or not _five_digits(address.post_code):
        yield broken("BR-KSA-67", f"{at}/post_code", expected="5 digits", actual=address.post_code or "")


def _buyer_on_simplified(case: Case) -> Faults:
    buyer = case.buyer
    if case.summary and case.code[:2] == "02" and buyer.name is None:
        yield broken("BR-KSA-71", "/buyer/name")
    if case.code[:2] != "02":
        return
    if buyer.name is None:
        yield from _nameless(case)
    elif len(buyer.name) > LONGEST_TEXT:
        yield broken("BR-KSA-F-06-C32", "/buyer/name", actual=f"{len(buyer.name)} characters")
    street = buyer.postal_address.line_1 if buyer.postal_address else None
    if street is not None and len(street) > LONGEST_TEXT:
        yield broken("BR-KSA-F-06-C24", "/buyer/postal_address/line_1", actual=f"{len(street)} characters")


def _nameless(case: Case) -> Faults:
    """Where all exemptions are of education and health, the citizen is named."""
    reasons = [
        entry.exemption_reason_code for entry in case.invoice.tax_breakdown if entry.exemption_reason_code
    ]
    reasons += [one.exemption_reason_code for one in case.prepayments if one.exemption_reason_code]
    if reasons and all(reason in codes.CITIZENS for reason in reasons):
        yield broken("BR-KSA-25", "/buyer/name")


def _buyer_lengths(case: Case) -> Faults:
    address = case.buyer.postal_address
    if address is None:
        return
    at = "/buyer/postal_address"
    if address.city is not None and len(address.city) > LONGEST_NAME:
        yield broken("BR-KSA-F-06-C26", f"{at}/city", actual=f"{len(address.city)} characters")
    region = address.country_subdivision
    if region is not None and len(region) > LONGEST_NAME:
        yield broken("BR-KSA-F-06-C27", f"{at}/country_subdivision", actual=f"{len(region)} characters")
    district = case.seller_block.district
    if address.country_code == "SA" and district is not None and len(district) > LONGEST_NAME:
        pointer = "/seller/regime_data/sa/district"
        yield broken("BR-KSA-F-06-C9", pointer, actual=f"{len(district)} characters")


def _countries(case: Case) -> Faults:
    invoice = case.invoice
    representative, delivery = invoice.seller_tax_representative, invoice.delivery
    addresses: tuple[tuple[str, str, PostalAddress | None], ...] = (
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
