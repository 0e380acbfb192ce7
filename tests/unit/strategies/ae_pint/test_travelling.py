"""How a document is named on the network, whom it is for, and what phase4 makes of it."""

from pathlib import Path
from typing import Any

import pytest
from httpx import Response
from msgspec.structs import replace

from tallystick.conformance.cases import cases_of
from tallystick.conformance.judging import built, judge
from tallystick.strategies import load
from tallystick.strategy import Enrolment, Outcome, Verdict

FIXTURES = Path(__file__).parents[4] / "fixtures"


def _ready(name: str, **settings: Any) -> tuple[Any, Any, Enrolment]:
    strategy: Any = load().by_name("ae_pint")
    case = next(case for case in cases_of(FIXTURES, "ae_pint") if case.name == name)
    judged = judge(strategy, case.invoice, cases=FIXTURES)
    assert judged.enrolment is not None
    enrolled = replace(judged.enrolment, settings=strategy.settings_type(**settings))
    return strategy, built(strategy, judged), enrolled


def _answered(conversation: Any, *answers: Response) -> tuple[list[Any], Outcome]:
    requests = [next(conversation)]
    for answer in answers[:-1]:
        requests += [conversation.send(answer)]
    try:
        conversation.send(answers[-1])
    except StopIteration as end:
        return requests, end.value
    raise AssertionError("the conversation wants more answers")


@pytest.mark.parametrize(
    ("case", "receiver", "delivery"),
    [
        ("standard", "0235:1007654321", "receiver"),
        ("export", "0235:9900000099", "reported only"),
        ("deemed_supply", "0235:9900000097", "reported only"),
        ("buyer_not_subject", "0235:9900000098", "reported only"),
        ("self_billed", "0235:1001234567", "receiver"),
        ("buyer_abroad", "0088:7300010000001", "receiver"),
    ],
)
def test_who_receives_it_follows_from_the_invoice(case: str, receiver: str, delivery: str) -> None:
    _, document, _ = _ready(case)

    assert document.marks["receiver"] == receiver
    assert document.marks["delivery"] == delivery


def test_a_document_type_of_pint_is_of_the_wildcard_scheme() -> None:
    strategy, document, enrolled = _ready("standard")

    request = next(strategy.submit(document, enrolled))

    assert "peppol-doctype-wildcard%3A%3Aurn%3Aoasis" in str(request.url)
    assert "%23%23urn%3Apeppol%3Apint%3Abilling-1%40ae-1%3A%3A2.1" in str(request.url)


def test_phase4_gets_the_whole_envelope_under_our_instance() -> None:
    strategy, document, enrolled = _ready("credit_note", adapter="phase4")
    report = {
        "sbdhInstanceIdentifier": enrolled.reference,
        "as4MessageId": "m-1@test",
        "sendingSuccess": True,
        "overallSuccess": True,
    }

    requests, outcome = _answered(strategy.submit(document, enrolled), Response(200, json=report))

    body = requests[0].content
    assert str(requests[0].url).endswith("/sendsbdh")
    assert enrolled.reference.encode() in body
    assert b"<Identifier>peppol-doctype-wildcard</Identifier>" in body
    assert outcome == Outcome(verdict=Verdict.ACCEPTED, reference="m-1@test")


def test_an_inquiry_at_phase4_is_the_same_envelope_again() -> None:
    strategy, document, enrolled = _ready("standard", adapter="phase4")

    first = next(strategy.submit(document, enrolled))
    second = next(strategy.inquire(document, enrolled))

    assert first.content == second.content


def test_a_document_without_a_receiver_does_not_travel() -> None:
    strategy, document, enrolled = _ready("standard")

    _, outcome = _answered_at_once(strategy.submit(replace(document, marks={}), enrolled))

    assert outcome.verdict is Verdict.REJECTED


def _answered_at_once(conversation: Any) -> tuple[None, Outcome]:
    try:
        next(conversation)
    except StopIteration as end:
        return None, end.value
    raise AssertionError("something was sent")


def test_the_buyer_issues_what_he_bills_himself() -> None:
    strategy: Any = load().by_name("ae_pint")
    for name, issuer in (("self_billed", "100765432100003"), ("standard", None)):
        case = next(case for case in cases_of(FIXTURES, "ae_pint") if case.name == name)
        invoice = judge(strategy, case.invoice, cases=FIXTURES).invoice
        assert strategy.issuer(invoice) == issuer
