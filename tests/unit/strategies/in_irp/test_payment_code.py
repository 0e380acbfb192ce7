"""Sales to consumers: no portal is asked; the code to pay by says what the law wants."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from msgspec.structs import replace

from tallystick.canonical import decode
from tallystick.conformance import built, judge
from tallystick.conformance.talk import replay
from tallystick.strategy import Document, Outcome, Verdict
from unit.strategies.in_irp.talks import FIXTURES, HOME, irp, ready


def _built(case: str, *, payee: bool = True, **changes: Any) -> Document:
    content = {**json.loads((HOME / case / "invoice.json").read_bytes()), **changes}
    judged = judge(irp(), json.dumps(content).encode(), cases=FIXTURES)
    assert judged.enrolment is not None, judged.faults
    if not payee:
        trial = replace(judged.enrolment, settings=replace(judged.enrolment.settings, payee=None))
        judged = replace(judged, enrolment=trial)
    return built(irp(), judged)


def test_the_code_says_who_is_paid_what_for_which_invoice() -> None:
    code = urlsplit(_built("consumer").marks["qr"])
    said = {name: values[0] for name, values in parse_qs(code.query).items()}

    assert (code.scheme, code.netloc) == ("upi", "pay")
    assert said == {
        "pa": "tungabhadra@upi",
        "pn": "Tungabhadra Instruments",
        "tr": "TB/26-27/5001",
        "tn": "Invoice TB/26-27/5001",
        "am": "11564.00",
        "cu": "INR",
        "gstIn": "29AABCT4821K1Z4",
        "invoiceNo": "TB/26-27/5001",
        "invoiceDate": "2026-10-05",
        "account": "50200031447712",
        "ifsc": "HDFC0000240",
        "gstBrkUp": "CGST:882.00|SGST:882.00|IGST:0.00|CESS:0.00",
    }


def test_the_code_says_all_that_comes_on_top() -> None:
    code = urlsplit(_built("every_cess", transaction_type="b2c").marks["qr"])

    assert parse_qs(code.query)["gstBrkUp"] == ["CGST:0.00|SGST:0.00|IGST:1796.19|CESS:1711.40"]


@pytest.mark.parametrize(
    ("components", "rule"),
    [
        ([{"code": "CGST", "amount": "882.00"}, {"code": "SGST", "amount": "881.00"}], "2227"),
        ([{"code": "IGST", "amount": "1764.00"}], "2172"),
        ([{"code": "VAT", "rate": "5", "additional": True}], "in/component"),
    ],
)
def test_the_taxes_of_a_sale_to_a_consumer_are_checked(components: list[dict[str, Any]], rule: str) -> None:
    content = json.loads((HOME / "consumer" / "invoice.json").read_bytes())
    content["lines"][0]["tax"]["components"] = components

    judged = judge(irp(), json.dumps(content).encode(), cases=FIXTURES)

    assert rule in {fault.rule.id if fault.rule else fault.code for fault in judged.own}


@pytest.mark.parametrize("case", ["consumer", "consumer_unnamed", "wholly_exempt"])
@pytest.mark.parametrize("verb", ["submit", "inquire"])
def test_no_portal_is_asked(case: str, verb: str) -> None:
    document, trial = ready(case)
    held = replay(getattr(irp(), verb)(document, trial), [])

    assert held.requests == ()
    assert isinstance(held.result, Outcome)
    assert held.result.verdict is Verdict.NOT_REQUIRED
    assert held.result.marks.get("qr") == document.marks.get("qr")


def test_what_is_kept_is_the_invoice_without_the_callers_notes() -> None:
    document = _built("consumer", metadata={"till": "7"})
    kept = decode(document.body).invoice

    assert kept is not None
    assert kept.invoice_number == "TB/26-27/5001"
    assert b"till" not in document.body
    assert "irn" not in document.marks


def test_a_seller_that_has_named_no_account_gets_no_code() -> None:
    assert "qr" not in _built("consumer", payee=False).marks


def test_nobody_pays_by_a_credit_note() -> None:
    assert "qr" not in _built("consumer", type_code="381").marks


def test_a_sale_to_a_business_has_no_payment_code() -> None:
    assert "qr" not in _built("standard").marks
