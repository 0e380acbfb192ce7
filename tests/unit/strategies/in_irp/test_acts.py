"""What is asked about a registered document is judged before the portal is asked."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from tallystick.strategy import Enrolment, Issued, Verdict
from unit.strategies.in_irp.talks import irp, judged, module, ready

SESSION = module("session")
PLACE = {"name": "Depot", "line_1": "3 Vatva", "city": "Ahmedabad", "post_code": "382445", "state": "24"}
SLIP = {"transporter_identifier": "29AADCV1123P1Z1"}


def _issued(enrolment: Enrolment, age: timedelta = timedelta(0)) -> Issued:
    document, _ = ready("standard")
    invoice = judged("standard").invoice
    assert invoice is not None
    when = (enrolment.now - age).astimezone(SESSION.INDIA)
    marks = {"irn": document.marks["irn"], "ack_no": "1", "ack_date": f"{when:%Y-%m-%d %H:%M:%S}"}
    return Issued(
        invoice=invoice,
        verdict=Verdict.REGISTERED,
        reference=document.marks["irn"],
        at=enrolment.now,
        marks=marks,
    )


def _faults(act: str, request: dict[str, Any], age: timedelta = timedelta(0)) -> list[tuple[str, str]]:
    strategy: Any = irp()
    _, enrolment = ready("standard")
    asked = msgspec.convert(request, strategy.acts[act])
    faults = strategy.check_act(act, asked, _issued(enrolment, age), enrolment)
    return [(fault.rule.id, fault.pointer) for fault in faults]


@pytest.mark.parametrize(
    "request_",
    [
        SLIP,
        {"mode": "1", "vehicle_number": "KA01AB1234", "vehicle_type": "R"},
        {"mode": "2", "document_number": "LR/1-2", "document_date": "2026-10-06", "distance": 4000},
        {**SLIP, "dispatch": PLACE, "ship_to": PLACE},
    ],
)
def test_a_whole_transport_is_asked_for(request_: dict[str, Any]) -> None:
    assert _faults("eway_bill", request_) == []


@pytest.mark.parametrize(
    ("request_", "number", "pointer"),
    [
        ({}, "4019", "/transporter_identifier"),
        ({"mode": "1", "vehicle_type": "R"}, "4011", "/vehicle_number"),
        ({"mode": "1", "vehicle_number": "KA 01 AB", "vehicle_type": "R"}, "5002", "/vehicle_number"),
        (
            {"mode": "2", "document_number": "A" * 16, "document_date": "2026-10-06"},
            "5002",
            "/document_number",
        ),
        ({**SLIP, "transporter_name": 'V"K'}, "5002", "/transporter_name"),
        ({**SLIP, "dispatch": {**PLACE, "post_code": "38 44"}}, "5002", "/dispatch/post_code"),
        ({**SLIP, "ship_to": {**PLACE, "city": "A"}}, "5002", "/ship_to/city"),
        ({**SLIP, "ship_to": {**PLACE, "line_1": "a\\b"}}, "5002", "/ship_to/line_1"),
    ],
)
def test_what_the_portal_would_refuse_is_named_in_the_request(
    request_: dict[str, Any], number: str, pointer: str
) -> None:
    assert _faults("eway_bill", request_) == [(number, pointer)]


@pytest.mark.parametrize(("hours", "numbers"), [(0, []), (24, []), (24.01, ["2270"]), (50, ["2270"])])
def test_a_cancellation_has_its_day(hours: float, numbers: list[str]) -> None:
    request = {"reason": "order_cancelled", "remark": "Ordered twice"}

    assert [number for number, _ in _faults("cancel", request, timedelta(hours=hours))] == numbers
