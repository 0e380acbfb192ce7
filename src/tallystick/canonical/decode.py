"""From bytes to an invoice: once quickly, and thoroughly only if something is wrong or unsure.

The fast way is one typed decoder and a few questions about the raw bytes. Whatever it does not accept goes to
the thorough way, which alone decides on refusal and tells every fault with its place.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any, Final

import msgspec

from tallystick.canonical.fault import Fault
from tallystick.canonical.inspection import FIRST_YEAR, LAST_YEAR, Inspection
from tallystick.canonical.invoice import Invoice
from tallystick.canonical.line import UNPRICED
from tallystick.canonical.numbers import read_number
from tallystick.canonical.regime import RegimeBlocks
from tallystick.canonical.results import Decoded
from tallystick.canonical.text import holds, may_hold_odd_text, may_hold_odd_time, too_deep, unreadable
from tallystick.canonical.tree import explained, shown, tree_of

_read_known_number: Final = lru_cache(8192)(read_number)
"""The same text is the same number: rates, quantities and prices come again and again. No refusal is kept."""

_INVOICE: Final = msgspec.json.Decoder(Invoice, dec_hook=_read_known_number)
_TREE: Final = msgspec.json.Decoder()
_SORTED: Final = msgspec.json.Encoder(order="sorted")
_AGAIN: Final = msgspec.json.Encoder(enc_hook=bool)
"""Writes every name and every text again; of a number only whether it is zero, which has no colon."""

_blank_before_colon: Final = re.compile(rb'"[ \t\n\r]+:').search
_NO_BLOCKS: Final[Mapping[str, RegimeBlocks]] = MappingProxyType({})


def decode(body: bytes, blocks: Mapping[str, RegimeBlocks] = _NO_BLOCKS) -> Decoded:
    """The invoice a JSON document holds, or every fault that keeps it from holding one.

    `blocks` are the structs that the loaded regimes bring along, by regime code. Never raises on any bytes.
    """
    fault = unreadable(body)
    if fault is not None:
        return Decoded(faults=(fault,))
    invoice = _fast(body, blocks)
    return _thorough(body, blocks) if invoice is None else Decoded(invoice)


def normal_form(body: bytes) -> bytes:
    """The document without its blanks and the order of its members; what is no JSON stands for itself."""
    try:
        return _SORTED.encode(_TREE.decode(body))
    except (msgspec.DecodeError, ValueError, RecursionError):
        return body


def _fast(body: bytes, blocks: Mapping[str, RegimeBlocks]) -> Invoice | None:
    """The invoice, or None where the thorough way has to look."""
    try:
        invoice = _INVOICE.decode(body)
        with_blocks = _may_hold_blocks(body) and _blocks_into(invoice, blocks)
        if not _named_once(body, None if with_blocks else invoice):
            return None
    except (msgspec.DecodeError, ValueError, TypeError, LookupError, RecursionError):
        return None  # TypeError: an array or object where a number belongs
    if may_hold_odd_text(body) or not _has_buyer(invoice) or not _priced(invoice) or not _timely(invoice):
        return None
    if (with_blocks or invoice.issue_time is not None) and may_hold_odd_time(body):
        return None
    if with_blocks and too_deep(body.decode()):
        return None
    return invoice


def _may_hold_blocks(body: bytes) -> bool:
    """Whether a group may carry `regime_data`. False is certain, True is not."""
    return holds(body, b"regime_data") or b"\\" in body


def _named_once(body: bytes, invoice: Invoice | None) -> bool:
    """Whether no object names a member twice. True is certain, False is not.

    A document written again lacks what a repeated name made the decoder forget. A colon stands after every
    name; all others stand in texts, and without escapes the same in both. `invoice` is what the document
    holds, where it writes nothing that the document did not say; it may leave out what is said in vain.
    """
    if b"\\" in body:
        return body.count(b'":') == _keys(_TREE.decode(body)) and _blank_before_colon(body) is None
    colons = body.count(b":")
    if invoice is not None and _AGAIN.encode(invoice).count(b":") == colons:
        return True
    return _AGAIN.encode(_TREE.decode(body)).count(b":") == colons


def _has_buyer(invoice: Invoice) -> bool:
    if invoice.transaction_type == "b2c":
        return True
    buyer = invoice.buyer
    return buyer is not None and buyer.name is not None and buyer.postal_address is not None


def _priced(invoice: Invoice) -> bool:
    """Whether every line has a price, with tax or without."""
    for line in invoice.lines:
        price = line.price
        if price.item_net_price is UNPRICED and price.item_price_with_tax is None:
            return False
    return True


def _timely(invoice: Invoice) -> bool:
    """Whether every date of the model lies within the allowed years."""
    days = [invoice.issue_date, invoice.tax_point_date, invoice.payment_due_date]
    delivery, exchange = invoice.delivery, invoice.exchange_rate
    if delivery is not None:
        days.append(delivery.actual_delivery_date)
    if exchange is not None:
        days.append(exchange.date)
    if invoice.preceding_invoice_references:
        days += [reference.issue_date for reference in invoice.preceding_invoice_references]
    if invoice.invoicing_period is not None:
        days += (invoice.invoicing_period.start_date, invoice.invoicing_period.end_date)
    for line in invoice.lines:
        period = line.period
        if period is not None:
            days += (period.start_date, period.end_date)
    for day in days:
        if day is None:
            continue
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            return False
    return True


def _keys(tree: Any) -> int:
    """How many members all objects of the tree have together."""
    count = 0
    stack = [tree]
    while stack:
        node = stack.pop()
        values = node
        if type(node) is dict:
            count += len(node)
            values = node.values()
        stack.extend([value for value in values if type(value) is dict or type(value) is list])
    return count


def _thorough(body: bytes, blocks: Mapping[str, RegimeBlocks]) -> Decoded:
    text = body.decode()
    fault = too_deep(text)
    if fault is not None:
        return Decoded(faults=(fault,))
    try:
        tree = tree_of(text)
    except json.JSONDecodeError as error:
        message = f"The body is not JSON: {error.msg} (line {error.lineno}, column {error.colno})."
        return Decoded(faults=(Fault(code="request/malformed", pointer="", message=message),))
    if not isinstance(tree, dict):
        message = "The body is not a JSON object."
        fault = Fault(
            code="request/not-an-object",
            pointer="",
            message=message,
            expected="an object",
            actual=shown(tree),
        )
        return Decoded(faults=(fault,))
    inspection = Inspection(blocks)
    inspection.invoice(tree)
    return Decoded(faults=tuple(inspection.faults)) if inspection.faults else _certain(body, blocks)


def _certain(body: bytes, blocks: Mapping[str, RegimeBlocks]) -> Decoded:
    """Decode a document that the inspection found nothing wrong with."""
    try:
        invoice = _INVOICE.decode(body)
        _blocks_into(invoice, blocks)
    except (msgspec.DecodeError, ValueError, LookupError) as error:
        text, pointer = explained(error)
        fault = Fault(
            code="invoice/bad-value", pointer=pointer, message="The value is not of its type.", expected=text
        )
        return Decoded(faults=(fault,))
    return Decoded(invoice)


def _blocks_into(invoice: Invoice, blocks: Mapping[str, RegimeBlocks]) -> bool:
    """Put typed structs where the regimes' raw blocks stood; answers whether there were any.

    Raises LookupError for a regime or a level nobody knows, `msgspec.ValidationError` for a wrong block.
    """
    found = False
    for group in carriers(invoice):
        data = group.regime_data
        for code in data:
            struct = getattr(blocks[code], group.level)
            if struct is None:
                raise LookupError(code)
            data[code] = _block_decoder(struct).decode(data[code])
            found = True
    return found


@cache
def _block_decoder(struct: type[msgspec.Struct]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(struct, dec_hook=read_number)


def carriers(invoice: Invoice) -> Iterator[Any]:
    """Every group of the invoice that may carry `regime_data`."""
    yield invoice
    yield from invoice.allowances
    yield from invoice.charges
    for line in invoice.lines:
        yield line
        yield from line.allowances
        yield from line.charges
    for party in (invoice.seller, invoice.buyer, invoice.payee, invoice.seller_tax_representative):
        if party is not None:
            yield party
