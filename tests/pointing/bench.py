"""A strategy before the court: its good cases, its refusals, seeded mutants, and what is told of each."""

import json
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from agreeing.european import EuropeanMutants
from pointing.mends import Donors
from tallystick.conformance import Judged, judge, number_of
from tallystick.conformance.cases import cases_of, refusals_of
from tallystick.conformance.rules import rules_of
from tallystick.conformance.trial import Example, changed, example_of
from tallystick.strategy import Strategy

__all__ = ["FIXTURES", "Bench", "Refused"]

FIXTURES: Final = Path(__file__).parents[2] / "fixtures"
LONG: Final = frozenset({"thousand_lines", "hundred_lines"})


class Refused(Struct, frozen=True, kw_only=True):
    """An invoice that was spoiled: of which rule, what it was before (None: a mutant), and for whom."""

    breaks: str = ""
    body: bytes
    good: Any = None
    example: Example


class Bench:
    """One strategy with everything its fixtures say."""

    def __init__(self, strategy: Strategy) -> None:
        self.strategy = strategy
        self.example = example_of(strategy.name, FIXTURES)
        self.cases = [one for one in cases_of(FIXTURES, strategy.name) if one.name not in LONG]

    @cached_property
    def good(self) -> dict[str, Any]:
        """The cases that are accepted, by name."""
        return {one.name: json.loads(one.invoice) for one in self.cases if not one.refused}

    @cached_property
    def donors(self) -> Donors:
        """What they say at each place."""
        return Donors(list(self.good.values()))

    @cached_property
    def native(self) -> frozenset[str]:
        """The numbers of the rules that are checked here."""
        return frozenset(rule.id for rule in rules_of(self.strategy.name, FIXTURES).values() if rule.checked)

    def refusals(self) -> Iterator[Refused]:
        """Every refusal of the fixtures."""
        for refusal, body in refusals_of(FIXTURES, self.strategy.name):
            path = FIXTURES / self.strategy.name / refusal.case / "invoice.json"
            good, given = json.loads(path.read_bytes()), changed(self.example, refusal.enrolment)
            yield Refused(breaks=refusal.breaks, body=body, good=good, example=given)

    def heap(self, seed: int, mutants: int) -> Iterator[Refused]:
        """Refusals, cases (good ones have warnings), and mutants with two things changed."""
        yield from self.refusals()
        for case in self.cases:
            yield Refused(body=case.invoice, example=changed(self.example, case.enrolment))
        for _, body in EuropeanMutants(seed, self.good).take(mutants, 2):
            yield Refused(body=body, example=self.example)

    def judged(self, body: bytes, example: Example) -> Judged:
        """What is told of this document."""
        return judge(self.strategy, body, cases=FIXTURES, example=example)

    def told(self, body: bytes, example: Example) -> set[tuple[str, str]]:
        """Number and full pointer of each fault; of a document that is no invoice, nothing is left out."""
        faults = self.judged(body, example).faults
        return {(number_of(fault), fault.computed or fault.pointer) for fault in faults}
