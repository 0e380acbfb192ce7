"""The places that the publishers' own judges name, led back to the invoice and laid beside our own."""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from agreeing.comparing import Family
from pointing.bench import Bench, Refused
from tallystick.canonical import Fault, RuleRef, encode
from tallystick.conformance import number_of
from tallystick.flows.regimes import Explorer
from tallystick.flows.tracing import located
from tallystick.rules.listing import Table
from tallystick.strategies import Registry
from tallystick.strategy import Trace, Traces

__all__ = ["Comparison"]


class Comparison:
    """How near the places of the official findings are to those our own faults point at.

    `seen` is where whoever calls puts the official findings of each document; `lost` are places that lead
    nowhere, `near` counts the others: `same`, `around` (one leads through the other), `group` (the same
    member of the invoice), `elsewhere`; `apart` says of which rules the last are.
    """

    def __init__(self, family: Family, bench: Bench, registry: Registry, seen: list[Any]) -> None:
        self._family, self._bench, self._seen = family, bench, seen
        self._table: Table = Explorer(registry).table(bench.strategy.name)
        self.lost: list[str] = []
        self.near: Counter[str] = Counter()
        self.apart: Counter[str] = Counter()

    def over(self, heap: Iterable[Refused]) -> "Comparison":
        """Compare on all of these."""
        for one in heap:
            self._one(one)
        return self

    def _one(self, one: Refused) -> None:
        judged, strategy = self._bench.judged(one.body, one.example), self._bench.strategy
        if judged.invoice is None or judged.enrolment is None or not isinstance(strategy, Traces):
            return
        document = strategy.build(judged.invoice, judged.enrolment).body
        self._seen.clear()
        self._family.judged(document)
        trace, whole = strategy.trace(document, judged.invoice), json.loads(encode(judged.invoice))
        ours: dict[str, set[str]] = {}
        for fault in judged.faults:
            ours.setdefault(number_of(fault), set()).add(fault.computed or fault.pointer)
        for finding in self._seen:
            if trace.pointer(finding.location) is None:
                self.lost.append(f"{finding.rule} at {finding.location}")
            elif finding.rule in ours:
                theirs = self._led_home(finding, trace, whole)
                how = min((nearness(theirs, mine) for mine in ours[finding.rule]), key=ORDER.index)
                self.near[how] += 1
                self.apart[finding.rule] += how == "elsewhere"

    def _led_home(self, finding: Any, trace: Trace, whole: Any) -> str:
        fault = Fault(
            code="authority/rejected",
            pointer="",
            message=finding.rule,
            rule=RuleRef("authority", finding.rule),
            wire_location=finding.location,
        )
        told = located([fault], trace, self._table, whole)[0]
        return told.computed or told.pointer


ORDER = ("same", "around", "group", "elsewhere")


def nearness(one: str, other: str) -> str:
    """How near two pointers are."""
    if one == other:
        return "same"
    if (one and other.startswith(f"{one}/")) or (other and one.startswith(f"{other}/")):
        return "around"
    return "group" if one.split("/")[1:2] == other.split("/")[1:2] else "elsewhere"
