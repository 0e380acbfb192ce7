"""What can be read back out of a wire document, whatever its format."""

import json
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from msgspec.structs import asdict, replace

from tallystick.canonical import Decoded, Invoice, complete, decode, exactly, rounded
from tallystick.conformance.cases import suffix_of
from tallystick.formats import Unreadable
from tallystick.formats.xml_in import parse
from tallystick.strategy import CarriesData, Document, Reads, Recasts, Strategy

__all__ = ["problems", "totals_of"]


def problems(strategy: Strategy, invoice: Invoice, document: Document) -> Iterator[str]:
    """Everything that keeps the document from saying what the invoice says, one line each.

    It must be of its media type; every total of the invoice must stand in it; and if the strategy reads, it
    must read its own document back, whole, with the same totals, taxes and line amounts. A document that
    is the invoice itself says all of it; one that recasts the invoice must come to the same to be paid.
    """
    try:
        leaves = set(_leaves(document))
    except ValueError as error:
        yield f"not a {document.media_type} document: {error}"
        return
    if isinstance(strategy, Recasts) and _is_itself(strategy, invoice, document):
        return
    if isinstance(strategy, Recasts):
        yield from _recast(strategy, invoice, document)
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


def _decoded(strategy: object, body: bytes) -> Decoded:
    return decode(body, {strategy.regime: strategy.blocks} if isinstance(strategy, CarriesData) else {})


def _is_itself(strategy: Strategy, invoice: Invoice, document: Document) -> bool:
    """Whether the document is the invoice as canonical JSON, without the caller's own notes."""
    return _decoded(strategy, document.body).invoice == replace(invoice, metadata={})


def _back(strategy: Reads, document: Document) -> Iterator[str | Invoice]:
    """The document read back, or what keeps it from being read."""
    if not strategy.recognises(document.body):
        yield "the strategy does not recognise its own document"
        return
    try:
        reading = strategy.read(document.body)
    except Unreadable as error:
        yield f"the strategy cannot read its own document: {error}"
        return
    yield from (f"read back, {unread.path} is not carried" for unread in reading.unread)
    decoded = _decoded(strategy, reading.invoice)
    yield decoded.invoice or f"read back, it is no invoice: {decoded.faults}"


def _read_back(strategy: Reads, invoice: Invoice, document: Document) -> Iterator[str]:
    for found in _back(strategy, document):
        if isinstance(found, str):
            yield found
            continue
        for name, there, here in _compared(invoice, found):
            if there != here:
                yield f"{name}: {there} became {here}"


def _recast(strategy: Recasts, invoice: Invoice, document: Document) -> Iterator[str]:
    for found in _back(strategy, document):
        if isinstance(found, str):
            yield found
            continue
        there, here = _to_pay(invoice, found.currency_code), _to_pay(complete(found).invoice)
        if found.invoice_number != invoice.invoice_number or there != here:
            yield f"{invoice.invoice_number} over {there} became {found.invoice_number} over {here}"


def _to_pay(invoice: Invoice, currency: str = "") -> Decimal | None:
    """What the invoice comes to, rounded as it says, in its tax currency if asked."""
    totals = invoice.document_totals
    if totals.total_amount_with_tax is None:
        return None
    amount = totals.total_amount_with_tax + (totals.rounding_amount or 0)
    exchange = invoice.exchange_rate
    if exchange is None or currency in ("", invoice.currency_code) or exchange.to_currency != currency:
        return amount
    with exactly():
        return rounded(amount * exchange.rate, 2)


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
