"""Texts that look otherwise than they are stored: control characters, and bidi marks that nobody closes."""

import re
from collections.abc import Iterator
from typing import Final

from tallystick.canonical import PostalAddress

from .case import Case, Faults
from .rules import broken

__all__ = ["texts"]

_suspicious: Final = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]").search
_control: Final = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufff9-\ufffb]").search
_OPENS: Final = {
    **dict.fromkeys("\u202a\u202b\u202d\u202e", "\u202c"),
    **dict.fromkeys("\u2066\u2067\u2068", "\u2069"),
}
"""Embeddings and overrides, which U+202C closes, and isolates, which U+2069 closes."""
_CLOSES: Final = frozenset(_OPENS.values())


def texts(case: Case) -> Faults:
    """Our own rules on whatever people read. One look over all texts, a second one only where needed."""
    found = [(pointer, text) for pointer, text in _all(case) if text is not None]
    if _suspicious("\n".join([text for _, text in found])) is None:
        return
    for pointer, text in found:
        if control := _control(text):
            yield broken("sa/control-character", pointer, actual=f"U+{ord(control[0]):04X}")
        if not _closed(text):
            yield broken("sa/unpaired-bidi-mark", pointer)


def _closed(text: str) -> bool:
    """Whether every mark is closed by its own end, in order, and no end stands alone."""
    waiting: list[str] = []
    for mark in text:
        if mark in _OPENS:
            waiting.append(_OPENS[mark])
        elif mark in _CLOSES and (not waiting or waiting.pop() != mark):
            return False
    return not waiting


def _all(case: Case) -> Iterator[tuple[str, str | None]]:
    invoice, sa = case.invoice, case.sa
    yield "/invoice_number", invoice.invoice_number
    yield "/seller/name", case.seller.name
    yield "/seller/regime_data/sa/district", case.seller_block.district
    yield from _address("/seller/postal_address", case.seller.postal_address)
    yield "/buyer/name", case.buyer.name
    yield "/buyer/regime_data/sa/district", case.buyer_block.district
    yield from _address("/buyer/postal_address", case.buyer.postal_address)
    yield "/payment_terms", invoice.payment_terms
    yield "/regime_data/sa/reason", sa.reason
    for at, note in enumerate(invoice.notes):
        yield f"/notes/{at}/content", note.content
    for at, entry in enumerate(invoice.tax_breakdown):
        yield f"/tax_breakdown/{at}/exemption_reason_text", entry.exemption_reason_text
    for at, line in enumerate(invoice.lines):
        yield f"/lines/{at}/item/name", line.item.name
        yield f"/lines/{at}/item/description", line.item.description
        yield f"/lines/{at}/note", line.note
    for at, adjustment in enumerate((*invoice.allowances, *invoice.charges)):
        allowances = len(invoice.allowances)
        place = f"/allowances/{at}" if at < allowances else f"/charges/{at - allowances}"
        yield f"{place}/reason", adjustment.reason


def _address(at: str, address: PostalAddress | None) -> Iterator[tuple[str, str | None]]:
    if address is not None:
        yield f"{at}/line_1", address.line_1
        yield f"{at}/line_2", address.line_2
        yield f"{at}/city", address.city
        yield f"{at}/country_subdivision", address.country_subdivision
