"""What a struct's fields may hold, read once from its annotations.

`shape_of(struct)` is the same knowledge the fast decoder has, laid open so that every fault of a document
can be found and told with its place, its term and what was expected there.
"""

import types
from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from msgspec import NODEFAULT, Meta, Raw, Struct
from msgspec.structs import FieldInfo, fields

from tallystick.canonical.numbers import NUMBERS

Kind = Literal[
    "struct", "array", "map", "regime", "number", "date", "time", "text", "flag", "choice", "other"
]


class Shape(Struct, frozen=True, kw_only=True):
    """What one place of a document may hold.

    `annotation` is kept for what only msgspec can judge; `struct` and `number` are the class of a
    place of that kind; `item` is the shape of an array's items or a map's values, `key` that of a map's keys;
    `term` is the EN 16931 id, empty if there is none.
    """

    kind: Kind
    annotation: Any
    optional: bool = False
    term: str = ""
    struct: type[Struct] | None = None
    number: type[Decimal] | None = None
    item: "Shape | None" = None
    key: "Shape | None" = None
    least: int = 0
    choices: tuple[str, ...] = ()
    pattern: str = ""


class FieldShape(Struct, frozen=True):
    """A field under the name it has in JSON."""

    name: str
    shape: Shape
    required: bool


@cache
def shape_of(struct: type[Struct]) -> Mapping[str, FieldShape]:
    """The fields of a struct by JSON name, in the struct's order."""
    return {info.encode_name: _field(info) for info in fields(struct)}


def _field(info: FieldInfo) -> FieldShape:
    required = info.default is NODEFAULT and info.default_factory is NODEFAULT
    return FieldShape(info.encode_name, _shape(info.type), required)


def _shape(annotation: Any, term: str = "") -> Shape:
    bare, metas = _unwrapped(annotation)
    term = _term(metas) or term
    members = get_args(bare) if get_origin(bare) in (Union, types.UnionType) else (bare,)
    present = [member for member in members if member is not type(None)]
    if len(present) != 1:
        return Shape(kind="other", annotation=annotation, optional=len(present) < len(members), term=term)
    inner, inner_metas = _unwrapped(present[0])
    metas = (*metas, *inner_metas)
    details = _details(inner, metas, term)
    return Shape(annotation=annotation, optional=len(members) > 1, term=term, **details)


def _unwrapped(annotation: Any) -> tuple[Any, tuple[Meta, ...]]:
    """The annotation without `Annotated`, and the marks it carried."""
    metas: tuple[Meta, ...] = ()
    while get_origin(annotation) is Annotated:
        annotation, *marks = get_args(annotation)
        metas = (*metas, *(mark for mark in marks if isinstance(mark, Meta)))
    return annotation, metas


def _term(metas: tuple[Meta, ...]) -> str:
    for meta in metas:
        extra = meta.extra_json_schema or {}
        if term := extra.get("x-bt") or extra.get("x-bg"):
            return str(term)
    return ""


_LEAVES: Final[dict[Any, Kind]] = {date: "date", time: "time", str: "text", bool: "flag"}


def _details(bare: Any, metas: tuple[Meta, ...], term: str) -> dict[str, Any]:
    """The part of a shape that depends on its kind."""
    if bare in NUMBERS:
        return {"kind": "number", "number": bare}
    if bare in _LEAVES:
        return {"kind": _LEAVES[bare], "pattern": next((m.pattern for m in metas if m.pattern), "")}
    if isinstance(bare, type) and issubclass(bare, Struct):
        return {"kind": "struct", "struct": bare}
    return _composite(bare, metas, term)


def _composite(bare: Any, metas: tuple[Meta, ...], term: str) -> dict[str, Any]:
    origin, args = get_origin(bare), get_args(bare)
    if origin is Literal and all(isinstance(choice, str) for choice in args):
        return {"kind": "choice", "choices": args}
    if origin is list or (origin is tuple and args[1:] == (Ellipsis,)):
        least = max((meta.min_length or 0 for meta in metas), default=0)
        return {"kind": "array", "item": _shape(args[0], term), "least": least}
    if origin is dict and args[1] is Raw:
        return {"kind": "regime"}
    if origin is dict and _unwrapped(args[0])[0] is str:
        return {"kind": "map", "key": _shape(args[0]), "item": _shape(args[1])}
    return {"kind": "other"}
