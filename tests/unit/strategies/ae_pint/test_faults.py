"""Every fault can be found and mended: its pointer leads somewhere, and a patch that is offered mends it."""

import json
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
REFUSALS = refusals_of(FIXTURES, "ae_pint")


def _judged(body: bytes) -> Judged:
    return judge(load().by_name("ae_pint"), body, cases=FIXTURES)


@pytest.fixture(scope="module")
def told() -> list[tuple[bytes, Judged]]:
    return [(body, _judged(body)) for _, body in REFUSALS]


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


def test_a_patch_mends_its_rule(told: list[Any]) -> None:
    offered, unmended = 0, []
    for body, judged in told:
        for fault in judged.own:
            if not fault.fix:
                continue
            offered += 1
            operations = [Operation(**one) for one in fault.fix]
            mended = _judged(json.dumps(patched(json.loads(body), operations)).encode())
            left = [(one.code, one.pointer) for one in mended.faults]
            if (fault.code, fault.pointer) in left:
                unmended.append((fault.code, fault.pointer))
    assert unmended == []
    assert offered > 10


def test_sums_show_their_calculation(told: list[Any]) -> None:
    sums = [fault for _, judged in told for fault in judged.own if "-co-1" in fault.code]
    assert len(sums) > 8
    assert all(fault.calculation and fault.expected and fault.actual for fault in sums)


def test_every_rule_of_both_tables_is_listed_with_what_becomes_of_it() -> None:
    shared, own = read("pint"), read("ae_pint")

    assert (len(shared), len(own)) == (170, 132)
    for rule in (*shared.values(), *own.values()):
        assert rule.told == bool(rule.hint), rule.ref.id
        assert rule.told != bool(rule.impossible), rule.ref.id
        assert rule.text_ar, rule.ref.id


def test_two_rules_are_reported_as_not_enforced_upstream() -> None:
    idle = [number for number, rule in read("ae_pint").items() if "not enforced upstream" in rule.impossible]
    assert idle == ["ibr-011-ae", "ibr-013-ae"]
