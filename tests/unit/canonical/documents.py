"""Canonical documents for tests: a plain one to change by hand, and hypothesis strategies for all others."""

import base64
import copy
import json
from datetime import date, time
from typing import Any

from hypothesis import strategies as st

from tallystick.canonical import Invoice
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
    return json.dumps(document, ensure_ascii=False).encode()


_WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=6).filter(
    str.strip
)
_NUMBERS = st.from_regex(r"\A-?[0-9]{1,18}(\.[0-9]{1,12})?\Z", fullmatch=True)
_DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31)).map(date.isoformat)
_TIMES = st.times().map(lambda at: time.isoformat(at, "seconds"))
_SPECIAL = {
    "^[A-Z]{3}$": st.sampled_from(["EUR", "SEK", "JPY", "BHD"]),
    "^[A-Z0-9]{2}$": st.sampled_from(["DE", "SE", "XI", "1A"]),
}
_LEAVES = {"number": _NUMBERS, "date": _DAYS, "time": _TIMES, "flag": st.booleans()}


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Any document that `decode` accepts, every term of the model possible."""
    document: dict[str, Any] = draw(_structs(Invoice, 0.15))
    if (
        document.get("buyer") is None
        or not document["buyer"].get("name")
        or not document["buyer"].get("postal_address")
    ):
        document["transaction_type"] = "b2c"
    return document


@st.composite
def _structs(draw: st.DrawFn, struct: Any, chance: float) -> dict[str, Any]:
    document = {}
    for name, field in shape_of(struct).items():
        if field.shape.kind == "regime":
            continue
        if field.required or draw(st.floats(0, 1)) < chance:
            document[name] = draw(_values(field.shape))
    return document


def _values(shape: Shape) -> st.SearchStrategy[Any]:
    if shape.kind == "struct":
        return _structs(shape.struct, 0.4)
    if shape.kind == "array":
        assert shape.item is not None
        return st.lists(_values(shape.item), min_size=shape.least, max_size=2)
    if shape.kind == "map":
        return st.dictionaries(st.sampled_from(["a", "B-2", "c_3"]), st.text("xyz ", max_size=3), max_size=2)
    if shape.kind == "choice":
        return st.sampled_from(shape.choices)
    if shape.kind == "text":
        return _SPECIAL.get(shape.pattern, _WORDS)
    if shape.kind == "other":
        return st.binary(max_size=9).map(lambda raw: base64.b64encode(raw).decode())
    return _LEAVES[shape.kind]


_WRONG = st.one_of(
    st.sampled_from(
        [
            None, True, 0, 1.5, -3, "", " ", "\u00a0", "\u3000 ", "x", "a\u0000b", "tab\there", "\ufffe",
            "\U0001fffe", "1e5", "1_0", "+1", " 1", "1 ", "1\n", "NaN", "Infinity", "١٢", "１２", ".5", "5.",
            "1,5", "-", "--1", "0x1", "1" * 19, "1." + "1" * 13, "2026-02-30", "1899-12-31", "2101-01-01",
            "2026-1-1", "20260101", "2026-01-01T00:00:00", "24:00:00", "10:00", "10:00:00Z", "10:00:00.5",
            "eur", "EURO", "B2B", "b2b", [], {}, [[]], {"x": 1}, ["x"], [None], "!!", "YQ==", "YQ",
            "2026-01-01", "10:00:00",
        ]
    ),
    st.text(max_size=3),
)  # fmt: skip


@st.composite
def mangled(draw: st.DrawFn) -> dict[str, Any]:
    """A document of which one or two places were changed into anything, or taken out, or doubled in name."""
    document = draw(documents())
    for _ in range(draw(st.integers(1, 2))):
        parent, name = draw(st.sampled_from(list(_places(document))))
        action = draw(st.sampled_from(["change", "change", "remove", "unknown"]))
        if action == "change":
            parent[name] = draw(_WRONG)
        elif action == "remove":
            del parent[name]
        elif isinstance(parent, dict):
            parent[draw(st.sampled_from(["nam", "regime_data", "net_amount", "x~/y", "é"]))] = draw(_WRONG)
        if not document:
            break
    return document


def _places(node: Any) -> Any:
    """Every place of a document: its parent, and its name or index there."""
    members = node.items() if isinstance(node, dict) else enumerate(node)
    for name, value in list(members):
        yield node, name
        if isinstance(value, (dict, list)):
            yield from _places(value)
