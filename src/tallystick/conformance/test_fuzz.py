"""Fuzz: whatever is asked, the answer is faults or a valid document, and never another exception."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from tallystick.conformance.cases import Case
from tallystick.conformance.invoices import broken, lacking, sound
from tallystick.conformance.judging import built, judge, judge_case
from tallystick.conformance.plugin import FUZZ
from tallystick.conformance.wire import problems
from tallystick.formats import Unreadable
from tallystick.strategy import Reads, Strategy

pytestmark = pytest.mark.usefixtures("no_socket")


def _wanted(fuzz: int | None) -> settings:
    """The examples asked for, at random; else the same few every time, so that the gate does not waver."""
    return settings(
        max_examples=fuzz or FUZZ,
        derandomize=fuzz is None,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


def _judge_and_build(strategy: Strategy, body: bytes, cases: Path) -> bool:
    """Whether a document came out; if so it is valid."""
    judged = judge(strategy, body, cases=cases)
    if judged.invoice is None or not judged.good:
        assert judged.faults
        return False
    assert list(problems(strategy, judged.invoice, built(strategy, judged))) == []
    return True


def test_an_invoice_that_lacks_something_is_refused_or_built(
    strategy: Strategy, richest: Case, cases: Path
) -> None:
    documents = [_judge_and_build(strategy, body, cases) for body in lacking(richest.invoice)]

    assert any(documents)
    assert not all(documents)


def test_a_changed_invoice_is_refused_or_built(
    strategy: Strategy, richest: Case, cases: Path, fuzz: int | None
) -> None:
    @_wanted(fuzz)
    @given(broken(richest.invoice))
    def whatever_comes(body: bytes) -> None:
        _judge_and_build(strategy, body, cases)

    whatever_comes()


def test_a_sound_invoice_is_built(strategy: Strategy, richest: Case, cases: Path, fuzz: int | None) -> None:
    documents = []

    @_wanted(fuzz)
    @given(sound(richest.invoice))
    def whatever_comes(body: bytes) -> None:
        documents.append(_judge_and_build(strategy, body, cases))

    whatever_comes()

    assert any(documents), "not one of these invoices was accepted"


def test_a_damaged_document_is_read_or_refused(strategy: Strategy, richest: Case, cases: Path) -> None:
    if not isinstance(strategy, Reads):
        return
    body = built(strategy, judge_case(strategy, richest, cases)).body
    damaged = [body[:at] for at in range(0, len(body), max(1, len(body) // 40))]
    damaged += [body[:at] + b"\x00" + body[at + 1 :] for at in range(0, len(body), max(1, len(body) // 40))]
    damaged += [
        body + body,
        b"\xef\xbb\xbf" + body,
        body.replace(b"<", b"&lt;"),
        b"{}",
        b"<a/>",
        b"\xff\xfe<\x00",
    ]

    for other in damaged:
        strategy.recognises(other)
        try:
            strategy.read(other)
        except Unreadable:
            continue
