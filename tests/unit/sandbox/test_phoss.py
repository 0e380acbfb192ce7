"""The phoss-ap dialect over real HTTP: paths, headers, answers, statuses, memory."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from tallystick.sandbox import Running, running

REPORT = {
    "currentDateTimeUTC", "senderId", "receiverId", "docTypeId", "processId", "countryC1",
    "sbdhInstanceIdentifier", "as4MessageId", "as4ResponseError", "sendingResult",
    "sendingSuccess", "overallSuccess",
}  # fmt: skip
TRANSACTION = {
    "id", "transactionType", "senderID", "receiverID", "docTypeID", "processID", "sbdhInstanceID", "status",
    "attemptCount", "createdDT", "completedDT", "reportingStatus", "nextRetryDT", "errorDetails", "mlsStatus",
    "custom1", "custom2", "custom3",
}  # fmt: skip


def test_a_valid_document_is_sent_and_its_status_known(sender: Any, instance_id: str) -> None:
    answer = sender.submit(instance_id=instance_id)
    assert answer.status_code == 200
    report = answer.json()
    assert set(report) >= REPORT
    assert report["overallSuccess"] is report["sendingSuccess"] is True
    assert report["sbdhInstanceIdentifier"] == instance_id
    assert report["senderId"] == "iso6523-actorid-upis::0088:7300010000001"
    found = sender.status(instance_id)
    assert found.status_code == 200
    assert set(found.json()) == TRANSACTION
    assert (found.json()["status"], found.json()["mlsStatus"]) == ("sent", "received_ap")
    assert found.json()["completedDT"] == sender.status(instance_id).json()["completedDT"]


def test_a_bad_document_is_refused_with_its_rules_and_can_be_inquired(
    sender: Any, document: str, instance_id: str
) -> None:
    bad = document.replace(">229.90</cbc:PayableAmount>", ">1.00</cbc:PayableAmount>")
    answer = sender.submit(bad, instance_id)
    assert answer.status_code == 422
    report = answer.json()
    assert report["overallSuccess"] is False
    assert report["sendingResult"] == "AS4_ERROR_MESSAGE_RECEIVED"
    assert report["as4ResponseErrors"][0]["errorDetails"].startswith("[BR-CO-16] ")
    assert answer.headers["x-sandbox-rules"] == "BR-CO-16"
    found = sender.status(instance_id).json()
    assert found["status"] == "permanently_failed"
    assert found["errorDetails"].startswith("[BR-CO-16] ")


def test_a_verifier_refusal_leaves_no_transaction(sender: Any, document: str, instance_id: str) -> None:
    assert sender.admin("POST", "habits", {"refusal": "verifier"}).json()["refusal"] == "verifier"
    answer = sender.submit(document.replace(">380<", ">381<"), instance_id)
    assert answer.status_code == 422
    assert answer.json() == "Failed to submit outbound transaction"
    assert sender.status(instance_id).status_code == 404


def test_an_unknown_id_has_no_status_and_no_body(sender: Any) -> None:
    answer = sender.status("never-seen")
    assert (answer.status_code, answer.content) == (404, b"")


def test_the_token_is_asked_for_when_there_is_one(sender_of: Callable[..., Any], instance_id: str) -> None:
    with running(token="right") as sandbox:
        wrong = sender_of(sandbox, "wrong")
        answer = wrong.submit(instance_id=instance_id)
        assert answer.status_code == 401
        assert answer.json() == {"error": "Invalid or missing API token"}
        assert wrong.status(instance_id).status_code == 401
        assert sender_of(sandbox, "right").submit(instance_id=instance_id).status_code == 200


def test_bad_parameters_are_a_400_with_a_sentence(sender: Any) -> None:
    answer = sender.submit(sender=" ")
    assert answer.status_code == 400
    assert answer.json() == "Failed to parse the sending participant ID ' '"
    long = sender.http.post(
        f"{sender.sandbox.phoss}/api/outbound/submit/{sender.path()}",
        params={"custom2": "x" * 256},
        content=b"x",
    )
    assert long.status_code == 400
    assert "'custom2'" in long.json()


def test_the_same_id_with_the_same_bytes_is_sent_again_and_loses_its_status(
    sender: Any, instance_id: str
) -> None:
    first, second = sender.submit(instance_id=instance_id), sender.submit(instance_id=instance_id)
    assert first.status_code == second.status_code == 200
    assert sender.status(instance_id).status_code == 404
    assert [event["event"] for event in sender.events(instance_id=instance_id)] == ["processed", "duplicate"]


def test_a_receiver_that_refuses_duplicates_names_the_id(sender: Any, instance_id: str) -> None:
    sender.admin("POST", "habits", {"duplicates": "refuse"})
    sender.submit(instance_id=instance_id)
    answer = sender.submit(instance_id=instance_id)
    assert answer.status_code == 422
    error = answer.json()["as4ResponseErrors"][0]
    assert error["errorDetails"] == f"Rejecting duplicate SBDH instance '{instance_id}'"
    assert error["errorCode"] == "EBMS:0004"


def test_the_same_id_with_other_bytes_is_a_violation(sender: Any, document: str, instance_id: str) -> None:
    sender.submit(document, instance_id)
    answer = sender.submit(document.replace("TILES-1", "TILES-2"), instance_id)
    assert answer.status_code == 422
    assert "SANDBOX-REUSED-ID" in answer.json()["as4ResponseErrors"][0]["errorDetails"]
    violation = sender.events(event="violation")[0]
    assert violation["first_sha256"] == hashlib.sha256(document.encode()).hexdigest()
    assert violation["sha256"] != violation["first_sha256"]
    assert sender.status(instance_id).json()["status"] == "sent"


def test_an_envelope_is_opened_and_its_document_judged(
    sender: Any, document: str, enveloped: Any, instance_id: str
) -> None:
    body = enveloped(document, instance_id)
    url = f"{sender.sandbox.phoss}/api/outbound/submit-sbd"
    assert sender.http.post(url, content=body).status_code == 200
    assert sender.status(instance_id).json()["status"] == "sent"
    event = sender.events(instance_id=instance_id)[0]
    assert event["sha256"] == hashlib.sha256(body).hexdigest()
    inner = document.partition("?>")[2].strip().encode()
    assert event["document_sha256"] == hashlib.sha256(inner).hexdigest()
    broken = sender.http.post(url, content=b"<x/>")
    assert (broken.status_code, broken.json()) == (400, "Failed to submit outbound SBD transaction")


def test_what_is_not_final_is_listed(sender: Any, instance_id: str) -> None:
    sender.submit(instance_id=instance_id, fault="pending:5")
    sender.submit()
    listed = sender.http.get(f"{sender.sandbox.phoss}/api/outbound/in-transmission").json()
    assert [entry["sbdhInstanceID"] for entry in listed] == [instance_id]


def test_a_restart_remembers_ids_statuses_and_duplicates(
    journal: Path, document: str, sender_of: Callable[[Running], Any]
) -> None:
    with running(journal) as sandbox:
        client = sender_of(sandbox)
        client.submit(document, "one")
        client.submit(document, "two")
        client.submit(document, "two")
        client.submit(document.replace(">380<", ">381<"), "three")
        client.submit(document, "four", fault="pending:0")
        assert client.status("four").json()["status"] == "sent"
    with running(journal) as sandbox:
        client = sender_of(sandbox)
        assert client.status("one").json()["status"] == "sent"
        assert client.status("two").status_code == 404
        assert client.status("three").json()["errorDetails"].startswith("[PEPPOL-EN16931-P0100]")
        assert client.status("four").json()["status"] == "sent"
        assert client.submit(document + " ", "one").status_code == 422
        assert client.events(event="violation")[0]["instance_id"] == "one"


def test_the_journal_holds_the_event_before_the_answer_arrives(
    sender: Any, journal: Path, instance_id: str
) -> None:
    sender.submit(instance_id=instance_id)
    last = msgspec.json.decode(journal.read_bytes().splitlines()[-1])
    assert last["instance_id"] == instance_id
    assert (last["event"], last["verdict"], last["answered"]) == ("processed", "accepted", True)
    assert (last["dialect"], last["number"], last["sender"]) == ("phoss-ap", "TILES-1", "0088:7300010000001")


def test_a_line_cut_off_by_a_crash_is_dropped(
    journal: Path, document: str, sender_of: Callable[[Running], Any]
) -> None:
    with running(journal) as sandbox:
        sender_of(sandbox).submit(document, "whole")
    journal.write_bytes(journal.read_bytes() + b'{"event":"processed","instance_id":"cut')
    with running(journal) as sandbox:
        client = sender_of(sandbox)
        assert client.status("whole").status_code == 200
        client.submit(document, "next")
    lines = [msgspec.json.decode(line) for line in journal.read_bytes().splitlines()]
    assert [line["instance_id"] for line in lines] == ["whole", "next"]


def test_habits_are_one_of_those_there_are(sender: Any) -> None:
    assert sender.admin("POST", "habits", {"duplicates": "sometimes"}).status_code == 400
    assert sender.admin("POST", "habits", {}).json() == {"duplicates": "again", "refusal": "receiver"}
