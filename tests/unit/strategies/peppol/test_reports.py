"""Reports of both products that the sandbox does not write: each has one meaning, and none is guessed."""

from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from tallystick.conformance import built, enrolment, judge
from tallystick.conformance.talk import hold
from tallystick.keys import Secret
from tallystick.strategy import Outcome, Verdict
from unit.strategies.peppol.agreement import peppol
from unit.strategies.peppol.mutants import CASES, FIXTURES

UNSENT = {"sendingSuccess": False, "overallSuccess": False}
ERRORS = {"sendingResult": "AS4_ERROR_MESSAGE_RECEIVED"}


def answered(adapter: str, verb: str, *answers: httpx.Response) -> Outcome:
    """The outcome of a conversation in which these answers are heard; `OURS` in them is our instance."""
    strategy: Any = peppol()
    judged = judge(strategy, (CASES / "standard" / "invoice.json").read_bytes(), cases=FIXTURES)
    assert judged.invoice is not None
    enrolled = replace(
        enrolment(strategy, invoice=judged.invoice),
        settings=strategy.settings_type(adapter=adapter),
        secrets={"token": Secret("sesame")},
    )
    document = built(strategy, replace(judged, enrolment=enrolled))
    waiting = iter(answers)

    def next_answer(request: httpx.Request) -> httpx.Response | None:
        answer = next(waiting, None)
        if answer is None:
            return None
        content = answer.content.replace(b"OURS", enrolled.reference.encode())
        headers = {"Retry-After": answer.headers["Retry-After"]} if "Retry-After" in answer.headers else {}
        return httpx.Response(answer.status_code, content=content, headers=headers, request=request)

    held = hold(getattr(strategy, verb)(document, enrolled), next_answer)
    assert isinstance(held.result, Outcome)
    return held.result


def said(status: int, body: Any) -> httpx.Response:
    return httpx.Response(status, json=body)


def report(**more: Any) -> httpx.Response:
    return said(200, {"sbdhInstanceIdentifier": "OURS", **UNSENT, **more})


@pytest.mark.parametrize(
    ("more", "first", "later"),
    [
        ({"lookupError": "no such participant"}, Verdict.RETRY, Verdict.UNKNOWN),
        ({"sendingResult": "INVALID_PARAMETERS"}, Verdict.RETRY, Verdict.UNKNOWN),
        ({"sendingResult": "TRANSPORT_ERROR", "sendingError": "reset"}, Verdict.UNKNOWN, Verdict.UNKNOWN),
        ({"sendingResult": "INVALID_SIGNAL_MESSAGE_RECEIVED"}, Verdict.UNKNOWN, Verdict.UNKNOWN),
        ({}, Verdict.UNKNOWN, Verdict.UNKNOWN),
        ({"overallSuccess": True}, Verdict.UNKNOWN, Verdict.UNKNOWN),
        (ERRORS, Verdict.UNKNOWN, Verdict.UNKNOWN),
        (ERRORS | {"as4ResponseErrors": "many"}, Verdict.UNKNOWN, Verdict.UNKNOWN),
        (
            ERRORS | {"as4ResponseErrors": [{"errorCode": "EBMS:0202", "description": "not delivered"}]},
            Verdict.UNKNOWN,
            Verdict.UNKNOWN,
        ),
        (
            ERRORS | {"as4ResponseErrors": [7, {"errorCode": "EBMS:0004", "description": "bad document"}]},
            Verdict.REJECTED,
            Verdict.REJECTED,
        ),
        (
            ERRORS | {"as4ResponseErrors": [{"errorDetails": "duplicate of OURS"}]},
            Verdict.ACCEPTED,
            Verdict.ACCEPTED,
        ),
        (
            ERRORS | {"as4ResponseErrors": [{"errorDetails": "duplicate of another"}]},
            Verdict.REJECTED,
            Verdict.REJECTED,
        ),
        ({"sbdhParsingException": {"message": "[SBDH-1] no"}}, Verdict.REJECTED, Verdict.REJECTED),
        ({"sbdhParsingException": "no"}, Verdict.REJECTED, Verdict.REJECTED),
    ],
)
def test_a_phase4_report(more: dict[str, Any], first: Verdict, later: Verdict) -> None:
    assert answered("phase4", "submit", report(**more)).verdict is first
    assert answered("phase4", "inquire", report(**more)).verdict is later


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (said(400, {"status": 400, "error": "Bad Request"}), Verdict.HALTED),
        (said(400, {"error": "Bad Request"}), Verdict.UNKNOWN),
        (said(404, {"status": 404}), Verdict.HALTED),
        (said(201, {"sbdhInstanceIdentifier": "OURS", "sendingSuccess": True}), Verdict.UNKNOWN),
    ],
)
def test_a_phase4_status(answer: httpx.Response, verdict: Verdict) -> None:
    assert answered("phase4", "submit", answer).verdict is verdict


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ({"status": "rejected"}, Verdict.REJECTED),
        ({"status": "sending"}, Verdict.PENDING),
        ({"status": "pending", "nextRetryDT": "soon"}, Verdict.PENDING),
        ({"status": "pending", "nextRetryDT": "2026-03-02T12:00:00"}, Verdict.PENDING),
        ({"status": "sent", "mlsStatus": "received_ab"}, Verdict.ACCEPTED),
        ({"status": "permanently_failed", "errorDetails": "duplicate OURS"}, Verdict.ACCEPTED),
        ({"status": "archived"}, Verdict.UNKNOWN),
        ({"status": None}, Verdict.UNKNOWN),
        ({"status": "sent", "sbdhInstanceID": "another"}, Verdict.UNKNOWN),
    ],
)
def test_a_phoss_status(status: dict[str, Any], verdict: Verdict) -> None:
    answer = said(200, {"sbdhInstanceID": "OURS", **status})

    assert answered("phoss-ap", "inquire", answer).verdict is verdict


def test_a_late_refusal_is_a_refusal() -> None:
    outcome = answered(
        "phoss-ap",
        "inquire",
        said(200, {"sbdhInstanceID": "OURS", "status": "sent", "mlsStatus": "received_re"}),
    )

    assert outcome.verdict is Verdict.REJECTED
    assert outcome.faults


def test_the_next_try_is_waited_for() -> None:
    trying = {"sbdhInstanceID": "OURS", "status": "failed", "nextRetryDT": "2026-03-02T12:03:00Z"}
    far = trying | {"nextRetryDT": "2036-03-02T12:03:00Z"}
    past = trying | {"nextRetryDT": "2016-03-02T12:03:00Z"}

    assert answered("phoss-ap", "inquire", said(200, trying)).after == 181
    assert answered("phoss-ap", "inquire", said(200, far)).after == 3600
    assert answered("phoss-ap", "inquire", said(200, past)).after == 1


@pytest.mark.parametrize("content", [b"<html>404</html>", b"{}"])
def test_only_an_empty_404_means_absent(content: bytes) -> None:
    """A proxy's page does not: believing it would send the document twice."""
    answer = httpx.Response(404, content=content)

    assert answered("phoss-ap", "inquire", answer).verdict is Verdict.UNKNOWN
    assert answered("phoss-ap", "inquire", httpx.Response(404)).verdict is Verdict.ABSENT


def test_a_contradiction_is_unknown() -> None:
    answer = said(422, {"sbdhInstanceIdentifier": "OURS", "sendingSuccess": False, "overallSuccess": True})

    assert answered("phoss-ap", "submit", answer).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("status", [400, 422])
def test_a_refusal_that_cannot_be_read_is_not_final(status: int) -> None:
    assert answered("phoss-ap", "submit", httpx.Response(status, text="<html>")).verdict is Verdict.UNKNOWN


def test_an_echoed_token_is_not_passed_on() -> None:
    outcome = answered("phoss-ap", "submit", said(400, "X-Token: sesame is not welcome"))

    assert outcome.verdict is Verdict.REJECTED
    assert "sesame" not in repr(outcome)
