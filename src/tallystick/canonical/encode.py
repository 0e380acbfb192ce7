"""From an invoice back to bytes: the document for people and clients, the canonical form for digests."""

from decimal import Decimal
from typing import Any, Final

import msgspec

from tallystick.canonical.invoice import Invoice
from tallystick.canonical.numbers import plain


def _number(value: Any) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    raise NotImplementedError(f"the canonical model has no {type(value).__name__}")


_DOCUMENT: Final = msgspec.json.Encoder(enc_hook=_number)
_CANONICAL: Final = msgspec.json.Encoder(enc_hook=_number, order="sorted")


def encode(invoice: Invoice) -> bytes:
    """The invoice as JSON, terms in the model's order, absent terms left out, digits as they were given."""
    return _DOCUMENT.encode(invoice)


def canonical_bytes(invoice: Invoice) -> bytes:
    """The invoice as RFC 8785 JSON: equal invoices, equal bytes.

    The model has no floating point numbers, and its names are ASCII, so sorting them by code point is
    RFC 8785's order.
    """
    return _CANONICAL.encode(invoice)
