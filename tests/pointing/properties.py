"""What must hold of every fault, whichever strategy tells it. Each property answers with what breaks it."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from pointing.bench import Bench, Refused
from pointing.mends import mended_at, patched_by, values_for
from pointing.places import is_in_the_model, is_told_well, template
from tallystick.canonical import Fault, RegimeBlocks
from tallystick.conformance import number_of
from tallystick.conformance.patch import PatchInvalid

__all__ = ["ELSEWHERE", "UNMENDABLE", "astray", "failing_fixes", "unmended"]

ELSEWHERE: Final[Mapping[str, str]] = {
    # sums that the gateway computes: they are mended where the amounts, or the currency, are sent
    "2220": "/allowances",
    "in/round-off": "/allowances",
    "BR-DEC-15": "/tax_currency_code",
    # what the lines say against one another: the breakdown that was computed from them cannot be mended alone
    "BR-B-01": "/lines",
    "BR-B-02": "/lines",
    "ibr-122-ae": "/lines/0/tax",
    "aligned-ibrp-e-01-aunz": "/lines",
    "aligned-ibrp-g-01-aunz": "/lines",
    "aligned-ibrp-o-01-aunz": "/lines",
    "aligned-ibrp-z-01-aunz": "/lines",
    # a flag that asks for more than one other member: it is taken away
    "ibr-116-ae": "/regime_data",
    "BR-KSA-72": "/regime_data",
}
"""Rules whose fault points at what is wrong, and is mended elsewhere: there, as their hint or text says."""

UNMENDABLE: Final[Mapping[str, str]] = {
    "sa/certificate-unreadable": "nothing in the invoice is wrong: the registration is mended",
    "sa/certificate-expired": "nothing in the invoice is wrong: the registration is mended",
    "sa/certificate-for-compliance": "nothing in the invoice is wrong: the registration is mended",
}
"""Rules that no change of an invoice mends."""


def astray(bench: Bench, heap: Iterable[Refused], blocks: Mapping[str, RegimeBlocks]) -> Iterator[str]:
    """Faults that do not point into what was sent, or whose full pointer no invoice can have."""
    for one in heap:
        sent = json.loads(one.body)
        for fault in bench.judged(one.body, one.example).faults:
            told = f"{number_of(fault)} at {fault.pointer} ({fault.computed})"
            if not is_told_well(sent, fault.pointer):
                yield f"{told}: not in what was sent"
            if fault.computed and is_told_well(sent, fault.computed):
                yield f"{told}: could be told at the place itself"
            known = not fault.code.startswith(("invoice/unknown", "invoice/regime", "request/"))
            if known and not is_in_the_model(fault.computed or fault.pointer, blocks):
                yield f"{told}: no such place"


def failing_fixes(bench: Bench, heap: Iterable[Refused], tried: list[str]) -> Iterator[str]:
    """Offered patches that do not apply, or after which the rule is still broken there. `tried`: of which."""
    for one in heap:
        sent = json.loads(one.body)
        for fault in bench.judged(one.body, one.example).faults:
            if not fault.fix:
                continue
            tried.append(number_of(fault))
            try:
                mended = json.dumps(patched_by(sent, fault)).encode()
            except PatchInvalid as error:
                yield f"{number_of(fault)} at {fault.pointer}: {error}"
                continue
            if (number_of(fault), fault.computed or fault.pointer) in bench.told(mended, one.example):
                yield f"{number_of(fault)} at {fault.pointer}: {fault.fix} does not help"


def unmended(bench: Bench, excused: set[str]) -> dict[str, str]:
    """The rules of which no refusal can be mended where its fault points (or around it), with an example.

    Those of ELSEWHERE may be mended at the place said there; `excused` takes those that had to be.
    """
    left = dict.fromkeys(sorted(bench.native - UNMENDABLE.keys()), "no refusal breaks it")
    for one in bench.refusals():
        for fault in bench.judged(one.body, one.example).faults:
            number = number_of(fault)
            if number not in left:
                continue
            place = mended_place(bench, one, fault)
            if place:
                del left[number]
                excused |= {number} if place == ELSEWHERE.get(number) else set()
            else:
                left[number] = f"{template(fault.pointer)} ({template(fault.computed)}): {fault.hint}"
    return left


def mended_place(bench: Bench, one: Refused, fault: Fault) -> str:
    """Where a change makes a fault go away: at its pointer, at what holds it, or elsewhere; "" if nowhere."""
    sent, number = json.loads(one.body), number_of(fault)
    before = bench.judged(one.body, one.example).faults
    count = sum(number_of(other) == number for other in before)
    here = fault.computed or fault.pointer

    def passes(document: Any) -> bool:
        judged = bench.judged(json.dumps(document).encode(), one.example)
        same = [other for other in judged.faults if number_of(other) == number]
        gone = all((other.computed or other.pointer) != here for other in same)
        return judged.invoice is not None and gone and len(same) < count

    elsewhere = ELSEWHERE.get(number)
    for place in filter(None, (fault.pointer, fault.pointer.rpartition("/")[0], elsewhere)):
        values = values_for(sent, fault, place, one.good, bench.donors)
        how = mended_at(sent, place, values, passes) if is_told_well(sent, place) else ""
        if not how and one.example.now is not None and place == fault.pointer:
            today = one.example.now.date().isoformat()
            how = mended_at(sent, place, iter([("today", today)]), passes)
        if how:
            return place
    return ""
