"""The canonical invoice as JSON Schema (2020-12), with the EN 16931 id on every property.

`python -m tallystick.canonical.schema` prints the schema of the model alone; `invoice_schema(blocks)` adds
the blocks that regimes bring along. The schema says what `decode` accepts; that a day exists, that a text has
no control character and that amounts add up is beyond it.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec

from tallystick.canonical.invoice import Invoice
from tallystick.canonical.line import Price
from tallystick.canonical.numbers import NUMBER_PATTERN, NUMBERS
from tallystick.canonical.regime import RegimeBlocks
from tallystick.canonical.shape import shape_of
from tallystick.canonical.terms import Group

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
IDENTIFIER: Final = "urn:tallystick:canonical:invoice:1"

_NUMBER: Final = {"type": "string", "pattern": f"^{NUMBER_PATTERN}$"}
_DATE: Final = {"format": "date", "pattern": "^(19[0-9]{2}|20[0-9]{2}|2100)-[0-9]{2}-[0-9]{2}$"}
_BUYER: Final[dict[str, Any]] = {
    "if": {"properties": {"transaction_type": {"const": "b2c"}}, "required": ["transaction_type"]},
    "else": {
        "properties": {
            "buyer": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "postal_address": {"type": "object"}},
                "required": ["name", "postal_address"],
            }
        },
        "required": ["buyer"],
    },
}
_NO_BLOCKS: Final[Mapping[str, RegimeBlocks]] = MappingProxyType({})


def invoice_schema(blocks: Mapping[str, RegimeBlocks] = _NO_BLOCKS) -> dict[str, Any]:
    """The schema of an invoice whose `regime_data` may hold these regimes' blocks."""
    groups = list(_groups(Invoice, set()))
    structs = [*groups, *_structs_of(blocks)]
    references, definitions = msgspec.json.schema_components(
        structs, schema_hook=_number_schema, ref_template="#/$defs/{name}"
    )
    reference_of = dict(zip(structs, references, strict=True))
    for group in groups:
        properties = definitions[_name(reference_of[group])]["properties"]
        if "regime_data" in properties:
            properties["regime_data"] |= _regime_data(group.level, blocks, reference_of)
            properties["regime_data"].pop("default", None)
    for name, definition in definitions.items():
        definitions[name] = _sharpened(definition)
    price = definitions[_name(reference_of[Price])]
    price["properties"]["item_net_price"].pop("default", None)
    price["anyOf"] = [{"required": [name]} for name in ("item_net_price", "item_price_with_tax")]
    invoice = definitions[_name(reference_of[Invoice])]
    invoice |= _BUYER
    invoice["properties"]["metadata"]["additionalProperties"] = {"type": "string"}
    return {
        "$schema": DIALECT,
        "$id": IDENTIFIER,
        "title": "Invoice",
        **reference_of[Invoice],
        "$defs": dict(sorted(definitions.items())),
    }


def schema_text(blocks: Mapping[str, RegimeBlocks] = _NO_BLOCKS) -> str:
    """The schema as it stands in `schemas/canonical/invoice.schema.json`."""
    return json.dumps(invoice_schema(blocks), indent=2, ensure_ascii=False) + "\n"


def _name(reference: Mapping[str, Any]) -> str:
    return str(reference["$ref"]).rpartition("/")[2]


def _structs_of(blocks: Mapping[str, RegimeBlocks]) -> list[type[msgspec.Struct]]:
    found: dict[type[msgspec.Struct], None] = {}
    for _, regime in sorted(blocks.items()):
        for struct in (regime.document, regime.party, regime.line, regime.allowance):
            if struct is not None:
                found[struct] = None
    return list(found)


def _number_schema(kind: type) -> dict[str, Any]:
    if kind in NUMBERS:
        return dict(_NUMBER)
    raise NotImplementedError(kind)


def _groups(struct: type[msgspec.Struct], seen: set[type]) -> Iterator[type[Group]]:
    """Every group of the model, from the invoice down."""
    if struct in seen or not issubclass(struct, Group):
        return
    seen.add(struct)
    yield struct
    for field in shape_of(struct).values():
        for shape in (field.shape, field.shape.item):
            if shape is not None and shape.struct is not None:
                yield from _groups(shape.struct, seen)


def _regime_data(
    level: str, blocks: Mapping[str, RegimeBlocks], reference_of: Mapping[Any, Any]
) -> dict[str, Any]:
    structs = {code: getattr(regime, level) for code, regime in sorted(blocks.items())}
    return {
        "type": "object",
        "properties": {code: reference_of[struct] for code, struct in structs.items() if struct is not None},
        "additionalProperties": False,
    }


def _sharpened(node: Any) -> Any:
    """The schema node with what msgspec's own schema leaves open: blank texts, bounds of dates, zones."""
    if isinstance(node, list):
        return [_sharpened(item) for item in node]
    if not isinstance(node, dict):
        return node
    sharp = {name: _sharpened(value) for name, value in node.items()}
    if sharp.get("type") != "string" or "enum" in sharp:
        return sharp
    kind = sharp.pop("format", None)
    if kind == "date":
        return sharp | _DATE
    if "pattern" not in sharp and "contentEncoding" not in sharp:
        sharp["pattern"] = r"\S"
    return sharp


if __name__ == "__main__":
    sys.stdout.write(schema_text())
