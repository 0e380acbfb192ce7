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


def home_of(term: str, tree: Any) -> str | None:
    """The JSON Pointer of a term of EN 16931 (`BT-31`; of several the first) in an invoice's JSON tree.

    PINT numbers its terms alike (`IBT-031`). Of a term that stands in a list it is the list, unless that has
    a single entry. None for another term.
    """
    found = _term(term)
    steps = _homes().get(f"{found[1]}-{found[2]}") if found else None
    if steps is None:
        return None
    pointer, node = "", tree
    for step in steps:
        if step == _EVERY:
            if not isinstance(node, list) or len(node) != 1:
                return pointer
            pointer, node = f"{pointer}/0", node[0]
        else:
            pointer, node = f"{pointer}/{step}", node.get(step) if isinstance(node, dict) else None
    return pointer


@cache
def _homes() -> Mapping[str, tuple[str, ...]]:
    """The way to the first place of each term, in the model's order; `*` is any entry of a list."""
    found: dict[str, tuple[str, ...]] = {}
    for term, steps in _places(Invoice, ()):
        found.setdefault(term, steps)
    return MappingProxyType(found)


def _places(struct: type[Struct], above: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, field in shape_of(struct).items():
        yield from _below(field.shape, (*above, name))


def _below(shape: Shape, steps: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    if shape.term:
        yield shape.term, steps
    if shape.kind == "array" and shape.item is not None:
        if shape.item.struct is not None:
            yield from _places(shape.item.struct, (*steps, _EVERY))
    elif shape.struct is not None:
        yield from _places(shape.struct, steps)
