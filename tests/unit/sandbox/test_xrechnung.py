"""The sandbox on XRechnung and on CII: what we build it takes, what is wrong it tells by its number."""

from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from tallystick import sandbox
from tallystick.conformance.cases import Case, cases_of
from tallystick.conformance.judging import built, judge_case
from tallystick.conformance.talk import hold
from tallystick.keys import Secret
from tallystick.network import marked
from tallystick.sandbox import Running
from tallystick.sandbox.judge import Addressing, judge
from tallystick.strategies import load
from tallystick.strategy import Document, Enrolment, Outcome, Verdict
from unit.strategies.peppol.mutants import FIXTURES

TOKEN = "let-me-in"
CASES = [case for case in cases_of(FIXTURES, "peppol") if case.name.startswith("xrechnung")]


def ready(case: Case) -> tuple[Any, Document, Enrolment]:
    """A strategy, the case's document and the enrolment it was built under."""
    strategy: Any = load().by_name("peppol")
    judged = judge_case(strategy, case, FIXTURES)
    assert judged.enrolment is not None
    return strategy, built(strategy, judged), judged.enrolment


def addressing(document: Document) -> Addressing:
    names = marked(document.marks)
    assert names is not None
    return Addressing(names.sender, names.receiver, names.document_type, names.process, names.country)


def named(name: str) -> Case:
    return next(case for case in CASES if case.name == name)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_we_build_is_taken(case: Case) -> None:
    _, document, _ = ready(case)

    found = judge(document.body, addressing(document))

    assert found.rules == []
    assert found.number.startswith("XR-2026")


@pytest.mark.parametrize(
    ("name", "there", "here", "rule"),
    [
        ("xrechnung", b"<cbc:BuyerReference>04011000-1234512345-06</cbc:BuyerReference>", b"", "BR-DE-15"),
        ("xrechnung", b"<cbc:Telephone>+49 421 5550 170</cbc:Telephone>", b"", "BR-DE-6"),
        ("xrechnung", b'schemeID="9930"', b'schemeID="9931"', "SANDBOX-SENDER"),
        (
            "xrechnung_in_cii",
            b"<ram:BuyerReference>04011000-1234512345-06</ram:BuyerReference>",
            b"",
            "BR-DE-15",
        ),
        ("xrechnung_in_cii", b"<ram:LineTotalAmount>828.00", b"<ram:LineTotalAmount>829.00", "BR-CO-10"),
        ("xrechnung_in_cii", b"<ram:GrandTotalAmount>9", b"<ram:GrandTotalAmount>8", "BR-CO-15"),
        ("xrechnung_in_cii", b'schemeID="0204"', b'schemeID="0088"', "SANDBOX-RECEIVER"),
        ("xrechnung_in_cii", b"xrechnung_3.0<", b"xrechnung_2.3<", "SANDBOX-DOCTYPE"),
    ],
)
def test_what_is_wrong_is_told_by_its_number(name: str, there: bytes, here: bytes, rule: str) -> None:
    _, document, _ = ready(named(name))
    assert there in document.body

    found = judge(document.body.replace(there, here, 1), addressing(document))

    assert rule in found.rules


@pytest.fixture(scope="module")
def running() -> Any:
    with sandbox.running(token=TOKEN) as one:
        yield one


@pytest.mark.parametrize("adapter", ["phoss-ap", "phase4"])
@pytest.mark.parametrize("name", ["xrechnung", "xrechnung_in_cii", "xrechnung_credit_note_in_cii"])
def test_it_travels_in_either_syntax_through_either_access_point(
    running: Running, adapter: str, name: str
) -> None:
    strategy, document, given = ready(named(name))
    there = replace(
        given,
        endpoint=running.phoss if adapter == "phoss-ap" else running.phase4,
        settings=replace(given.settings, adapter=adapter),
        secrets={"token": Secret(TOKEN)},
        reference=f"{name}-{adapter}".ljust(36, "0"),
    )

    with httpx.Client(timeout=5) as client:
        held = hold(strategy.submit(document, there), client.send)

    assert isinstance(held.result, Outcome)
    assert held.result.verdict is Verdict.ACCEPTED, held.result.detail
