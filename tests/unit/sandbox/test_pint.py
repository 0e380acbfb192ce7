"""The sandbox on documents of a PINT: what we build it takes, what is wrong it tells by the public number."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from tallystick import sandbox
from tallystick.conformance.cases import cases_of
from tallystick.conformance.judging import built, judge
from tallystick.conformance.talk import hold
from tallystick.keys import Secret
from tallystick.network import marked
from tallystick.sandbox import Running
from tallystick.sandbox.judge import Addressing
from tallystick.sandbox.judge import judge as sandbox_judge
from tallystick.strategies import load
from tallystick.strategy import Document, Enrolment, Outcome, Verdict

TOKEN = "let-me-in"
FIXTURES = Path(__file__).parents[3] / "fixtures"
CASES = [(name, case.name) for name in ("ae_pint", "anz_pint") for case in cases_of(FIXTURES, name)]


def _document(name: str, regime: str = "ae_pint") -> tuple[Any, Document, Any]:
    strategy: Any = load().by_name(regime)
    invoice = (FIXTURES / regime / name / "invoice.json").read_bytes()
    judged = judge(strategy, invoice, cases=FIXTURES)
    return strategy, built(strategy, judged), judged.enrolment


def _addressing(document: Document) -> Addressing:
    names = marked(document.marks)
    assert names is not None
    return Addressing(names.sender, names.receiver, names.document_type, names.process, names.country)


@pytest.mark.parametrize(("regime", "name"), CASES)
def test_what_we_build_is_taken(regime: str, name: str) -> None:
    _, document, _ = _document(name, regime)

    assert sandbox_judge(document.body, _addressing(document)).rules == []


@pytest.mark.parametrize(
    ("there", "here", "rule"),
    [
        (
            b'<cbc:TaxInclusiveAmount currencyID="AED">3',
            b'<cbc:TaxInclusiveAmount currencyID="AED">4',
            "ibr-co-15",
        ),
        (
            b'<cbc:LineExtensionAmount currencyID="AED">3',
            b'<cbc:LineExtensionAmount currencyID="AED">4',
            "ibr-co-10",
        ),
        (b"<cbc:Name>Pump</cbc:Name>", b"", "ibr-025"),
        (b"urn:peppol:bis:billing", b"urn:peppol:bis:selfbilling", "SANDBOX-PROFILE"),
        (b"billing-1@ae-1", b"billing-1@ae-1*", "ibr-sr-63"),
        (b'<cbc:EndpointID schemeID="0235">1007654321</cbc:EndpointID>', b"", "ibr-080"),
    ],
)
def test_what_is_wrong_is_told(there: bytes, here: bytes, rule: str) -> None:
    _, document, _ = _document("standard")
    body = document.body.replace(there, here, 1)

    assert body != document.body
    assert rule in sandbox_judge(body, _addressing(document)).rules


@pytest.mark.parametrize("adapter", ["phoss-ap", "phase4"])
@pytest.mark.parametrize("name", ["standard", "self_billed", "export"])
def test_a_document_is_accepted_over_the_wire(adapter: str, name: str) -> None:
    strategy, document, given = _document(name)
    with sandbox.running(token=TOKEN) as point, httpx.Client(timeout=5) as client:
        enrolled = _enrolled(strategy, given, point, adapter)
        held = hold(strategy.submit(document, enrolled), client.send)

    assert isinstance(held.result, Outcome)
    assert held.result.verdict is Verdict.ACCEPTED


def _enrolled(strategy: Any, given: Enrolment, point: Running, adapter: str) -> Enrolment:
    return replace(
        given,
        endpoint=point.phoss if adapter == "phoss-ap" else point.phase4,
        settings=strategy.settings_type(adapter=adapter),
        secrets={"token": Secret(TOKEN)},
    )
