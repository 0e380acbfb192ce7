"""The two specifications on top of XRechnung: its extension, and the procurement of clean vehicles."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final, TypeAlias

from tallystick.canonical import Buyer, Fault, Invoice, Item, Payee, Seller
from tallystick.rules.en16931 import EuropeanCase, codes
from tallystick.rules.lexical import cents, normal, shown

__all__ = ["extension", "vehicles"]

_HEALTH: Final = frozenset({"XR01", "XR02", "XR03"})
"""Schemes for digital health applications, known in the extension only."""

_SCHEMES: Final = codes.IDENTIFIER_SCHEMES | _HEALTH
_ADDRESSES: Final = codes.ELECTRONIC_ADDRESSES | _HEALTH
_MEDIA_TYPES: Final = codes.MEDIA_TYPES | {"application/xml"}
_BANK_ASSIGNED: Final = "SEPA"

_CLASSIFIED: Final = "CVD"
_ATTRIBUTE: Final = "cva"
_CLASSIFICATIONS: Final = codes.ITEM_CLASSIFICATIONS | {_CLASSIFIED}
_VEHICLES: Final = frozenset({"M1", "M2", "M3", "N1", "N2", "N3"})
_KINDS: Final = frozenset({"clean", "zero-emission", "other"})


def extension(case: EuropeanCase, invoice: Invoice, syntax: str) -> Iterator[Fault]:
    """BR-DEX: wider lists, and an amount due that third parties may add to."""
    for place, document in enumerate(invoice.supporting_documents):
        attached = document.attached_document
        if attached is not None and attached.mime_code not in _MEDIA_TYPES:
            at = f"/supporting_documents/{place}/attached_document/mime_code"
            yield from case.broken("BR-DEX-01", at, actual=attached.mime_code)
    for number, term, at, scheme, known in _schemes(invoice, syntax):
        if normal(scheme) not in known:
            yield from case.broken(number, at, actual=scheme, term=term)
    totals = invoice.document_totals
    total, due = totals.total_amount_with_tax, totals.amount_due_for_payment
    if total is None or due is None:
        return
    paid, rounding = totals.paid_amount or Decimal(0), totals.rounding_amount or Decimal(0)
    if cents(due - rounding) != cents(total - paid):
        at = "/document_totals/amount_due_for_payment"
        yield from case.broken("BR-DEX-09", at, expected=shown(total - paid + rounding), actual=shown(due))


_Scheme: TypeAlias = tuple[str, str, str, str, frozenset[str]]
"""Number of the rule, term, pointer, scheme, the schemes that are known there."""


def _schemes(invoice: Invoice, syntax: str) -> Iterator[_Scheme]:
    seller, buyer, payee = invoice.seller, invoice.buyer or Buyer(), invoice.payee
    banks = _SCHEMES | {_BANK_ASSIGNED} if syntax == "ubl" else _SCHEMES
    yield from _party("/seller", ("BT-29", "BT-30"), seller, banks)
    yield from _party("/buyer", ("BT-46", "BT-47"), buyer, _SCHEMES)
    if payee is not None:
        yield from _party("/payee", ("BT-60", "BT-61"), payee, banks)
    addresses = (
        ("/seller", "BT-34", seller.electronic_address),
        ("/buyer", "BT-49", buyer.electronic_address),
    )
    for at, term, address in addresses:
        if address is not None:
            yield "BR-DEX-07", term, f"{at}/electronic_address/scheme", address.scheme, _ADDRESSES
    for place, line in enumerate(invoice.lines):
        standard = line.item.standard_identifier
        if standard is not None:
            at = f"/lines/{place}/item/standard_identifier/scheme"
            yield "BR-DEX-06", "BT-157", at, standard.scheme, _SCHEMES
    location = invoice.delivery.deliver_to_location_identifier if invoice.delivery else None
    if location is not None and location.scheme is not None:
        at = "/delivery/deliver_to_location_identifier/scheme"
        yield "BR-DEX-08", "BT-71", at, location.scheme, _SCHEMES


def _party(
    at: str, terms: tuple[str, str], party: Seller | Buyer | Payee, known: frozenset[str]
) -> Iterator[_Scheme]:
    for place, one in enumerate(party.identifiers):
        if one.scheme is not None:
            yield "BR-DEX-04", terms[0], f"{at}/identifiers/{place}/scheme", one.scheme, known
    legal = party.legal_registration_identifier
    if legal is not None and legal.scheme is not None:
        yield "BR-DEX-05", terms[1], f"{at}/legal_registration_identifier/scheme", legal.scheme, _SCHEMES


def vehicles(case: EuropeanCase, invoice: Invoice) -> Iterator[Fault]:
    """BR-DE-CVD: which vehicles were procured, and how clean they are."""
    if invoice.contract_reference is None:
        yield from case.broken("BR-DE-CVD-01", "/contract_reference")
    if invoice.tender_or_lot_reference is None:
        yield from case.broken("BR-DE-CVD-02", "/tender_or_lot_reference")
    if not any(_classified(line.item) and _attributed(line.item) for line in invoice.lines):
        at = "/lines/0/item/classification_identifiers"
        yield from case.broken("BR-DE-CVD-03", at, expected=f"one line with {_CLASSIFIED} and {_ATTRIBUTE}")
    for place, line in enumerate(invoice.lines):
        yield from _vehicle(case, line.item, f"/lines/{place}/item")


def _classified(item: Item) -> int:
    return sum(one.scheme == _CLASSIFIED for one in item.classification_identifiers)


def _attributed(item: Item) -> int:
    return sum(one.name == _ATTRIBUTE for one in item.attributes)


def _vehicle(case: EuropeanCase, item: Item, at: str) -> Iterator[Fault]:
    classified, attributed = _classified(item), _attributed(item)
    if classified and attributed != 1:
        yield from case.broken("BR-DE-CVD-06-a", f"{at}/attributes", expected=f"{_ATTRIBUTE} once")
    if attributed and classified != 1:
        where = f"{at}/classification_identifiers"
        yield from case.broken("BR-DE-CVD-06-b", where, expected=f"{_CLASSIFIED} once")
    for place, one in enumerate(item.classification_identifiers):
        where = f"{at}/classification_identifiers/{place}"
        if normal(one.scheme) not in _CLASSIFICATIONS:
            yield from case.broken("BR-TMP-CVD-01", f"{where}/scheme", actual=one.scheme)
        if normal(one.scheme) == _CLASSIFIED and normal(one.value) not in _VEHICLES:
            wanted = " ".join(sorted(_VEHICLES))
            yield from case.broken("BR-DE-CVD-04", f"{where}/value", expected=wanted, actual=one.value)
    for place, attribute in enumerate(item.attributes):
        if attribute.name == _ATTRIBUTE and normal(attribute.value) not in _KINDS:
            where, wanted = f"{at}/attributes/{place}/value", " ".join(sorted(_KINDS))
            yield from case.broken("BR-DE-CVD-05", where, expected=wanted, actual=attribute.value)
