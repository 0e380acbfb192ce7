"""Rules: every number has an entry with a source, and every entry a case that breaks it."""

from pathlib import Path

import pytest

from tallystick.canonical import Fault
from tallystick.conformance.cases import Refusal, cases_of, refusals_of
from tallystick.conformance.judging import Judged, judge, judge_case, number_of
from tallystick.conformance.rules import incomplete, rules_of
from tallystick.conformance.trial import changed, example_of
from tallystick.strategy import Strategy

pytestmark = pytest.mark.usefixtures("no_socket")


def _all_judged(strategy: Strategy, cases: Path) -> list[Judged]:
    good = [judge_case(strategy, case, cases) for case in cases_of(cases, strategy.name)]
    return good + [judged for _, judged in _refused(strategy, cases)]


def _refused(strategy: Strategy, cases: Path) -> list[tuple[Refusal, Judged]]:
    example = example_of(strategy.name, cases)
    return [
        (refusal, judge(strategy, body, cases=cases, example=changed(example, refusal.enrolment)))
        for refusal, body in refusals_of(cases, strategy.name)
    ]


def test_every_rule_is_written_down_whole(strategy: Strategy, cases: Path) -> None:
    lacking = {rule.id: incomplete(rule) for rule in rules_of(strategy.name, cases).values()}

    assert {number: what for number, what in lacking.items() if what} == {}


def test_every_fault_has_its_rule(strategy: Strategy, cases: Path) -> None:
    rules = rules_of(strategy.name, cases)
    own = {
        (number_of(fault), fault.severity) for judged in _all_judged(strategy, cases) for fault in judged.own
    }

    unknown = sorted(number for number, _ in own if number not in rules)
    otherwise = sorted(
        n for n, level in own if n in rules and level not in (rules[n].severity, *rules[n].levels)
    )

    assert unknown == [], f"faults of {strategy.name} that stand in no rule table"
    assert otherwise == [], "the table gives these another severity"


def test_every_rule_is_broken_by_a_case(strategy: Strategy, cases: Path) -> None:
    broken = {number_of(fault) for judged in _all_judged(strategy, cases) for fault in judged.faults}
    rules = rules_of(strategy.name, cases).values()

    untried = [rule.id for rule in rules if rule.native and not rule.impossible and rule.id not in broken]
    possible = [rule.id for rule in rules if rule.impossible and rule.id in broken]

    assert untried == [], f"no case or refusal of {strategy.name} breaks these rules"
    assert possible == [], "these are called impossible and yet a case breaks them"


def test_every_refusal_breaks_its_rule(strategy: Strategy, cases: Path) -> None:
    missed = []
    for refusal, judged in _refused(strategy, cases):
        if refusal.breaks not in {number_of(fault) for fault in judged.faults}:
            missed.append(f"{refusal.breaks} by {refusal.case}: {sorted(map(number_of, judged.faults))}")

    assert missed == []


def test_a_fault_points_somewhere_and_says_something(strategy: Strategy, cases: Path) -> None:
    def vague(fault: Fault) -> bool:
        return not fault.code or not fault.message.strip() or not fault.pointer.startswith(("/", ""))

    assert [fault for judged in _all_judged(strategy, cases) for fault in judged.own if vague(fault)] == []
