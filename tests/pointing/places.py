"""JSON Pointers, read apart from the product: what they lead to, and whether the model knows such a place."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tallystick.canonical import Invoice, RegimeBlocks
from tallystick.canonical.shape import Shape, shape_of

__all__ = ["is_in_the_model", "is_there", "is_told_well", "pointers_in", "template"]

LEVELS = {
    "seller": "party",
    "buyer": "party",
    "payee": "party",
    "seller_tax_representative": "party",
    "lines": "line",
    "allowances": "allowance",
    "charges": "allowance",
}


def tokens(pointer: str) -> list[str]:
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def template(pointer: str) -> str:
    """The pointer without its places in lists."""
    return re.sub(r"/[0-9]+(?=/|$)", "/*", pointer)


def at(tree: Any, pointer: str) -> Any:
    """What the pointer leads to. Raises LookupError."""
    for token in tokens(pointer):
        if isinstance(tree, list) and re.fullmatch("0|[1-9][0-9]*", token):
            tree = tree[int(token)]
        elif isinstance(tree, dict):
            tree = tree[token]
        else:
            raise LookupError(pointer)
    return tree


def is_there(tree: Any, pointer: str) -> bool:
    """Whether the pointer leads to a member."""
    try:
        at(tree, pointer)
    except LookupError:
        return False
    return True


def is_told_well(tree: Any, pointer: str) -> bool:
    """Whether the pointer leads to a member of the tree, or to one that an object of the tree lacks."""
    if pointer == "" or is_there(tree, pointer):
        return True
    parent = pointer.rpartition("/")[0]
    return is_there(tree, parent) and isinstance(at(tree, parent), dict)


def pointers_in(tree: Any, pointer: str = "") -> Iterator[str]:
    """The pointer of every member, the whole document's first."""
    yield pointer
    if isinstance(tree, dict):
        for name, value in tree.items():
            yield from pointers_in(value, f"{pointer}/{name}")
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield from pointers_in(value, f"{pointer}/{index}")


def is_in_the_model(pointer: str, blocks: Mapping[str, RegimeBlocks]) -> bool:
    """Whether an invoice can have a member there."""
    shape = Shape(kind="struct", annotation=Invoice, struct=Invoice)
    above = ""
    steps = iter(tokens(pointer))
    for token in steps:
        if shape.struct is not None:
            field = shape_of(shape.struct).get(token)
            if field is None:
                return False
            above, shape = (token if token in LEVELS else above), field.shape
        elif shape.kind == "array" and shape.item is not None:
            if not token.isdecimal():
                return False
            shape = shape.item
        elif shape.kind == "regime":
            block = getattr(blocks.get(token), LEVELS.get(above, "document"), None)
            if block is None:
                return False
            shape = Shape(kind="struct", annotation=block, struct=block)
        else:
            return shape.kind in ("map", "other")
    return True
