"""From an invoice back to bytes: the document for people and clients, the canonical form for digests."""

from operator import methodcaller
from typing import Final

import msgspec

from tallystick.canonical.invoice import Invoice

digits: Final = methodcaller("__format__", "f")
"""An `enc_hook` without a frame of its own: a number's digits without an exponent, as `plain` gives them.

Nothing else in the model knows that format, so nothing passes for a number: TypeError."""

_DOCUMENT: Final = msgspec.json.Encoder(enc_hook=digits)
_CANONICAL: Final = msgspec.json.Encoder(enc_hook=digits, order="sorted")


def encode(invoice: Invoice) -> bytes:
    """The invoice as JSON, terms in the model's order, absent terms left out, digits as they were given."""
    return _DOCUMENT.encode(invoice)


def canonical_bytes(invoice: Invoice) -> bytes:
    """The invoice as RFC 8785 JSON: equal invoices, equal bytes.

    The model has no floating point numbers, and its names are ASCII, so sorting them by code point is
    RFC 8785's order.
    """
    return _CANONICAL.encode(invoice)
