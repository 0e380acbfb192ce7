"""The places of an invoice as a list: what the canonical model has, and what a regime brings along."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct

from tallystick import schemas
from tallystick.canonical.numbers import NUMBER_PATTERN
from tallystick.canonical.regime import RegimeBlocks
from tallystick.canonical.schema import invoice_schema
from tallystick.flows.regimes.views import FieldView

__all__ = ["fields_of", "wire_of"]

DEEPEST: Final = 12
PLACE: Final = re.compile(r"/[0-9]+(?=/|$)")  # one place of a list
Schema = Mapping[str, Any]


class _WireField(Struct, frozen=True):
    path: str = ""
    at: str = ""


class _WireTable(Struct, frozen=True):
    field: list[_WireField] = []


def fields_of(
    code: str | None, blocks: RegimeBlocks | None, wire: Mapping[str, Sequence[str]]
) -> list[FieldView]:
    """Every place, groups before what stands in them. `wire` gives the authority's names by pointer."""
    schema = invoice_schema({code: blocks} if code is not None and blocks is not None else {})
    definitions: Mapping[str, Schema] = schema["$defs"]
    whole, _ = _plain(schema, definitions)
    return list(_below(whole, "", definitions, wire))


def wire_of(strategy: str) -> dict[str, list[str]]:
    """Names of the authority's own format by pointer, from the field tables in the strategy's schemas folder.

    A table that is none of fields says nothing.
    """
    found: dict[str, list[str]] = {}
    for name in schemas.names(strategy, ".toml"):
        try:
            table = msgspec.toml.decode(schemas.path(name).read_bytes(), type=_WireTable)
        except msgspec.DecodeError:
            continue
        for field in table.field:
            if field.path and field.at:
                found.setdefault(PLACE.sub("/{}", field.at), []).append(field.path)
    return found


def _below(
    group: Schema, pointer: str, definitions: Mapping[str, Schema], wire: Mapping[str, Sequence[str]]
) -> Iterator[FieldView]:
    required = group.get("required", ())
    for name, node in group.get("properties", {}).items():
        place = f"{pointer}/{name}"
        inner, listed = _plain(node, definitions)
        properties = inner.get("properties", {})
        if name == "regime_data" and not properties:
            continue
        yield FieldView(
            pointer=place,
            type=f"list of {_kind(inner)}" if listed else _kind(inner),
            required=name in required,
            term=node.get("x-bt") or node.get("x-bg") or "",
            description=node.get("description") or inner.get("description", ""),
            values=[str(value) for value in inner.get("enum", ())],
            regime="/regime_data/" in place,
            wire=list(wire.get(place, ())),
        )
        if properties and place.count("/") < DEEPEST:
            yield from _below(inner, f"{place}/{{}}" if listed else place, definitions, wire)


def _plain(node: Schema, definitions: Mapping[str, Schema]) -> tuple[Schema, bool]:
    """What the node holds, references followed and null left out; and whether it is a list of that."""
    listed = False
    while True:
        if "$ref" in node:
            node = definitions[str(node["$ref"]).rpartition("/")[2]]
        elif "anyOf" in node and "properties" not in node:
            node = next(one for one in node["anyOf"] if one.get("type") != "null")
        elif node.get("type") == "array":
            node, listed = node.get("items", {}), True
        else:
            return node, listed


def _kind(node: Schema) -> str:
    if node.get("pattern") == f"^{NUMBER_PATTERN}$":
        return "number in a string"
    if "enum" in node:
        return "one of values"
    if "format" in node:
        return str(node["format"])
    kind = node.get("type", "value")
    return {"object": "group", "string": "text"}.get(str(kind), str(kind))
