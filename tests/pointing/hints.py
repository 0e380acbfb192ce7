"""What a hint tells the sender to change, and whether changing that helps."""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, Final

from msgspec import Struct

from pointing.bench import Bench, Refused
from pointing.mends import mended_at, values_for
from pointing.places import at, is_in_the_model, is_told_well, pointers_in
from tallystick.canonical import Fault, Invoice, RegimeBlocks
from tallystick.canonical.shape import Shape, shape_of
from tallystick.conformance import number_of

__all__ = ["TOGETHER", "members_of_the_model", "named_in", "unhelpful"]

TOGETHER: Final[Mapping[str, str]] = {
    "aligned-ibrp-cl-02": "tax_point_date stands instead of the code, which goes",
    "BR-KSA-09": "the street is missing; building number and district, which are wanted too, stand elsewhere",
    "BR-KSA-F-C-01": "the number moves from the name to sellers_identifier",
}
"""Rules whose hint names what is to be changed beside the pointer: that alone does not help."""

_URN: Final = re.compile(r"\burn:\S+")
_MEMBER: Final = re.compile(r"\b[a-z]+(?:_[a-z0-9]+)+\b")
_WORD: Final = re.compile(r"\b[a-z_]+\b")
_ANYTHING: Final = (True, "Words in plain text", "2026-01-01")


def named_in(hint: str) -> list[str]:
    """The members that a hint spells as the model does; plain words are no names."""
    return _MEMBER.findall(_URN.sub("", hint))


def members_of_the_model(blocks: Mapping[str, RegimeBlocks]) -> frozenset[str]:
    """Every name that an invoice or a regime's block knows."""
    found: set[str] = set()
    waiting: list[type[Struct]] = [Invoice]
    for one in blocks.values():
        waiting += [kind for kind in (one.document, one.party, one.line, one.allowance) if kind is not None]
    seen: set[type[Struct]] = set()
    while waiting:
        struct = waiting.pop()
        if struct in seen:
            continue
        seen.add(struct)
        for name, field in shape_of(struct).items():
            found.add(name)
            inner = _innermost(field.shape).struct
            waiting += [inner] if inner is not None else []
    return frozenset(found)


def _innermost(shape: Shape) -> Shape:
    while shape.item is not None:
        shape = shape.item
    return shape


def unhelpful(bench: Bench, blocks: Mapping[str, RegimeBlocks]) -> dict[str, str]:
    """The rules whose hint names members of which none, changed alone, makes the fault of any refusal go."""
    members = members_of_the_model(blocks)
    found: dict[str, str] = {}
    helped: set[str] = set()
    for one in bench.refusals():
        for fault in bench.judged(one.body, one.example).faults:
            number = number_of(fault)
            if number in helped or number not in bench.native:
                continue
            names = [name for name in named_in(fault.hint) if name in members]
            if not names or _helps(bench, one, fault, names, blocks):
                helped.add(number)
                found.pop(number, None)
            else:
                found[number] = f"{fault.pointer}: {fault.hint}"
    return found


def _helps(
    bench: Bench, one: Refused, fault: Fault, names: list[str], blocks: Mapping[str, RegimeBlocks]
) -> bool:
    sent, here = json.loads(one.body), (number_of(fault), fault.computed or fault.pointer)

    def passes(document: Any) -> bool:
        judged = bench.judged(json.dumps(document).encode(), one.example)
        told = {(number_of(other), other.computed or other.pointer) for other in judged.faults}
        return judged.invoice is not None and here not in told

    for place in dict.fromkeys(_places(sent, one.good, fault, names, blocks)):
        anything = (("anything", value) for value in _ANYTHING)
        values = chain(values_for(sent, fault, place, one.good, bench.donors), anything)
        if mended_at(sent, place, values, passes):
            return True
    return False


def _places(
    sent: Any, good: Any, fault: Fault, names: list[str], blocks: Mapping[str, RegimeBlocks]
) -> Iterator[str]:
    """Where the named members are, were, or could be; the fault's own place, if that is named at all."""
    if {fault.pointer.rpartition("/")[2], fault.computed.rpartition("/")[2]} & set(_WORD.findall(fault.hint)):
        yield fault.pointer
    objects = [one for one in pointers_in(sent) if isinstance(at(sent, one), dict)]
    for name in names:
        if f"/{name}/" in fault.pointer:
            yield fault.pointer
        yield from (one for one in pointers_in(sent) if one.endswith(f"/{name}"))
        yield from (one for one in pointers_in(good) if one.endswith(f"/{name}") and is_told_well(sent, one))
        yield from (f"{one}/{name}" for one in objects if is_in_the_model(f"{one}/{name}", blocks))
