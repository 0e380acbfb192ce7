"""Seller and buyer: who they are, and where."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tallystick.sandbox.fatoora.finding import Finding, error, warning
from tallystick.sandbox.fatoora.law.words import flag, simplified, standard
from tallystick.sandbox.judge.codes import COUNTRIES
from tallystick.sandbox.judge.paper import Part

_VAT = re.compile(r"3[0-9]{13}3")
_POSTAL = re.compile(r"[0-9]{5}")
_BUILDING = re.compile(r"[0-9]{4}")
_SELLER_SCHEMES = frozenset("CRN MOM MLS SAG OTH 700".split())
_BUYER_SCHEMES = frozenset("TIN NAT IQA PAS CRN MOM MLS 700 SAG GCC OTH".split())
_FORMS = {
    "TIN": ("BR-KSA-F-07", re.compile(r"3[0-9]{9}")),
    "CRN": ("BR-KSA-F-08", re.compile(r"[0-9]{10}")),
    "700": ("BR-KSA-F-09", re.compile(r"7[0-9]{9}")),
    "NAT": ("BR-KSA-F-10", re.compile(r"1[0-9]{9}")),
    "IQA": ("BR-KSA-F-11", re.compile(r"2[0-9]{9}")),
}
_PRIVATE = frozenset({"VATEX-SA-EDU", "VATEX-SA-HEA"})
_NUMBER = "cac:PartyTaxScheme/cbc:CompanyID"
_ADDRESS = ("StreetName", "BuildingNumber", "PostalZone", "CitySubdivisionName", "CityName")
_COUNTRY = "cac:PostalAddress/cac:Country/cbc:IdentificationCode"


def seller(root: Part) -> Iterator[Finding]:
    """Identifier, address and VAT number of the seller."""
    party = root.one("cac:AccountingSupplierParty/cac:Party")
    if party is None:
        yield error("BR-KSA-39", "The invoice must contain the seller VAT registration number (BT-31)")
        return
    if not party.text("cac:PartyLegalEntity/cbc:RegistrationName"):
        yield warning("BR-06", "An Invoice shall contain the Seller name (BT-27)")
    identifier = party.one("cac:PartyIdentification/cbc:ID")
    if identifier is None or identifier.attribute("schemeID") not in _SELLER_SCHEMES:
        yield warning("BR-KSA-08", "The seller identification (BT-29) must exist with one of the scheme ids")
    yield from _formed(party)
    yield from _seller_address(party)
    number = party.text(_NUMBER)
    if not number or party.text("cac:PartyTaxScheme/cac:TaxScheme/cbc:ID") != "VAT":
        yield error("BR-KSA-39", "The invoice must contain the seller VAT registration number (BT-31)")
    if number and not _VAT.fullmatch(number):
        yield error(
            "BR-KSA-40", "The seller VAT registration number must have 15 digits, the first and last 3"
        )
    buyer_number = root.text(f"cac:AccountingCustomerParty/cac:Party/{_NUMBER}")
    if number and number == buyer_number:
        yield error("BR-CUSTOM-VALIDATION-01", "Seller and buyer must not have the same VAT number")


def _seller_address(party: Part) -> Iterator[Finding]:
    address = party.one("cac:PostalAddress")
    if address is None:
        yield warning("BR-08", "An Invoice shall contain the Seller postal address (BG-5)")
        return
    parts = [f"cbc:{name}" for name in _ADDRESS] + ["cac:Country/cbc:IdentificationCode"]
    if not all(address.has(part) for part in parts):
        yield warning(
            "BR-KSA-09", "The seller's address must contain street, building, postal code, city, district"
        )
    country = address.text("cac:Country/cbc:IdentificationCode")
    if not country:
        yield warning("BR-09", "The seller's address shall contain a country code (BT-40)")
    elif country not in COUNTRIES:
        yield warning("BR-CL-14", f"{country} is no country of ISO 3166-1")
    if not _POSTAL.fullmatch(address.text("cbc:PostalZone")):
        yield warning("BR-KSA-66", "The seller's postal code must be 5 digits")
    if not _BUILDING.fullmatch(address.text("cbc:BuildingNumber")):
        yield warning("BR-KSA-37", "The seller's building number must be 4 digits")


def _formed(party: Part) -> Iterator[Finding]:
    for identifier in party.all("cac:PartyIdentification/cbc:ID"):
        known = _FORMS.get(identifier.attribute("schemeID"))
        if known is not None and not known[1].fullmatch(identifier.words):
            yield warning(known[0], f"{identifier.words} is not written as its scheme wants it")


def buyer(root: Part) -> Iterator[Finding]:
    """Name, identifier, VAT number and address of the buyer; simplified documents need little of it."""
    party = root.one("cac:AccountingCustomerParty/cac:Party")
    number = "" if party is None else party.text(_NUMBER)
    if number and not _VAT.fullmatch(number):
        yield error(
            "BR-KSA-44", "The buyer VAT registration number must have 15 digits, the first and last 3"
        )
    if party is not None:
        yield from _formed(party)
        for identifier in party.all("cac:PartyIdentification/cbc:ID"):
            if identifier.attribute("schemeID") not in _BUYER_SCHEMES:
                yield error(
                    "BR-KSA-14", "The scheme of the buyer identification (BT-46) is none of the allowed ones"
                )
    if standard(root):
        yield from _standard_buyer(party)
    yield from _consumer(root, party)


def _standard_buyer(party: Part | None) -> Iterator[Finding]:
    if party is None or not party.text("cac:PartyLegalEntity/cbc:RegistrationName"):
        yield warning("BR-KSA-42", "The buyer name (BT-44) must be present in a standard document")
    if party is None:
        return
    if party.has(_NUMBER) and not party.text(_NUMBER):
        yield warning("BR-KSA-99", "The buyer VAT number must not be empty")
    if not party.has(_NUMBER) and not party.text("cac:PartyIdentification/cbc:ID"):
        yield warning("BR-KSA-81", "A buyer without VAT number needs another identification")
    country = party.text(_COUNTRY)
    told = {name: party.text(f"cac:PostalAddress/cbc:{name}") for name in _ADDRESS}
    if not (country and told["StreetName"] and told["CityName"]):
        yield warning("BR-KSA-10", "The buyer's address must contain street, city and country")
    if country == "SA":
        if not all(told.values()):
            yield warning(
                "BR-KSA-63", "A Saudi buyer's address needs street, building, postal code, city, district"
            )
        if not _POSTAL.fullmatch(told["PostalZone"]):
            yield warning("BR-KSA-67", "A Saudi buyer's postal code must be 5 digits")


def _consumer(root: Part, party: Part | None) -> Iterator[Finding]:
    name = "" if party is None else party.text("cac:PartyLegalEntity/cbc:RegistrationName")
    codes = root.all("cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory/cbc:TaxExemptionReasonCode")
    private = any(code.element.text in _PRIVATE for code in codes)
    if private:
        schemes = [] if party is None else party.all("cac:PartyIdentification/cbc:ID")
        if all(one.attribute("schemeID") != "NAT" for one in schemes):
            yield error("BR-KSA-49", "Education and health care need the buyer's national id (NAT)")
        if simplified(root) and not name:
            yield warning("BR-KSA-25", "Education and health care need the buyer's name")
    if simplified(root) and flag(root, 6):
        if not name:
            yield warning("BR-KSA-71", "A summary needs the buyer's name")
        dates = ("cac:Delivery/cbc:ActualDeliveryDate", "cac:Delivery/cbc:LatestDeliveryDate")
        if party is not None and party.text(_COUNTRY) == "SA" and not all(root.has(date) for date in dates):
            yield error("BR-KSA-72", "A summary needs the first and the last date of supply")
