"""Pointing: a fault leads into what was sent, and a patch it offers mends what it was offered for."""

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tallystick.canonical import Fault, place
from tallystick.conformance.cases import cases_of, refusals_of
from tallystick.conformance.judging import Judged, judge, number_of
from tallystick.conformance.patch import Operation, PatchInvalid, patched
from tallystick.conformance.trial import Example, changed, example_of
from tallystick.strategy import Strategy

pytestmark = pytest.mark.usefixtures("no_socket")


def _heap(strategy: Strategy, cases: Path) -> Iterator[tuple[bytes, Example]]:
    example = example_of(strategy.name, cases)
    for case in cases_of(cases, strategy.name):
        if len(case.invoice) < 100_000:
            yield case.invoice, changed(example, case.enrolment)
    for refusal, body in refusals_of(cases, strategy.name):
        yield body, changed(example, refusal.enrolment)


def _told(judged: Judged) -> set[tuple[str, str]]:
    return {(number_of(fault), fault.computed or fault.pointer) for fault in judged.faults}


def test_every_fault_points_into_what_was_sent(strategy: Strategy, cases: Path) -> None:
    astray = [
        f"{number_of(fault)} at {fault.pointer}"
        for body, example in _heap(strategy, cases)
        for fault in judge(strategy, body, cases=cases, example=example).faults
        if place(fault, json.loads(body)).pointer != fault.pointer
    ]

    assert astray == []


def test_every_patch_that_is_offered_mends(strategy: Strategy, cases: Path) -> None:
    useless = [
        f"{number_of(fault)} at {fault.pointer}: {fault.fix}"
        for body, example in _heap(strategy, cases)
        for fault in judge(strategy, body, cases=cases, example=example).faults
        if fault.fix and not _mends(strategy, cases, body, example, fault)
    ]

    assert useless == []


def _mends(strategy: Strategy, cases: Path, body: bytes, example: Example, fault: Fault) -> bool:
    try:
        mended = patched(json.loads(body), msgspec.convert(list(fault.fix), list[Operation]))
    except PatchInvalid:
        return False
    judged = judge(strategy, json.dumps(mended).encode(), cases=cases, example=example)
    return (number_of(fault), fault.computed or fault.pointer) not in _told(judged)
