"""Purity: same invoice, same bytes; no clock, no chance, no environment, no socket; nothing is changed."""

from pathlib import Path

import pytest
from httpx import Request, Response

from tallystick.canonical import canonical_bytes
from tallystick.conformance.again import digest
from tallystick.conformance.cases import Case
from tallystick.conformance.judging import built, judge_case
from tallystick.conformance.purity import watched
from tallystick.conformance.talk import hold
from tallystick.conformance.trial import public_half
from tallystick.strategy import Strategy

pytestmark = pytest.mark.usefixtures("no_socket")


def test_the_same_invoice_gives_the_same_document(strategy: Strategy, case: Case, cases: Path) -> None:
    assert digest(strategy, case, cases) == digest(strategy, case, cases)


def test_other_processes_give_the_same_document(
    strategy: Strategy, case: Case, cases: Path, twins: list[dict[str, str]]
) -> None:
    here = digest(strategy, case, cases)

    assert [twin[f"{strategy.name}/{case.name}"] for twin in twins] == [here, here]


def test_the_invoice_is_left_as_it_was(strategy: Strategy, case: Case, cases: Path) -> None:
    judged = judge_case(strategy, case, cases)
    if judged.invoice is None or judged.enrolment is None:
        return
    before = canonical_bytes(judged.invoice), repr(judged.enrolment)

    list(strategy.check(judged.invoice, public_half(judged.enrolment)))
    if judged.good:
        built(strategy, judged)

    assert (canonical_bytes(judged.invoice), repr(judged.enrolment)) == before


def test_it_looks_at_nothing_but_its_arguments(strategy: Strategy, case: Case, cases: Path) -> None:
    judged = judge_case(strategy, case, cases)
    if judged.invoice is None or judged.enrolment is None:
        return
    document = built(strategy, judged) if judged.good else None

    with watched() as seen:
        list(strategy.check(judged.invoice, public_half(judged.enrolment)))
        if document is not None:
            built(strategy, judged)

    assert seen == []


@pytest.mark.parametrize("verb", ["submit", "inquire"])
def test_it_asks_without_looking_around(strategy: Strategy, accepted: Case, cases: Path, verb: str) -> None:
    judged = judge_case(strategy, accepted, cases)
    document, trial = built(strategy, judged), judged.enrolment

    def busy(request: Request) -> Response:
        return Response(503, text="busy", request=request)

    hold(getattr(strategy, verb)(document, trial), busy)
    with watched() as seen:
        hold(getattr(strategy, verb)(document, trial), busy)

    assert seen == []
