"""Misbehaviour on demand: each fault seen from the other end of a real TCP connection."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from tallystick.sandbox.faults import FaultBook, read_fault


def verdicts(sender: Any, instance_id: str) -> list[tuple[str, str, bool]]:
    """What the journal says about an id."""
    found = sender.events(instance_id=instance_id)
    return [(event["event"], event["verdict"], event["answered"]) for event in found]


def test_process_then_drop_keeps_the_document_and_resets_the_connection(
    sender: Any, instance_id: str
) -> None:
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        sender.submit(instance_id=instance_id, fault="process_then_drop")
    assert verdicts(sender, instance_id) == [("processed", "accepted", False)]
    assert sender.status(instance_id).json()["status"] == "sent"


def test_drop_resets_the_connection_and_keeps_nothing(sender: Any, instance_id: str) -> None:
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        sender.submit(instance_id=instance_id, fault="drop")
    assert verdicts(sender, instance_id) == [("fault", "not_processed", False)]
    assert sender.status(instance_id).status_code == 404


@pytest.mark.parametrize("status", ["429", "500", "502", "503"])
def test_a_status_is_answered_and_nothing_processed(sender: Any, instance_id: str, status: str) -> None:
    answer = sender.submit(instance_id=instance_id, fault=f"{status}:7")
    assert answer.status_code == int(status)
    assert answer.headers.get("retry-after") == ("7" if status in ("429", "503") else None)
    assert verdicts(sender, instance_id) == [("fault", "not_processed", False)]


def test_after_processes_before_it_fails(sender: Any, instance_id: str) -> None:
    assert sender.submit(instance_id=instance_id, fault="after:503").status_code == 503
    assert verdicts(sender, instance_id) == [("processed", "accepted", False)]


def test_a_standing_order_holds_three_times_and_then_not(sender: Any, instance_id: str) -> None:
    assert sender.order("503", 3).status_code == 201
    assert [sender.submit(instance_id=instance_id).status_code for _ in range(4)] == [503, 503, 503, 200]
    assert sender.admin("GET", "faults").json()["fired"] == {"503": 3}


def test_stall_processes_at_once_and_answers_late(sender: Any, instance_id: str) -> None:
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(
            f"{sender.sandbox.phoss}/api/outbound/submit/{sender.path()}",
            params={"sbdhInstanceID": instance_id},
            content=sender.submit.__defaults__[0].encode(),
            headers={"X-Sandbox-Fault": "stall:5"},
            timeout=0.5,
        )
    assert verdicts(sender, instance_id) == [("processed", "accepted", True)]


def test_before_stall_waits_and_then_processes(sender: Any, instance_id: str) -> None:
    started = time.monotonic()
    assert sender.submit(instance_id=instance_id, fault="before:stall:0.3").status_code == 200
    assert time.monotonic() - started >= 0.3
    assert verdicts(sender, instance_id) == [("processed", "accepted", True)]


def test_garbage_is_a_200_that_is_no_json(sender: Any, instance_id: str) -> None:
    answer = sender.submit(instance_id=instance_id, fault="garbage")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    with pytest.raises(ValueError):
        answer.json()
    assert verdicts(sender, instance_id) == [("processed", "accepted", False)]


def test_html_is_a_proxy_page(sender: Any) -> None:
    answer = sender.submit(fault="html")
    assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html")
    assert sender.submit(fault="html:200").status_code == 200


def test_empty_is_a_200_without_a_body(sender: Any) -> None:
    answer = sender.submit(fault="empty")
    assert (answer.status_code, answer.content) == (200, b"")


def test_truncated_promises_more_than_it_sends(sender: Any, instance_id: str) -> None:
    with pytest.raises(httpx.RemoteProtocolError, match=r"incomplete|without sending complete"):
        sender.submit(instance_id=instance_id, fault="truncated")
    assert verdicts(sender, instance_id) == [("processed", "accepted", False)]


def test_pending_ends_sent_after_its_polls(sender: Any, instance_id: str) -> None:
    answer = sender.submit(instance_id=instance_id, fault="pending:2")
    assert answer.status_code == 422
    assert "lookupError" in answer.json() and answer.json()["sendingSuccess"] is False
    seen = [sender.status(instance_id).json()["status"] for _ in range(4)]
    assert seen == ["pending", "pending", "sent", "sent"]
    assert verdicts(sender, instance_id)[-1] == ("status", "accepted", True)


def test_failed_shows_its_next_retry_and_ends_sent(sender: Any, instance_id: str) -> None:
    sender.submit(instance_id=instance_id, fault="failed:1")
    first, second = (sender.status(instance_id).json() for _ in range(2))
    assert first["status"] == "failed" and first["nextRetryDT"] > first["createdDT"] and first["errorDetails"]
    assert second["status"] == "sent" and second["nextRetryDT"] is None and second["completedDT"]


def test_give_up_ends_permanently_failed(sender: Any, instance_id: str) -> None:
    sender.submit(instance_id=instance_id, fault="give_up:1")
    assert [sender.status(instance_id).json()["status"] for _ in range(2)] == ["failed", "permanently_failed"]
    assert verdicts(sender, instance_id)[-1] == ("status", "refused", True)


def test_late_reject_is_sent_first_and_refused_by_message_level_status(sender: Any, instance_id: str) -> None:
    assert sender.submit(instance_id=instance_id, fault="late_reject").json()["overallSuccess"] is True
    seen = [sender.status(instance_id).json() for _ in range(2)]
    assert [(one["status"], one["mlsStatus"]) for one in seen] == [
        ("sent", "pending"),
        ("sent", "received_re"),
    ]
    assert verdicts(sender, instance_id)[-1] == ("status", "refused", True)


def test_reject_names_the_rule_it_was_told(sender: Any, instance_id: str) -> None:
    answer = sender.submit(instance_id=instance_id, fault="reject:BR-CO-15")
    assert answer.json()["as4ResponseErrors"][0]["errorDetails"] == "[BR-CO-15] refused as told"
    assert verdicts(sender, instance_id) == [("processed", "refused", True)]


def test_duplicate_on_the_first_send_is_processed_and_called_delivered(sender: Any, instance_id: str) -> None:
    answer = sender.submit(instance_id=instance_id, fault="duplicate")
    assert answer.status_code == 422
    assert f"duplicate SBDH instance '{instance_id}'" in answer.json()["as4ResponseErrors"][0]["errorDetails"]
    assert verdicts(sender, instance_id) == [("processed", "accepted", True)]


def test_unreported_was_sent_although_it_says_no(sender: Any, instance_id: str) -> None:
    answer = sender.submit(instance_id=instance_id, fault="unreported")
    assert answer.status_code == 422
    assert (answer.json()["sendingSuccess"], answer.json()["overallSuccess"]) == (True, False)
    assert sender.status(instance_id).json()["status"] == "sent"


@pytest.mark.parametrize("fault", ["process_then_drop", "drop", "truncated"])
def test_the_other_dialect_breaks_the_same_way(
    sender: Any, document: str, enveloped: Any, instance_id: str, fault: str
) -> None:
    with pytest.raises(httpx.TransportError):
        sender.sendsbdh(enveloped(document, instance_id), fault)
    assert sender.sendsbdh(enveloped(document, instance_id)).json()["overallSuccess"] is True
    assert sender.events(instance_id=instance_id)[-1]["event"] == (
        "processed" if fault == "drop" else "duplicate"
    )


@pytest.mark.parametrize("fault", ["pending", "late_reject", "give_up"])
def test_phase4_knows_no_later(
    sender: Any, document: str, enveloped: Any, instance_id: str, fault: str
) -> None:
    assert sender.sendsbdh(enveloped(document, instance_id), fault).json()["overallSuccess"] is True


def test_the_status_call_can_fail_too(sender: Any, instance_id: str) -> None:
    sender.submit(instance_id=instance_id)
    sender.order("500", 1, operation="status")
    sender.order("drop", 1, operation="status", instance_id=instance_id)
    sender.order("garbage", 1, operation="status")
    assert sender.status(instance_id).status_code == 500
    with pytest.raises(httpx.TransportError):
        sender.status(instance_id)
    with pytest.raises(ValueError):
        sender.status(instance_id).json()
    assert sender.status(instance_id).json()["status"] == "sent"


@pytest.mark.parametrize(
    ("match", "hit"),
    [
        ({"number": "TILES-*"}, True),
        ({"receiver": "9930:*", "dialect": "phoss-ap"}, True),
        ({"sender": "0088:7300010000001"}, True),
        ({"dialect": "phase4"}, False),
        ({"number": "OTHER-*"}, False),
    ],
)
def test_an_order_meets_only_what_it_matches(sender: Any, match: dict[str, str], hit: bool) -> None:
    sender.order("500", None, **match)
    assert sender.submit().status_code == (500 if hit else 200)


def test_every_third_request_meets_the_fault(sender: Any) -> None:
    sender.admin("POST", "faults", {"fault": "500", "every": 3})
    assert [sender.submit().status_code for _ in range(6)] == [200, 200, 500, 200, 200, 500]


def test_orders_can_be_struck(sender: Any) -> None:
    first = sender.order("500").json()["id"]
    sender.order("503")
    assert sender.admin("DELETE", f"faults/{first}").status_code == 204
    assert sender.admin("DELETE", f"faults/{first}").status_code == 404
    assert sender.submit().status_code == 503
    assert sender.admin("DELETE", "faults").status_code == 204
    assert sender.submit().status_code == 200


@pytest.mark.parametrize(
    "order",
    [
        {"fault": "explode"},
        {"fault": "stall"},
        {"fault": "503", "times": 0},
        {"fault": "503", "match": {"colour": "red"}},
        {"fault": "503", "extra": 1},
    ],
)
def test_a_senseless_order_is_refused(sender: Any, order: dict[str, Any]) -> None:
    assert sender.admin("POST", "faults", order).status_code == 400
    assert sender.admin("GET", "faults").json()["faults"] == []


def test_the_number_of_an_invoice_can_ask_for_a_fault(sender: Any, document: str, instance_id: str) -> None:
    text = document.replace("TILES-1", "TILES-1-X-503-x2")
    assert [sender.submit(text, instance_id).status_code for _ in range(3)] == [503, 503, 200]
    dropped = document.replace("TILES-1", "TILES-2-X-process_then_drop")
    with pytest.raises(httpx.TransportError):
        sender.submit(dropped, "dropped-once")
    assert sender.submit(dropped, "dropped-once").status_code == 200
    refused = document.replace("TILES-1", "TILES-3-X-reject-BR-CO-15")
    for _ in range(2):
        assert sender.submit(refused, "always").headers["x-sandbox-rules"] == "BR-CO-15"


def test_a_participant_can_ask_for_a_fault(sender: Any, document: str) -> None:
    text = document.replace(">DE123456788</cbc:EndpointID>", ">DE1-X-500</cbc:EndpointID>")
    statuses = [sender.submit(text, receiver="9930:DE1-X-500").status_code for _ in range(2)]
    assert statuses == [500, 200]


def test_a_fault_header_that_names_nothing_is_a_400(sender: Any, instance_id: str) -> None:
    assert sender.submit(instance_id=instance_id, fault="nonsense").status_code == 400
    assert verdicts(sender, instance_id) == []


def test_many_documents_in_parallel_are_each_processed_once(sender: Any) -> None:
    from concurrent.futures import ThreadPoolExecutor

    sender.admin("POST", "faults", {"fault": "process_then_drop", "every": 4})

    def send(number: int) -> bool:
        try:
            return bool(sender.submit(instance_id=f"doc-{number}").status_code == 200)
        except httpx.TransportError:
            return False

    with ThreadPoolExecutor(8) as pool:
        answered = list(pool.map(send, range(120)))
    events = sender.events(event="processed")
    assert sorted(event["instance_id"] for event in events) == sorted(f"doc-{n}" for n in range(120))
    assert answered.count(False) == 30 == sum(not event["answered"] for event in events)


@pytest.mark.parametrize(
    ("text", "kind", "argument", "processes"),
    [
        ("drop", "drop", "", False),
        ("process_then_drop", "drop", "", True),
        ("429:30", "429", "30", False),
        ("after:429:30", "429", "30", True),
        ("stall:2.5", "stall", "2.5", True),
        ("before:stall:2.5", "stall", "2.5", False),
        ("reject:BR-CO-15", "reject", "BR-CO-15", True),
        ("late_reject", "late_reject", "", True),
    ],
)
def test_a_fault_is_read(text: str, kind: str, argument: str, processes: bool) -> None:
    fault = read_fault(text)
    assert (fault.kind, fault.argument, fault.processes) == (kind, argument, processes)


@pytest.mark.parametrize("number", ["INV-503", "BOX-503", "2026-X", "X-", "A-X-unknown", "INVX-503"])
def test_an_ordinary_number_asks_for_nothing(number: str) -> None:
    facts = {"operation": "submit", "number": number, "sender": "0088:1", "receiver": "0088:2"}
    assert FaultBook().pick(facts) is None
