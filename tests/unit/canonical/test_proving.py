"""No mend of arithmetic is offered that was not tried."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from msgspec import convert

from tallystick.canonical import Fault, anew, complete, decode, encode, proven
from tallystick.canonical.proving import MOST_BYTES, MOST_TRIED
from tallystick.conformance.patch import Operation, patched

CASE = Path(__file__).parents[3] / "fixtures/peppol/standard/invoice.json"


def stated(**sums: str) -> bytes:
    """An invoice that states all its sums, some of them otherwise."""
    invoice = decode(CASE.read_bytes()).invoice
    assert invoice is not None
    document: dict[str, Any] = json.loads(encode(complete(invoice).invoice))
    document["document_totals"] |= sums
    return json.dumps(document).encode()


def faults_of(body: bytes) -> tuple[Fault, ...]:
    invoice = decode(body).invoice
    assert invoice is not None
    return complete(invoice).faults


def test_a_mend_that_helps_is_offered() -> None:
    body = stated(total_amount_with_tax="1.00")

    found = proven(faults_of(body), body, anew({}, None))

    assert [fault.fix for fault in found] == [fault.fix for fault in faults_of(body)]
    assert found[0].fix


def test_a_mend_that_does_not_help_is_not_offered() -> None:
    body = stated(total_amount_with_tax="1.00")
    faults = faults_of(body)

    found = proven(faults, body, lambda changed: faults)

    assert [fault.fix for fault in found] == [() for _ in faults]
    assert [fault.pointer for fault in found] == [fault.pointer for fault in faults]


def test_what_changes_no_sum_is_not_tried() -> None:
    fault = Fault(code="rule/X", pointer="/a", message="m", fix=({"op": "remove", "path": "/a"},))

    def never(changed: bytes) -> Iterable[Fault]:
        raise AssertionError(changed)

    assert proven([fault], b"{}", never) == (fault,)


def test_only_so_many_are_tried_and_fewer_of_a_long_document() -> None:
    fix = ({"op": "replace", "path": "/document_totals/a", "value": "1"},)
    faults = [Fault(code="rule/X", pointer=f"/{n}", message="m", fix=fix) for n in range(30)]
    body = b'{"document_totals":{"a":"2"}}'
    tried: list[bytes] = []

    def judge(changed: bytes) -> Iterable[Fault]:
        tried.append(changed)
        return ()

    short = proven(faults, body, judge)
    long = proven(faults, body + b" " * MOST_BYTES, judge)

    assert [bool(one.fix) for one in short] == [True] * MOST_TRIED + [False] * (30 - MOST_TRIED)
    assert tried == [b'{"document_totals":{"a":"1"}}'] * MOST_TRIED
    assert not any(one.fix for one in long)


@pytest.mark.parametrize(
    ("operations", "after"),
    [
        ([{"op": "remove", "path": "/tax_breakdown/0"}], [{"r": "2"}]),
        ([{"op": "add", "path": "/tax_breakdown/1", "value": {}}], [{"r": "1"}, {}, {"r": "2"}]),
        ([{"op": "add", "path": "/tax_breakdown/-", "value": {}}], [{"r": "1"}, {"r": "2"}, {}]),
        ([{"op": "replace", "path": "/tax_breakdown/1", "value": {}}], [{"r": "1"}, {}]),
        ([{"op": "remove", "path": "/tax_breakdown/0/r"}], [{}, {"r": "2"}]),
        (
            [
                {"op": "add", "path": "/tax_breakdown/0/s", "value": "3"},
                {"op": "replace", "path": "/tax_breakdown/0/r", "value": "4"},
            ],
            [{"r": "4", "s": "3"}, {"r": "2"}],
        ),
    ],
)
def test_it_is_tried_as_the_patch_says(operations: list[dict[str, Any]], after: Any) -> None:
    body = b'{"tax_breakdown":[{"r":"1"},{"r":"2"}]}'
    tried: list[Any] = []
    fault = Fault(code="rule/X", pointer="/a", message="m", fix=tuple(operations))

    def judge(changed: bytes) -> Iterable[Fault]:
        tried.append(json.loads(changed)["tax_breakdown"])
        return ()

    proven([fault], body, judge)

    assert tried == [after]
    assert patched(json.loads(body), convert(operations, list[Operation]))["tax_breakdown"] == after
