"""The three operations of JSON Patch (RFC 6902) that are enough to break a document: add, remove, replace."""

from copy import deepcopy
from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

__all__ = ["Operation", "PatchInvalid", "patched"]


class PatchInvalid(ValueError):
    """An operation that does not fit the document."""


class Operation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One change: `path` is a JSON Pointer (RFC 6901), `-` at its end appends to an array."""

    op: Literal["add", "remove", "replace"]
    path: str
    value: Any | UnsetType = UNSET


def patched(document: Any, operations: list[Operation]) -> Any:
    """A changed copy of the document. Raises PatchInvalid where an operation meets nothing to change."""
    copy = {"": deepcopy(document)}
    for operation in operations:
        *above, last = (_unescaped(token) for token in operation.path.split("/"))
        try:
            _apply(_reached(copy, above), last, operation)
        except (KeyError, IndexError, ValueError, TypeError):
            raise PatchInvalid(f"{operation.op} {operation.path!r} does not fit") from None
    return copy[""]


def _unescaped(token: str) -> str:
    return token.replace("~1", "/").replace("~0", "~")


def _reached(root: Any, tokens: list[str]) -> Any:
    for token in tokens:
        root = root[int(token)] if isinstance(root, list) else root[token]
    return root


def _apply(parent: Any, token: str, operation: Operation) -> None:
    if (operation.op == "remove") != (operation.value is UNSET):
        raise ValueError(operation.op)
    if isinstance(parent, list):
        _apply_to_list(parent, token, operation)
    elif operation.op == "remove":
        del parent[token]
    elif operation.op == "add" or token in parent:
        parent[token] = deepcopy(operation.value)
    else:
        raise KeyError(token)


def _apply_to_list(items: list[Any], token: str, operation: Operation) -> None:
    at = len(items) if token == "-" and operation.op == "add" else int(token)
    if not 0 <= at < len(items) + (operation.op == "add"):
        raise IndexError(token)
    if operation.op == "add":
        items.insert(at, deepcopy(operation.value))
    elif operation.op == "replace":
        items[at] = deepcopy(operation.value)
    else:
        del items[at]
