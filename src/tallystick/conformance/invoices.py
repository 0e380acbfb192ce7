"""Invoices nobody wrote: real ones with a few things changed, sound ones with other lines and other money."""

import json
from collections.abc import Iterator
from copy import deepcopy
from decimal import Decimal
from itertools import islice
from typing import Any, Final

from hypothesis import strategies as some

__all__ = ["broken", "lacking", "sound"]

CURRENCIES: Final = ("EUR", "USD", "JPY", "KWD", "CLF", "XXX")
TOTALS: Final = ("document_totals", "tax_breakdown", "exchange_rate", "tax_currency_code")

ODD: Final[tuple[Any, ...]] = (
    *("", " ", "0", "-1", "0.005", "1E+9", "NaN", "999999999999999999.999999999999", "١٢", "1,5"),
    *("AE", "E", "O", "Z", "ZZ", "380", "381", "384", "389", "XX", "EUR", "JPY", "C62", "0088", "text/plain"),
    *("2026-02-30", "0001-01-01", "9999-12-31", "2026-01-01T00:00:00Z", "24:00:00"),
    *("]]>", "<&\"'>", "\u202eabc", "a\tb\r\nc", "\u00a0", "é" * 300, "😀", "\ufffe", "\u0000", "\ud800"),
    *(None, True, 0, -1, 1.5, [], {}, [[]], {"value": "1"}, {"scheme": "0088", "value": "x"}, ["a"]),
)
"""Values that stand at the edge of something: of a number, a code list, a calendar, of Unicode, of a type."""


def broken(invoice: bytes) -> some.SearchStrategy[bytes]:
    """The invoice with one to four changes anywhere: gone, doubled, or replaced by something odd."""

    @some.composite
    def changed(draw: some.DrawFn) -> bytes:
        document = json.loads(invoice)
        for _ in range(draw(some.integers(1, 4))):
            places = list(_places(document))
            parent, key = draw(some.sampled_from(places))
            _change(parent, key, draw(some.sampled_from(("remove", "double", "odd"))), draw(_odd()))
        return json.dumps(document).encode()

    return changed()


def lacking(invoice: bytes) -> Iterator[bytes]:
    """The invoice without one of its members, for each member; and with something odd in its stead."""
    count = sum(1 for _ in _places(json.loads(invoice)))
    for at in range(count):
        for how, odd in (("remove", None), *(("odd", ODD[(at * 3 + turn) % len(ODD)]) for turn in range(3))):
            document = json.loads(invoice)
            parent, key = next(islice(_places(document), at, None))
            _change(parent, key, how, odd)
            yield json.dumps(document).encode()


def sound(invoice: bytes) -> some.SearchStrategy[bytes]:
    """The invoice's parties and terms, with other lines, prices and currency; no totals."""

    @some.composite
    def made(draw: some.DrawFn) -> bytes:
        document = json.loads(invoice)
        for computed in TOTALS:
            document.pop(computed, None)
        document["currency_code"] = draw(some.sampled_from((document["currency_code"], *CURRENCIES)))
        patterns = document["lines"]
        document["lines"] = [
            _line(draw, draw(some.sampled_from(patterns)), number)
            for number in range(1, draw(some.integers(1, 6)) + 1)
        ]
        return json.dumps(document).encode()

    return made()


def _odd() -> some.SearchStrategy[Any]:
    numbers = some.decimals(-(10**12), 10**12, places=4).map(lambda number: format(number, "f"))
    return some.one_of(some.sampled_from(ODD), numbers, some.text(max_size=20), some.dates().map(str))


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every member of every object and every item of every array, as (parent, key)."""
    keys = list(node) if isinstance(node, dict) else range(len(node))
    for key in keys:
        yield node, key
        if isinstance(node[key], dict | list):
            yield from _places(node[key])


def _change(parent: Any, key: Any, how: str, odd: Any) -> None:
    if how == "remove":
        del parent[key]
    elif how == "double" and isinstance(parent, list):
        parent.insert(key, deepcopy(parent[key]))
    else:
        parent[key] = odd


def _line(draw: some.DrawFn, pattern: dict[str, Any], number: int) -> dict[str, Any]:
    line = deepcopy(pattern)
    line["line_identifier"] = str(number)
    line["invoiced_quantity"] = draw(_number(some.decimals(Decimal("0.001"), 9999, places=3)))
    line["price"] = {"item_net_price": draw(_number(some.decimals(0, 99999, places=4)))}
    for computed in ("net_amount", "allowances", "charges"):
        line.pop(computed, None)
    return line


def _number(decimals: some.SearchStrategy[Decimal]) -> some.SearchStrategy[str]:
    return decimals.map(lambda number: format(number, "f"))
