"""Offered mends of sums, tried before they are offered.

What an amount must be by arithmetic is not always what mends its rule: an entry may stand for nothing, two
may share what cannot be divided, a network may add differently. So each is applied and judged anew.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from tallystick.canonical.decode import decode
from tallystick.canonical.fault import Fault
from tallystick.canonical.invoice import Invoice
from tallystick.canonical.regime import RegimeBlocks
from tallystick.canonical.totals import complete

__all__ = ["Judge", "anew", "proven"]

SUMS: Final = ("/document_totals/", "/tax_breakdown/")
MOST_TRIED: Final = 10
MOST_BYTES: Final = 1_000_000  # of all that is tried

Judge = Callable[[bytes], Iterable[Fault]]
"""Every fault of a JSON document."""


def anew(
    blocks: Mapping[str, RegimeBlocks],
    decimals: int | None,
    check: Callable[[Invoice], Iterable[Fault]] | None = None,
) -> Judge:
    """A judge of documents: the model, and a strategy's `check` of the completed invoice if there is one."""

    def judge(body: bytes) -> Iterable[Fault]:
        decoded = decode(body, blocks)
        if decoded.invoice is None:
            return decoded.faults
        completed = complete(decoded.invoice, decimals)
        return (*completed.faults, *(check(completed.invoice) if check is not None else ()))

    return judge


def proven(faults: Sequence[Fault], body: bytes, judge: Judge) -> tuple[Fault, ...]:
    """The faults of the document in `body`; one that would change a sum keeps its `fix` if that helped.

    Ten are tried at most, and fewer of a long document; the others are told without one.
    """
    left = min(MOST_TRIED, MOST_BYTES // max(len(body), 1))
    tree = None
    found = list(faults)
    for place, fault in enumerate(found):
        if not any(str(operation["path"]).startswith(SUMS) for operation in fault.fix):
            continue
        helps = False
        if left > 0:
            left -= 1
            tree = msgspec.json.decode(body) if tree is None else tree
            helps = _helps(fault, tree, judge)
        if not helps:
            found[place] = replace(fault, fix=())
    return tuple(found)


def _helps(fault: Fault, tree: Any, judge: Judge) -> bool:
    changed = tree
    for operation in fault.fix:
        changed = _with(changed, str(operation["path"]).split("/")[1:], operation)
    here = _told(fault)
    return all(_told(other) != here for other in judge(msgspec.json.encode(changed)))


def _told(fault: Fault) -> tuple[str, str]:
    return fault.rule.id if fault.rule else fault.code, fault.computed or fault.pointer


def _with(node: Any, tokens: list[str], operation: Mapping[str, Any]) -> Any:
    """A copy of the node after an operation that fits it; what is not on the way there is shared."""
    first, *rest = tokens
    if isinstance(node, list):
        return _with_entry(node, first, rest, operation)
    if rest:
        return {**node, first: _with(node[first], rest, operation)}
    others = {name: value for name, value in node.items() if name != first}
    return others if operation["op"] == "remove" else {**node, first: operation["value"]}


def _with_entry(node: list[Any], first: str, rest: list[str], operation: Mapping[str, Any]) -> list[Any]:
    place = len(node) if first == "-" else int(first)
    if rest:
        return [*node[:place], _with(node[place], rest, operation), *node[place + 1 :]]
    new = [] if operation["op"] == "remove" else [operation["value"]]
    return [*node[:place], *new, *node[place + (operation["op"] != "add") :]]
