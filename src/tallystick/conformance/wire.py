"""What can be read back out of a wire document, whatever its format."""

import json
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from msgspec.structs import asdict

from tallystick.canonical import Invoice, decode
from tallystick.conformance.cases import suffix_of
from tallystick.formats import Unreadable
from tallystick.formats.xml_in import parse
from tallystick.strategy import Document, Reads, Strategy

__all__ = ["problems", "totals_of"]


def problems(strategy: Strategy, invoice: Invoice, document: Document) -> Iterator[str]:
    """Everything that keeps the document from saying what the invoice says, one line each.

    It must be of its media type; every total of the invoice must stand in it; and if the strategy reads, it
    must read its own document back, whole, with the same totals, taxes and line amounts.
    """
    try:
        leaves = set(_leaves(document))
    except ValueError as error:
        yield f"not a {document.media_type} document: {error}"
        return
    numbers = set(_numbers(leaves))
    for name, total in totals_of(invoice).items():
        if total not in numbers:
            yield f"{name} {total} stands nowhere in the document"
    if isinstance(strategy, Reads):
        yield from _read_back(strategy, invoice, document)


def totals_of(invoice: Invoice) -> dict[str, Decimal]:
    """The totals that the invoice has, by name, but those that are zero (a format may leave them out)."""
    return {name: Decimal(total) for name, total in asdict(invoice.document_totals).items() if total}


def _leaves(document: Document) -> Iterator[str]:
    """Every text of an XML document, every scalar of a JSON document. Raises ValueError if it is neither."""
    kind = suffix_of(document.media_type)
    if kind == "xml":
        for node in parse(document.body).iter():
            yield (node.text or "").strip()
    elif kind == "json":
        yield from _scalars(
            json.loads(document.body, parse_float=str, parse_int=str, parse_constant=_no_number)
        )
    elif not document.body:
        raise ValueError("empty")


def _no_number(name: str) -> str:
    raise ValueError(f"{name} is no JSON")


def _scalars(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for member in value.values() if isinstance(value, dict) else value:
            yield from _scalars(member)
    else:
        yield str(value)


def _numbers(leaves: set[str]) -> Iterator[Decimal]:
    for leaf in leaves:
        try:
            yield Decimal(leaf)
        except InvalidOperation:
            continue


def _read_back(strategy: Reads, invoice: Invoice, document: Document) -> Iterator[str]:
    if not strategy.recognises(document.body):
        yield "the strategy does not recognise its own document"
        return
    try:
        reading = strategy.read(document.body)
    except Unreadable as error:
        yield f"the strategy cannot read its own document: {error}"
        return
    yield from (f"read back, {unread.path} is not carried" for unread in reading.unread)
    decoded = decode(reading.invoice)
    if decoded.invoice is None:
        yield f"read back, it is no invoice: {decoded.faults}"
        return
    for name, there, here in _compared(invoice, decoded.invoice):
        if there != here:
            yield f"{name}: {there} became {here}"


def _compared(there: Invoice, here: Invoice) -> Iterator[tuple[str, object, object]]:
    yield "totals", totals_of(there), totals_of(here)
    yield "currency", there.currency_code, here.currency_code
    yield "number", there.invoice_number, here.invoice_number
    yield "line amounts", _line_amounts(there), _line_amounts(here)
    yield "taxes", _taxes(there), _taxes(here)


def _line_amounts(invoice: Invoice) -> list[Decimal | None]:
    return [line.net_amount for line in invoice.lines]


def _taxes(invoice: Invoice) -> list[tuple[object, ...]]:
    return [
        (
            tax.tax_category_code,
            tax.tax_category_rate,
            tax.tax_category_taxable_amount,
            tax.tax_category_tax_amount,
        )
        for tax in invoice.tax_breakdown
    ]
