"""Where a business term stands in an invoice: for those who only say which term is wrong."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from msgspec import Struct

from tallystick.canonical.invoice import Invoice
from tallystick.canonical.shape import Shape, shape_of

__all__ = ["home_of"]

_term: Final = re.compile(r"\bI?(B[TG])-0*([0-9]{1,3})\b").search
_EVERY: Final = "*"


def home_of(term: str, tree: Any, around: str = "") -> str | None:
    """The JSON Pointer of a term of EN 16931 (`BT-31`; of several the first) in an invoice's JSON tree.

    PINT numbers its terms alike (`IBT-031`). Of a term that stands in a list it is the list, unless that has
    a single entry or `around` says which: a pointer that must lead to the term or to a group around it. None
    for another term, and for one that does not stand there.
    """
    found = _term(term)
    steps = _homes().get(f"{found[1]}-{found[2]}") if found else None
    given = around.split("/")[1:]
    if steps is None or len(given) > len(steps):
        return None
    pointer, node = "", tree
    for place, step in enumerate(steps):
        if place < len(given) and (given[place].isdecimal() if step == _EVERY else given[place] == step):
            name = given[place]
        elif place < len(given):
            return None
        elif step != _EVERY:
            name = step
        elif isinstance(node, list) and len(node) == 1:
            name = "0"
        else:
            return pointer
        pointer, node = f"{pointer}/{name}", _below(node, name)
    return pointer


def _below(node: Any, name: str) -> Any:
    if isinstance(node, dict):
        return node.get(name)
    return node[int(name)] if isinstance(node, list) and int(name) < len(node) else None


@cache
def _homes() -> Mapping[str, tuple[str, ...]]:
    """The way to the first place of each term, in the model's order; `*` is any entry of a list."""
    found: dict[str, tuple[str, ...]] = {}
    for term, steps in _places(Invoice, ()):
        found.setdefault(term, steps)
    return MappingProxyType(found)


def _places(struct: type[Struct], above: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, field in shape_of(struct).items():
        yield from _within(field.shape, (*above, name))


def _within(shape: Shape, steps: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    if shape.term:
        yield shape.term, steps
    if shape.kind == "array" and shape.item is not None:
        if shape.item.struct is not None:
            yield from _places(shape.item.struct, (*steps, _EVERY))
    elif shape.struct is not None:
        yield from _places(shape.struct, steps)
