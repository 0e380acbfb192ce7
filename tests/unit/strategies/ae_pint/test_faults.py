"""Every fault can be found and mended: its pointer leads somewhere, and a patch that is offered mends it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tallystick.canonical import encode
from tallystick.conformance.cases import refusals_of
from tallystick.conformance.judging import Judged, judge
from tallystick.conformance.patch import Operation, patched
from tallystick.rules.table import read
from tallystick.strategies import load

FIXTURES = Path(__file__).parents[4] / "fixtures"


@pytest.fixture(scope="module", params=["ae_pint", "anz_pint"])
def strategy(request: pytest.FixtureRequest) -> Any:
    return load().by_name(request.param)


@pytest.fixture(scope="module")
def told(strategy: Any) -> list[tuple[bytes, Judged]]:
    return [(body, judge(strategy, body, cases=FIXTURES)) for _, body in refusals_of(FIXTURES, strategy.name)]


def test_every_pointer_leads_to_a_member_or_to_where_one_is_missing(told: list[Any]) -> None:
    astray = [
        (fault.code, fault.pointer)
        for body, judged in told
        for fault in judged.own
        if not any(_leads(one, fault.pointer.split("/")[1:]) for one in _said(body, judged))
    ]
    assert astray == []


def _said(body: bytes, judged: Judged) -> list[Any]:
    """The invoice as it was sent, and with what was computed."""
    assert judged.invoice is not None
    return [json.loads(body), json.loads(encode(judged.invoice))]


def _leads(document: Any, path: list[str]) -> bool:
    """Whether every member but the last ones, which an object may yet get, is there."""
    for place, name in enumerate(path):
        if isinstance(document, list):
            if not name.isdigit() or int(name) >= len(document):
                return False
            document = document[int(name)]
        elif name in document:
            document = document[name]
        else:
            return not any(rest.isdigit() for rest in path[place:])
    return True


def test_a_patch_mends_its_rule(strategy: Any, told: list[Any]) -> None:
    offered, unmended = 0, []
    for body, judged in told:
        for fault in judged.own:
            if not fault.fix:
                continue
            offered += 1
            operations = [Operation(**one) for one in fault.fix]
            mended = judge(
                strategy, json.dumps(patched(json.loads(body), operations)).encode(), cases=FIXTURES
            )
            left = [(one.code, one.pointer) for one in mended.faults]
            if (fault.code, fault.pointer) in left:
                unmended.append((fault.code, fault.pointer))
    assert unmended == []
    assert offered > 40


FOLLOWS = re.compile(
    r"ibr-co-1\d|ibr-(102|131|146|147)-ae|aligned-ibrp-(004|053|054|055|051-aunz|[a-z]+-08.*|s-09.*)"
).fullmatch


def test_what_follows_from_other_amounts_shows_its_calculation(told: list[Any]) -> None:
    sums = [fault for _, judged in told for fault in judged.own if fault.rule and FOLLOWS(fault.rule.id)]
    assert len(sums) > 30
    for fault in sums:
        assert fault.actual and fault.expected, fault
        assert [step.result for step in fault.calculation] == [fault.expected], fault


def test_every_rule_of_the_tables_is_listed_with_what_becomes_of_it() -> None:
    shared, emirates, antipodes = read("pint"), read("ae_pint"), read("anz_pint")

    assert (len(shared), len(emirates), len(antipodes)) == (170, 132, 74 + 3)
    for rule in (*shared.values(), *emirates.values(), *antipodes.values()):
        assert rule.told == bool(rule.hint), rule.ref.id
        assert rule.told != bool(rule.impossible), rule.ref.id
        assert rule.text_ar, rule.ref.id


def test_two_rules_are_reported_as_not_enforced_upstream() -> None:
    idle = [number for number, rule in read("ae_pint").items() if "not enforced upstream" in rule.impossible]
    assert idle == ["ibr-011-ae", "ibr-013-ae"]
