"""Canonical documents for tests: a plain one to change by hand, and hypothesis strategies for all others."""

import base64
import copy
import json
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st

from tallystick.canonical import Invoice, Price
from tallystick.canonical.shape import Shape, shape_of

_PLAIN: dict[str, Any] = {
    "invoice_number": "2026-117",
    "issue_date": "2026-11-02",
    "type_code": "380",
    "currency_code": "EUR",
    "seller": {"name": "Kupferberg Leuchten GmbH", "postal_address": {"country_code": "DE"}},
    "buyer": {"name": "Atelier Vermeulen BV", "postal_address": {"country_code": "NL"}},
    "lines": [
        {
            "line_identifier": "1",
            "invoiced_quantity": "3",
            "unit_of_measure_code": "C62",
            "price": {"item_net_price": "33.335"},
            "tax": {"category_code": "S", "rate": "19"},
            "item": {"name": "Desk lamp"},
        }
    ],
}


def plain_document(**terms: Any) -> dict[str, Any]:
    """The smallest decent invoice, with these terms set or (None) taken out."""
    document = copy.deepcopy(_PLAIN) | terms
    return {name: value for name, value in document.items() if value is not None}


def plain_line(**terms: Any) -> dict[str, Any]:
    """A line of the plain invoice, with these terms set."""
    line: dict[str, Any] = copy.deepcopy(_PLAIN["lines"][0])
    return line | terms


def body_of(document: Any) -> bytes:
    """The document as a client would send it."""
    try:
        return json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # a lone surrogate can only be sent as an escape
        return json.dumps(document).encode()


_CHARACTERS = "ab Zß é東\u200e\u00a0😀/\\\"'<&>\t\r\n\x7f\u0085:,{}[]-019"
_WRONG: tuple[Any, ...] = (
    None, True, 0, 1.5, -3, "", " ", "\u00a0", "\u3000 ", "x", "a\u0000b", "tab\there", "\ufffe",
    "\U0001fffe", "1e5", "1_0", "+1", " 1", "1 ", "1\n", "NaN", "Infinity", "١٢", "１２", ".5", "5.",
    "1,5", "-", "--1", "0x1", "1" * 19, "1." + "1" * 13, "2026-02-30", "1899-12-31", "2101-01-01",
    "2026-1-1", "20260101", "2026-01-01T00:00:00", "24:00:00", "10:00", "10:00:00Z", "10:00:00.5",
    "eur", "EURO", "B2B", "b2b", [], {}, [[]], {"x": 1}, ["x"], [None], "!!", "YQ==", "YQ",
    "2026-01-01", "10:00:00", '"":', "\ud800",
)  # fmt: skip
_CODES = {"^[A-Z]{3}$": ("EUR", "SEK", "JPY", "BHD"), "^[A-Z0-9]{2}$": ("DE", "SE", "XI", "1A")}


PRICES = {"item_net_price", "item_price_with_tax"}
"""A price has one of them at least."""


class _Writer:
    """Writes documents by chance, every term of the model possible."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)

    def document(self) -> dict[str, Any]:
        document = self._struct(Invoice, self.dice.choice((0.05, 0.2, 0.6)))
        buyer = document.get("buyer")
        if buyer is None or not buyer.get("name") or not buyer.get("postal_address"):
            document["transaction_type"] = "b2c"
        return document

    def mangle(self, document: dict[str, Any]) -> dict[str, Any]:
        for _ in range(self.dice.randint(1, 3)):
            places = list(_places(document))
            if not places:
                break
            parent, name = self.dice.choice(places)
            wrong = copy.deepcopy(self.dice.choice(_WRONG))
            action = self.dice.choice(("change", "change", "remove", "add"))
            if action == "change":
                parent[name] = wrong
            elif action == "remove":
                del parent[name]
            elif isinstance(parent, dict):
                parent[self.dice.choice(("nam", "regime_data", "net_amount", "x~/y", "é"))] = wrong
        return document

    def _struct(self, struct: Any, chance: float) -> dict[str, Any]:
        found = {
            name: self._value(field.shape, chance)
            for name, field in shape_of(struct).items()
            if field.required or (field.shape.kind != "regime" and self.dice.random() < chance)
        }
        if struct is Price and not PRICES & found.keys():
            found[self.dice.choice(sorted(PRICES))] = self._leaf(shape_of(Price)["item_net_price"].shape)
        return found

    def _value(self, shape: Shape, chance: float) -> Any:
        if shape.kind == "struct":
            return self._struct(shape.struct, max(chance, 0.4))
        if shape.kind == "array":
            assert shape.item is not None
            return [self._value(shape.item, chance) for _ in range(self.dice.randint(shape.least, 2))]
        if shape.kind == "map":
            return {
                name: self.dice.choice(("", " ", "x")) for name in self.dice.sample(("a", "B-2", "c_3"), 2)
            }
        return self._leaf(shape)

    def _leaf(self, shape: Shape) -> Any:
        dice = self.dice
        if shape.kind == "number":
            whole = dice.choice(("", "-")) + str(dice.randrange(10 ** dice.randint(1, 18)))
            return whole + (
                f".{dice.randrange(10**12):012}"[: dice.randint(2, 13)] if dice.random() < 0.5 else ""
            )
        if shape.kind == "date":
            return str(date(1900, 1, 1) + timedelta(days=dice.randrange(73_414)))
        if shape.kind == "time":
            return f"{dice.randrange(24):02}:{dice.randrange(60):02}:{dice.randrange(60):02}"
        if shape.kind == "flag":
            return dice.random() < 0.5
        if shape.kind == "other":
            return base64.b64encode(dice.randbytes(dice.randrange(9))).decode()
        words = "".join(dice.choices(_CHARACTERS, k=dice.randint(1, 8))) + "x"
        return dice.choice(shape.choices or _CODES.get(shape.pattern) or (words,))


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every place of a document: its parent, and its name or index there."""
    members = node.items() if isinstance(node, dict) else enumerate(node)
    for name, value in list(members):
        yield node, name
        if isinstance(value, (dict, list)):
            yield from _places(value)


_SEEDS = st.integers(0, 2**32)
documents = _SEEDS.map(lambda seed: _Writer(seed).document())
"""Any document that `decode` accepts. A failing example shows its seed's document."""

mangled = _SEEDS.map(lambda seed: _Writer(seed).mangle(_Writer(seed).document()))
"""A document of which up to three places were changed into anything, taken out, or added to."""
