"""Greek sellers: the invoice number is built from six segments, and the tax authority's mark is attached."""

import re
from datetime import date
from typing import Final

from stdnum.gr import vat

from tallystick.canonical import SchemedIdentifier
from tallystick.rules.en16931 import EuropeanCase, Faults
from tallystick.rules.lexical import integer, normal

from .lands import customer_land, own_land, supplier_land

_PREFIXES: Final = frozenset({"GR", "EL"})
SELLERS: Final = _PREFIXES
_DOCUMENT_TYPES: Final = frozenset({"1.1", "1.6", "2.1", "2.4", "5.1", "5.2"})
_ADDRESSES: Final = "9933"
_MARK: Final = "##M.AR.K##"
_LINK: Final = "##INVOICE|URL##"
_as_day: Final = re.compile(r"(0?[1-9]|[12][0-9]|3[01])[-\\/ ]?(0?[1-9]|1[0-2])[-\\/ ]?(19|20)[0-9]{2}").match
_nine: Final = re.compile("[0-9]{9}").fullmatch
_positive: Final = re.compile(r"[1-9][0-9]*").match


def greece(case: EuropeanCase) -> Faults:
    """Sellers whose tax identifier, or else address, is Greek; more when the buyer's is too."""
    yield from _address(case)
    if supplier_land(case) not in _PREFIXES:
        return
    yield from _number(case)
    yield from _seller(case)
    if case.buyer.trading_name is None:
        yield from case.broken("GR-R-005", "/buyer/trading_name")
    if case.seller_land == "GR":
        yield from _mark(case)
    yield from _links(case)
    if customer_land(case) in _PREFIXES:
        yield from _buyer(case)


def _number(case: EuropeanCase) -> Faults:
    invoice = case.invoice
    segments = invoice.invoice_number.split("|")
    if len(segments) != 6:
        yield from case.broken(
            "GR-R-001-1", "/invoice_number", expected="6 segments", actual=f"{len(segments)}"
        )
    taxpayer, day, branch, kind, series, serial = (*segments, *[""] * 6)[:6]
    representative = invoice.seller_tax_representative
    numbers = [case.seller.tax_identifier, representative.tax_identifier if representative else None]
    known = {number[2:11] for number in numbers if number is not None}
    checks = (
        ("GR-R-001-2", len(normal(taxpayer)) == 9 and begins_greek(taxpayer) and taxpayer in known, taxpayer),
        ("GR-R-001-3", _is_day(day, invoice.issue_date), day),
        ("GR-R-001-4", (integer(branch) or 0) >= 0 and integer(branch) is not None, branch),
        ("GR-R-001-5", kind in _DOCUMENT_TYPES, kind),
        ("GR-R-001-6", bool(series), series),
        ("GR-R-001-7", bool(serial), serial),
    )
    for number, holds, segment in checks:
        if not holds:
            yield from case.broken(number, "/invoice_number", actual=segment)


def _seller(case: EuropeanCase) -> Faults:
    seller = case.seller
    if seller.trading_name is None:
        yield from case.broken("GR-R-002", "/seller/trading_name")
    if seller.tax_identifier is None or not _tax_number(seller.tax_identifier):
        yield from case.broken("GR-S-011", "/seller/tax_identifier", actual=seller.tax_identifier or "")
    if seller.tax_identifier is not None and not _tax_number(seller.tax_identifier):
        yield from case.broken(
            "GR-R-003", "/seller/tax_identifier", expected="EL and a tax number", actual=seller.tax_identifier
        )


def _address(case: EuropeanCase) -> Faults:
    address = case.seller.electronic_address
    if own_land(case) in _PREFIXES and address is not None and not _tax_address(address):
        yield from case.broken(
            "GR-R-009", "/seller/electronic_address", actual=f"{address.scheme}:{address.value}"
        )


def _mark(case: EuropeanCase) -> Faults:
    documents = case.invoice.supporting_documents
    marks = [place for place, document in enumerate(documents) if document.description == _MARK]
    if len(marks) != 1:
        yield from case.broken(
            "GR-R-004-1", "/supporting_documents", expected="one mark", actual=f"{len(marks)}"
        )
    for place in marks:
        if not _positive(documents[place].reference):
            at = f"/supporting_documents/{place}/reference"
            yield from case.broken(
                "GR-R-004-2", at, expected="a positive number", actual=documents[place].reference
            )


def _links(case: EuropeanCase) -> Faults:
    documents = case.invoice.supporting_documents
    links = [place for place, document in enumerate(documents) if document.description == _LINK]
    if len(links) != 1 and case.seller_land == "GR":
        yield from case.broken(
            "GR-S-008-1", "/supporting_documents", expected="one link", actual=f"{len(links)}"
        )
    if len(links) > 1 and case.seller_land == "GR":
        yield from case.broken("GR-R-008-2", f"/supporting_documents/{links[1]}", expected="at most one link")
    for place in links:
        if documents[place].external_document_location is None:
            yield from case.broken("GR-R-008-3", f"/supporting_documents/{place}/external_document_location")


def _buyer(case: EuropeanCase) -> Faults:
    number, address = case.buyer.tax_identifier, case.buyer.electronic_address
    if number is None or not _tax_number(number):
        yield from case.broken(
            "GR-R-006", "/buyer/tax_identifier", expected="EL and a tax number", actual=number or ""
        )
    if address is not None and not _tax_address(address):
        yield from case.broken(
            "GR-R-010", "/buyer/electronic_address", actual=f"{address.scheme}:{address.value}"
        )


def _tax_number(text: str) -> bool:
    return text.startswith("EL") and begins_greek(text[2:])


def _tax_address(address: SchemedIdentifier) -> bool:
    return address.scheme == _ADDRESSES and begins_greek(address.value)


def _is_day(text: str, day: date) -> bool:
    """Whether the text is the day, DD/MM/YYYY; whatever follows another slash is not looked at."""
    written = [f"{day.day:02}", f"{day.month:02}", f"{day.year:04}"]
    return bool(_as_day(text)) and text.split("/")[:3] == written


def is_greek(text: str) -> bool:
    """Greek tax number: nine digits, powers of two, modulo 11 and then modulo 10."""
    return len(text) == 9 and begins_greek(text)


def begins_greek(text: str) -> bool:
    """The first nine characters are a Greek tax number: nobody looks at the rest."""
    return bool(_nine(text[:9])) and vat.calc_check_digit(text[:8]) == text[8]
