"""Seller, buyer and whom they act for: numbers, licences, addresses."""

import re
from typing import Final

from tallystick.canonical import PostalAddress
from tallystick.rules.case import normal
from tallystick.rules.pint import codes
from tallystick.rules.pint.case import Faults

from .blocks import AeParty
from .case import AeCase
from .nature import TIN

__all__ = ["EMIRATES", "parties"]

EMIRATES: Final = ("AUH", "DXB", "SHJ", "UAQ", "FUJ", "AJM", "RAK")

_LAND: Final = "AE"
_PASSPORTS: Final = codes.COUNTRIES - {"1A", "XI"}
_SELLERS_KINDS: Final = ("TL", "EID", "PAS", "CD")
_BUYERS_KINDS: Final = ("TL", "CL", "EID", "PAS", "CD")
_tin: Final = re.compile(r"1\d{9}").fullmatch
_registered_tin: Final = re.compile(r"1[0-9]{9}").fullmatch
_trn: Final = re.compile(r"1[0-9]{12}03").fullmatch


def parties(case: AeCase) -> Faults:
    """All rules about parties."""
    yield from _seller(case)
    yield from _sellers_numbers(case)
    yield from _buyer(case)
    yield from _buyers_numbers(case)
    yield from _reverse_charge(case)
    yield from _addresses(case)
    yield from _others(case)


def _seller(case: AeCase) -> Faults:
    seller, block = case.seller, case.seller_block
    legal, address = seller.legal_registration_identifier, seller.electronic_address
    here = address is not None and address.scheme == TIN
    kind = "/seller/regime_data/ae/legal_identifier_type"
    if legal is None:
        if here:
            yield from case.broken("ibr-150-ae", "/seller/legal_registration_identifier")
        return
    yield from _licence(case, "/seller", block, ("ibr-172-ae", "ibr-012-ae"))
    if here and block.legal_identifier_type is None:
        yield from case.broken("ibr-181-ae", kind)
    at_home = seller.postal_address.country_code == _LAND
    if here and at_home and block.legal_identifier_type not in _SELLERS_KINDS:
        expected, actual = " or ".join(_SELLERS_KINDS), block.legal_identifier_type or ""
        yield from case.broken("ibr-173-ae", kind, expected=expected, actual=actual)


def _licence(case: AeCase, where: str, block: AeParty, numbers: tuple[str, str]) -> Faults:
    """A trade licence names its authority, a passport its country: a number for the one, and the other."""
    kind, authority = block.legal_identifier_type, block.legal_identifier_authority
    pointer = f"{where}/regime_data/ae/legal_identifier_authority"
    if kind == "TL" and authority is None:
        yield from case.broken(numbers[0], pointer, expected="the licensing authority")
    if kind == "PAS" and authority not in _PASSPORTS:
        yield from case.broken(numbers[1], pointer, expected="a country's code", actual=authority or "")


def _sellers_numbers(case: AeCase) -> Faults:
    seller = case.seller
    tax, registration = seller.tax_identifier, seller.tax_registration_identifier
    if case.block.disclosed_agent and tax is None and registration is None:
        yield from case.broken("ibr-177-ae", "/seller/tax_identifier")
    if not case.commercial and tax is None:
        yield from case.broken("ibr-134-ae", "/seller/tax_identifier")
    if tax is not None and seller.postal_address.country_code == _LAND and not _trn(tax):
        yield from case.broken("ibr-132-ae", "/seller/tax_identifier", actual=tax)
    if registration is None:
        return
    pointer = "/seller/tax_registration_identifier"
    if not _registered_tin(registration):
        yield from case.broken("ibr-148-ae", pointer, actual=registration)
    if not any(_registered_tin(normal(number)) for number in (registration, tax)):
        yield from case.broken("ibr-133-ae", pointer, actual=registration)


def _buyer(case: AeCase) -> Faults:
    buyer, block = case.buyer, case.buyer_block
    legal = buyer.legal_registration_identifier if buyer else None
    if legal is None and case.commercial:
        yield from case.broken("ibr-136-ae", "/buyer/legal_registration_identifier")
    if buyer is None or legal is None:
        return
    yield from _licence(case, "/buyer", block, ("ibr-101-ae", "ibr-010-ae"))
    address = buyer.electronic_address
    if address is None or address.scheme != TIN:
        return
    kind, pointer = block.legal_identifier_type, "/buyer/regime_data/ae/legal_identifier_type"
    if kind is None:
        yield from case.broken("ibr-180-ae", pointer)
    if normal(address.value)[:1] not in ("1", "9") and kind not in _BUYERS_KINDS:
        expected = " or ".join(_BUYERS_KINDS)
        yield from case.broken("ibr-183-ae", pointer, expected=expected, actual=kind or "")


def _buyers_numbers(case: AeCase) -> Faults:
    buyer = case.buyer
    if buyer is None:
        return
    address, tax = buyer.electronic_address, buyer.tax_identifier
    scheme, value = (address.scheme, address.value) if address else (None, "")
    elsewhere = scheme is not None and scheme != TIN
    if not elsewhere and normal(value)[:1] not in ("1", "9") and tax is None:
        yield from case.broken("ibr-149-ae", "/buyer/tax_identifier")
    unknown = scheme == TIN and not _tin(value) and not case.block.export
    if unknown and not buyer.identifiers and tax is None:
        yield from case.broken("ibr-135-ae", "/buyer/tax_identifier")
    place = buyer.postal_address
    if tax is not None and place is not None and place.country_code == _LAND and not _trn(tax):
        yield from case.broken("ibr-132-ae", "/buyer/tax_identifier", actual=tax)


def _reverse_charge(case: AeCase) -> Faults:
    """Each line under reverse charge asks for the number of who owes the tax."""
    if case.buyer is not None and case.buyer.tax_identifier is not None:
        return
    for line in case.invoice.lines:
        if normal(line.tax.category_code) == "AE":
            yield from case.broken("ibr-103-ae", "/buyer/tax_identifier")


def _addresses(case: AeCase) -> Faults:
    yield from _whole(case, "ibr-143-ae", "/seller/postal_address", case.seller.postal_address)
    if case.buyer is not None and case.buyer.postal_address is not None:
        yield from _whole(case, "ibr-144-ae", "/buyer/postal_address", case.buyer.postal_address)
    representative = case.invoice.seller_tax_representative
    if representative is not None:
        address = representative.postal_address
        if address.country_code == _LAND and address.country_subdivision not in EMIRATES:
            pointer = "/seller_tax_representative/postal_address/country_subdivision"
            actual = address.country_subdivision or ""
            yield from case.broken("ibr-128-ae", pointer, expected=" or ".join(EMIRATES), actual=actual)
    place = case.invoice.delivery.deliver_to_address if case.invoice.delivery else None
    pointer = "/delivery/deliver_to_address"
    if case.block.e_commerce:
        yield from _whole(case, "ibr-142-ae", pointer, place)
    if case.block.export and (place is None or place.country_code != _LAND):
        yield from _whole(case, "ibr-152-ae", pointer, place)


def _whole(case: AeCase, number: str, pointer: str, address: PostalAddress | None) -> Faults:
    """An address has a street, a city and a subdivision."""
    for name in ("line_1", "city", "country_subdivision"):
        if getattr(address, name, None) is None:
            yield from case.broken(number, f"{pointer}/{name}")
            return


def _others(case: AeCase) -> Faults:
    principal = case.block.principal
    if case.block.free_trade_zone and case.block.beneficiary is None:
        yield from case.broken("ibr-007-ae", "/regime_data/ae/beneficiary")
    if not case.block.disclosed_agent:
        return
    pointer = "/regime_data/ae/principal"
    if principal is None:
        yield from case.broken("ibr-137-ae", pointer)
    own = [one for one in (case.seller.tax_identifier, case.seller.tax_registration_identifier) if one]
    if principal is None or all(one == principal for one in own):
        yield from case.broken("ibr-176-ae", pointer, actual=principal or "")
