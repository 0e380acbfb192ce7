"""Mending a refused document at one place, by trial: whatever another document, or the fault, says there."""

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from typing import Any, Final

from msgspec import convert

from pointing.places import at, is_there, pointers_in, template, tokens
from tallystick.canonical import Fault
from tallystick.conformance.patch import Operation, patched

__all__ = ["Donors", "mended_at", "patched_by", "values_for"]

_NOTHING: Final = object()
MOST: Final = 40

Judge = Callable[[Any], bool | None]
"""Whether a document is free of the fault in question; None if it is no invoice any more."""


class Donors:
    """What good documents say at each place, by the place's template."""

    def __init__(self, documents: Sequence[Any]) -> None:
        self._said: dict[str, list[Any]] = {}
        for document in documents:
            for pointer in pointers_in(document):
                values = self._said.setdefault(template(pointer), [])
                value = at(document, pointer)
                if len(values) < MOST and value not in values:
                    values.append(value)

    def at(self, pointer: str) -> Sequence[Any]:
        """The values at such a place."""
        return self._said.get(template(pointer), ())


def patched_by(document: Any, fault: Fault) -> Any:
    """The document with the offered fix applied. Raises PatchInvalid."""
    return patched(document, convert(list(fault.fix), list[Operation]))


def mended_at(document: Any, pointer: str, candidates: Iterator[tuple[str, Any]], judge: Judge) -> str:
    """How the fault goes away if nothing but the place at `pointer` is changed; "" if nothing helps."""
    for how, value in candidates:
        changed = deepcopy(document)
        if _set(changed, pointer, value) and judge(changed):
            return how
    return ""


def values_for(document: Any, fault: Fault, pointer: str, good: Any, donors: Donors) -> Iterator[Any]:
    """What may be put there: what the document said before it was spoiled (`good`), nothing, what the fault
    expects, what other documents say; of a list all entries but one; of what was computed, the value itself.
    """
    if is_there(good, pointer):
        yield "as it was before", deepcopy(at(good, pointer))
    yield "left out", _NOTHING
    if fault.expected and pointer == fault.pointer:
        yield "as expected", fault.expected
        yield "as expected", next(iter(fault.expected.split()), "").rstrip(",")
    for value in donors.at(pointer):
        yield "as in another", deepcopy(value)
    if is_there(document, pointer) and isinstance(entries := at(document, pointer), list):
        yield from (("with fewer", [*entries[:n], *entries[n + 1 :]]) for n in range(len(entries)))
    rest = tokens(fault.computed.removeprefix(pointer)) if fault.computed.startswith(pointer) else []
    if rest and not any(token.isdecimal() for token in rest):
        for value in ("1.00", *donors.at(fault.computed)):
            for token in reversed(rest):
                value = {token: value}
            yield "stated", value


def _set(document: Any, pointer: str, value: Any) -> bool:
    """Change the place; false where that changes nothing."""
    if not pointer:
        return False
    above, _, last = pointer.rpartition("/")
    parent, there = at(document, above), is_there(document, pointer)
    if isinstance(parent, list):
        if not there:
            return False
        parent[int(last) : int(last) + 1] = [] if value is _NOTHING else [value]
        return True
    last = last.replace("~1", "/").replace("~0", "~")
    if value is _NOTHING:
        return parent.pop(last, _NOTHING) is not _NOTHING
    changes = not there or parent[last] != value
    parent[last] = value
    return changes
