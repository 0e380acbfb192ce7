"""Invoices for the pens: one that has every term of the model, and what a UBL document can say of any."""

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from tallystick.canonical import Invoice, canonical_bytes, decode
from tallystick.canonical.shape import FieldShape, Shape, shape_of

OURS = {
    "issue_time", "transaction_type", "supply_type", "tax_region", "regime", "registration", "exchange_rate",
    "metadata", "regime_data", "components", "external", "uuid", "authority_id",
    "additional_tax_amount", "item_price_with_tax",
}  # fmt: skip
"""Terms beyond EN 16931: UBL has no place for them, or a profile of its own writes them."""

CODES = {
    "type_code", "currency_code", "tax_currency_code", "tax_point_date_code", "country_code",
    "country_of_origin", "payment_means_type_code", "reason_code", "tax_category_code", "category_code",
    "exemption_reason_code", "subject_code",
}  # fmt: skip
"""Terms in which blanks at the ends mean nothing."""


def invoice_of(document: dict[str, Any]) -> Invoice:
    """The document, which must be good, as an invoice."""
    decoded = decode(json.dumps(document).encode())
    assert decoded.faults == ()
    assert decoded.invoice is not None
    return decoded.invoice


def canonical(document: dict[str, Any] | bytes) -> Any:
    """One spelling per document, as plain data."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    decoded = decode(body)
    assert decoded.faults == ()
    assert decoded.invoice is not None
    return json.loads(canonical_bytes(decoded.invoice))


NASTY = [
    "<&>\"'", "]]>", "<![CDATA[x]]>", "&amp;", "<!-- -->", "𝔘𝕏 😀", "a\tb\nc", "a\r\nb\rc",
    "  ends  ", "\u00a0x\u2028y",
    "é\u0301", "{x} %s \\n", "#AB", "ﬁ\u200b",
]  # fmt: skip
"""Texts that a careless pen or reader would change."""

_NUMBERS = [
    "0",
    "-0.00",
    "1",
    "19.0",
    "0.0000001",
    "0.000000000000",
    "-12.50",
    "999999999999999999.99",
    "007.10",
]
_PATTERNS = {"^[A-Z]{3}$": "EUR", "^[A-Z0-9]{2}$": "SE"}


def every_term(text: Callable[[str], str] = lambda term: term, **terms: Any) -> dict[str, Any]:
    """A document with every term of EN 16931 once. `text` makes the value of a text term from its path."""
    document: dict[str, Any] = _grown(Invoice, "", _All(text))
    document |= {"type_code": "380", "currency_code": "EUR", "tax_currency_code": "SEK"}
    document["notes"][0]["subject_code"] = "AAI"
    return document | terms


def some_terms(seed: int, type_code: str) -> dict[str, Any]:
    """A document with terms, texts, numbers and repetitions drawn from the seed."""
    chance = Random(seed)
    document: dict[str, Any] = _grown(Invoice, "", _Some(chance))
    document |= {"type_code": type_code, "currency_code": "EUR"}
    for note in document.get("notes", ()):
        if "subject_code" in note:
            note["subject_code"] = chance.choice(["AAI", "REG"])
    for number, means in enumerate(document.get("payment_instructions", ())):
        means["payment_means_type_code"] = str(59 + number)  # accounts of the same means are one entry
        if number:  # a document has one creditor identifier, its first mandate's
            means.pop("direct_debit", None)
    if "tax_currency_code" in document:
        document["tax_currency_code"] = "SEK"
    else:
        document.get("document_totals", {}).pop("total_tax_amount_in_accounting_currency", None)
    return document | {"transaction_type": "b2c"}


class _All:
    """Takes every term once."""

    def __init__(self, text: Callable[[str], str]) -> None:
        self.text = text

    def takes(self, field: FieldShape) -> bool:
        return True

    def length(self, shape: Shape) -> int:
        return 1

    def number(self, path: str) -> str:
        return f"{len(path)}.{len(path) % 10}0"

    def code(self, path: str) -> str:
        return path[1:]


class _Some:
    """Takes what chance says."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.share = chance.choice([0.1, 0.5, 0.9])

    def takes(self, field: FieldShape) -> bool:
        return field.required or field.name == "item_net_price" or self.chance.random() < self.share

    def length(self, shape: Shape) -> int:
        return max(shape.least, self.chance.choice([0, 1, 1, 2, 3]))

    def number(self, path: str) -> str:
        return self.chance.choice(_NUMBERS)

    def code(self, path: str) -> str:
        return self.chance.choice(["S", "<&>", "VATEX-EU-O", "é", "C62"])

    def text(self, path: str) -> str:
        return self.chance.choice([*NASTY, "Ölkanne", "Lamp & Co", "x", "Ταχυδρομείο", path])


def _grown(struct: Any, path: str, will: _All | _Some) -> dict[str, Any]:
    return {
        name: _value(field.shape, name, f"{path}/{name}", will)
        for name, field in shape_of(struct).items()
        if name not in OURS and will.takes(field)
    }


def _value(shape: Shape, name: str, path: str, will: _All | _Some) -> Any:
    if shape.kind == "struct":
        return _grown(shape.struct, path, will)
    if shape.kind == "array":
        assert shape.item is not None
        return [_value(shape.item, name, f"{path}/{index}", will) for index in range(will.length(shape))]
    if shape.kind == "number":
        return will.number(path)
    if shape.kind == "date":
        return f"2026-{1 + len(path) % 12:02}-{1 + len(name) % 28:02}"
    if shape.kind == "other":
        return "JVBERi0xLjcK"
    return _PATTERNS.get(shape.pattern) or (will.code(path) if name in CODES else will.text(path))


def carried(document: dict[str, Any]) -> Any:
    """What a UBL document says of this invoice, as canonical data: written down apart from the pen."""
    said: dict[str, Any] = _without_ours(document)
    if said["type_code"] in CREDIT_NOTES and "payment_due_date" in said:
        said.setdefault("payment_instructions", [{"payment_means_type_code": "1"}])
    for line in said["lines"]:
        if "item_gross_price" in line["price"]:
            line["price"].setdefault("item_price_discount", "0")
        if "base_quantity_unit_code" in line["price"]:
            line["price"].setdefault("base_quantity", "1")
    return canonical(said | {"transaction_type": "b2c"})


CREDIT_NOTES = {"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "532"}
_DROPPED_IF_EMPTY = {
    "contact", "delivery", "invoicing_period", "period", "direct_debit", "buyer", "document_totals",
}  # fmt: skip


def _without_ours(node: Any) -> Any:
    if isinstance(node, list):
        return [_without_ours(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {name: _without_ours(value) for name, value in node.items() if name not in OURS and value != []}
    return {name: value for name, value in kept.items() if value != {} or name not in _DROPPED_IF_EMPTY}


def texts_of(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every leaf of plain data by its path."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield from texts_of(value, f"{path}/{name}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from texts_of(value, f"{path}/{index}")
    else:
        yield path, str(node)
