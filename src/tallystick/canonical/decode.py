"""From bytes to an invoice: once quickly, and thoroughly only if something is wrong or unsure.

The fast way is one typed decoder and three questions about the raw bytes. Whatever it does not accept goes to
the thorough way, which alone decides on refusal and tells every fault with its place.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache, lru_cache
from itertools import chain
from types import MappingProxyType
from typing import Any, Final

import msgspec

from tallystick.canonical.fault import Fault
from tallystick.canonical.inspection import FIRST_YEAR, LAST_YEAR, Inspection
from tallystick.canonical.invoice import Invoice
from tallystick.canonical.line import UNPRICED
from tallystick.canonical.numbers import read_number
from tallystick.canonical.regime import RegimeBlocks
from tallystick.canonical.terms import Group
from tallystick.canonical.text import may_hold_odd_text, may_hold_odd_time, too_deep, unreadable
from tallystick.canonical.tree import explained, shown, tree_of

_read_known_number: Final = lru_cache(8192)(read_number)
"""The same text is the same number: rates, quantities and prices come again and again. No refusal is kept."""

_INVOICE: Final = msgspec.json.Decoder(Invoice, dec_hook=_read_known_number)
_TREE: Final = msgspec.json.Decoder()
_SORTED: Final = msgspec.json.Encoder(order="sorted")
_blank_before_colon: Final = re.compile(rb'"[ \t\n\r]+:').search
_NO_BLOCKS: Final[Mapping[str, RegimeBlocks]] = MappingProxyType({})


class Decoded(msgspec.Struct, frozen=True):
    """Either an invoice or the faults that keep the document from being one.

    `normal` is the document's `normal_form`, where decoding came to know it.
    """

    invoice: Invoice | None = None
    faults: tuple[Fault, ...] = ()
    normal: bytes | None = None


def decode(body: bytes, blocks: Mapping[str, RegimeBlocks] = _NO_BLOCKS) -> Decoded:
    """The invoice a JSON document holds, or every fault that keeps it from holding one.

    `blocks` are the structs that the loaded regimes bring along, by regime code. Never raises on any bytes.
    """
    fault = unreadable(body)
    if fault is not None:
        return Decoded(faults=(fault,))
    return _fast(body, blocks) or _thorough(body, blocks)


def normal_form(body: bytes) -> bytes:
    """The document without its blanks and the order of its members; what is no JSON stands for itself."""
    try:
        return _SORTED.encode(_TREE.decode(body))
    except (msgspec.DecodeError, ValueError, RecursionError):
        return body


def _fast(body: bytes, blocks: Mapping[str, RegimeBlocks]) -> Decoded | None:
    """The invoice, or None where the thorough way has to look."""
    try:
        invoice = _INVOICE.decode(body)
        with_blocks = _blocks_into(invoice, blocks)
        tree = _TREE.decode(body)
        normal = _SORTED.encode(tree)
    except (msgspec.DecodeError, ValueError, TypeError, LookupError, RecursionError):
        return None  # TypeError: an array or object where a number belongs
    if not _named_once(body, tree, normal):
        return None
    if may_hold_odd_text(body) or not _has_buyer(invoice) or not _priced(invoice) or not _timely(invoice):
        return None
    if (with_blocks or invoice.issue_time is not None) and may_hold_odd_time(body):
        return None
    if with_blocks and too_deep(body.decode()):
        return None
    return Decoded(invoice, normal=normal)


def _named_once(body: bytes, tree: Any, normal: bytes) -> bool:
    """Whether no object names a member twice. True is certain, False is not.

    `normal` is `tree` written again, so it lacks what a repeated name made the decoder forget. A colon
    stands after every name; all others stand in texts, and without escapes the same in both.
    """
    if b"\\" not in body:
        return body.count(b":") == normal.count(b":")
    return body.count(b'":') == _keys(tree) and _blank_before_colon(body) is None


def _has_buyer(invoice: Invoice) -> bool:
    if invoice.transaction_type == "b2c":
        return True
    buyer = invoice.buyer
    return buyer is not None and buyer.name is not None and buyer.postal_address is not None


def _priced(invoice: Invoice) -> bool:
    """Whether every line has a price, with tax or without."""
    return all(
        line.price.item_net_price is not UNPRICED or line.price.item_price_with_tax is not None
        for line in invoice.lines
    )


def _timely(invoice: Invoice) -> bool:
    """Whether every date of the model lies within the allowed years."""
    return all(day is None or FIRST_YEAR <= day.year <= LAST_YEAR for day in _days(invoice))


def _days(invoice: Invoice) -> Iterator[date | None]:
    yield invoice.issue_date
    yield invoice.tax_point_date
    yield invoice.payment_due_date
    for reference in invoice.preceding_invoice_references:
        yield reference.issue_date
    if invoice.delivery is not None:
        yield invoice.delivery.actual_delivery_date
    if invoice.exchange_rate is not None:
        yield invoice.exchange_rate.date
    periods = chain((invoice.invoicing_period,), (line.period for line in invoice.lines))
    for period in periods:
        if period is not None:
            yield period.start_date
            yield period.end_date


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
    yield from chain(invoice.allowances, invoice.charges)
    for line in invoice.lines:
        yield line
        yield from line.allowances
        yield from line.charges
    parties: tuple[Group | None, ...] = (
        invoice.seller,
        invoice.buyer,
        invoice.payee,
        invoice.seller_tax_representative,
    )
    yield from (party for party in parties if party is not None)
