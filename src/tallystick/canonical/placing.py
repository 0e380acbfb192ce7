"""Putting faults where their reader can find them: at a member he sent, or at one that is missing from it.

Rules are told of the completed invoice, in which the gateway has computed what the sender left out. What is
wrong with a computed value is wrong with what it was computed from: the fault points at the deepest place the
sender did write, and keeps the way to the computed value beside it.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from tallystick.canonical.amounts import DocumentAllowance, DocumentCharge
from tallystick.canonical.fault import Fault
from tallystick.canonical.invoice import Invoice

__all__ = ["as_sent", "place", "placed"]

_TREE: Final = msgspec.json.Decoder()
_NOTHING: Final = object()
_of_entry: Final = re.compile(r"/tax_breakdown/([0-9]{1,6})/tax_category_(code|rate)", re.ASCII).fullmatch


def placed(faults: Iterable[Fault], body: bytes, completed: Invoice | None = None) -> tuple[Fault, ...]:
    """The faults of the JSON document in `body`, each at a place of it. What is no JSON changes nothing.

    `completed` is the invoice that the document became, for what an entry of it was computed from.
    """
    found = tuple(faults)
    if not any(fault.pointer or fault.fix for fault in found):
        return found
    try:
        tree = _TREE.decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return found
    sources = _Sources(completed)
    return tuple(_place(fault, tree, sources) for fault in found)


def place(fault: Fault, tree: Any) -> Fault:
    """The fault with a pointer to a member of the JSON tree, or to one that a member of the tree lacks.

    Where that is not where the fault pointed, `computed` says where it did. A `fix` that does not fit the
    tree is left out; to replace what is missing is to add it.
    """
    return _place(fault, tree, _Sources(None))


class _Sources:
    """What the category and rate of each entry of a computed tax breakdown were taken from.

    Each group of category and rate is looked up, never searched for: as many faults as there are entries take
    no longer than the invoice.
    """

    def __init__(self, completed: Invoice | None) -> None:
        self._completed = completed
        self._first: dict[tuple[str, Decimal | None], tuple[str, str]] = {}

    def of(self, pointer: str) -> str:
        """The pointer of what a category or rate of an entry was taken from; "" for anything else."""
        found = _of_entry(pointer)
        if found is None or self._completed is None:
            return ""
        entries = self._completed.tax_breakdown
        if int(found[1]) >= len(entries):
            return ""
        if not self._first:
            self._gather(self._completed)
        entry = entries[int(found[1])]
        group = (entry.tax_category_code, entry.tax_category_rate)
        return self._first.get(group, ("", ""))[found[2] == "rate"]

    def _gather(self, completed: Invoice) -> None:
        """The first place that names each category and rate: of lines, then allowances, then charges."""
        for index, line in enumerate(completed.lines):
            at = f"/lines/{index}/tax"
            names = (f"{at}/category_code", f"{at}/rate")
            self._first.setdefault((line.tax.category_code, line.tax.rate), names)
        adjustments: list[tuple[str, DocumentAllowance | DocumentCharge]] = [
            *((f"/allowances/{index}", one) for index, one in enumerate(completed.allowances)),
            *((f"/charges/{index}", one) for index, one in enumerate(completed.charges)),
        ]
        for at, one in adjustments:
            names = (f"{at}/tax_category_code", f"{at}/tax_rate")
            self._first.setdefault((one.tax_category_code, one.tax_rate), names)


def _place(fault: Fault, tree: Any, sources: _Sources) -> Fault:
    """The same. A category or rate of a tax breakdown that was computed is told at its source."""
    pointer, fix = _reachable(fault.pointer, tree), _fitting(fault.fix, tree)
    if pointer != fault.pointer:
        pointer = _reachable(sources.of(fault.pointer), tree) or pointer
    if pointer == fault.pointer and fix == fault.fix:
        return fault
    computed = fault.computed if pointer == fault.pointer else fault.computed or fault.pointer
    return replace(fault, pointer=pointer, computed=computed, fix=fix)


def _reachable(pointer: str, tree: Any) -> str:
    """As much of the pointer as leads through the tree, and at most one name more."""
    tokens = pointer.split("/")
    node = tree
    for depth, token in enumerate(tokens[1:], 1):
        below = _below(node, token)
        if below is _NOTHING:
            return "/".join(tokens[: depth + isinstance(node, dict)])
        node = below
    return pointer


def _below(node: Any, token: str) -> Any:
    """What stands in a node under a token of a pointer; `_NOTHING` if it has nothing there."""
    if isinstance(node, dict):
        return node.get(token.replace("~1", "/").replace("~0", "~"), _NOTHING)
    if isinstance(node, list) and token.isdecimal() and int(token) < len(node):
        return node[int(token)]
    return _NOTHING


def _fitting(fix: tuple[dict[str, Any], ...], tree: Any) -> tuple[dict[str, Any], ...]:
    """The patch as it can be applied to the tree; nothing if it cannot be."""
    fitting: list[dict[str, Any]] = []
    made: set[str] = set()
    for operation in fix:
        path = str(operation["path"])
        parent, _, last = path.rpartition("/")
        holder = {} if parent in made else _at(parent, tree)
        there = path in made or _below(holder, last) is not _NOTHING
        if operation["op"] == "add" and not _may_add(holder, last):
            return ()
        if operation["op"] != "add" and not there:
            if operation["op"] != "replace" or not isinstance(holder, dict):
                return ()
            operation = {**operation, "op": "add"}
        made.add(path)
        fitting.append(operation)
    return tuple(fitting)


def _may_add(holder: Any, last: str) -> bool:
    if isinstance(holder, list):
        return last == "-" or (last.isdecimal() and int(last) <= len(holder))
    return isinstance(holder, dict)


def _at(pointer: str, tree: Any) -> Any:
    node = tree
    for token in pointer.split("/")[1:]:
        node = _below(node, token)
    return node


def as_sent(completed: Any, computed: Iterable[str]) -> Any:
    """What was sent of a completed invoice's JSON tree: without what was computed. The tree is used up."""
    for pointer in reversed([*computed]):
        _removed(completed, pointer.split("/")[1:])
    return completed


def _removed(node: Any, tokens: list[str]) -> None:
    """Take away what the tokens lead to, and whatever is empty then."""
    first, *rest = tokens
    below = _below(node, first)
    if below is _NOTHING:
        return
    if rest:
        _removed(below, rest)
    if not rest or below in ({}, []):
        del node[int(first) if isinstance(node, list) else first]
