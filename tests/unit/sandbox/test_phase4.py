"""The phase4 dialect over real HTTP: every report a 200, the id only through the envelope."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tallystick.sandbox import running


def test_an_envelope_is_sent_under_its_own_id(
    sender: Any, document: str, enveloped: Any, instance_id: str
) -> None:
    answer = sender.sendsbdh(enveloped(document, instance_id))
    assert answer.status_code == 200
    assert answer.json()["overallSuccess"] is True
    assert answer.json()["sbdhInstanceIdentifier"] == instance_id
    assert sender.events()[0]["dialect"] == "phase4"


def test_a_bad_document_is_a_200_that_says_no(
    sender: Any, document: str, enveloped: Any, instance_id: str
) -> None:
    answer = sender.sendsbdh(
        enveloped(document.replace(">229.90</cbc:Payable", ">2.00</cbc:Payable"), instance_id)
    )
    assert answer.status_code == 200
    report = answer.json()
    assert (report["overallSuccess"], report["sendingResult"]) == (False, "AS4_ERROR_MESSAGE_RECEIVED")
    assert report["as4ResponseErrors"][0]["errorDetails"].startswith("[BR-CO-16] ")


def test_sendas4_makes_a_new_id_on_every_call(sender: Any) -> None:
    url = f"{sender.sandbox.phase4}/sendas4/{sender.path()}"
    answers = [sender.http.post(url, content=sender.submit.__defaults__[0].encode()).json() for _ in range(2)]
    assert all(answer["overallSuccess"] for answer in answers)
    assert answers[0]["sbdhInstanceIdentifier"] != answers[1]["sbdhInstanceIdentifier"]


def test_the_identical_resend_is_answered_alike_and_journaled_as_one_document(
    sender: Any, document: str, enveloped: Any, instance_id: str
) -> None:
    body = enveloped(document, instance_id)
    assert sender.sendsbdh(body).json()["overallSuccess"] is True
    assert sender.sendsbdh(body).json()["overallSuccess"] is True
    events = sender.events(instance_id=instance_id)
    assert [event["event"] for event in events] == ["processed", "duplicate"]
    assert len({event["sha256"] for event in events}) == 1


def test_another_envelope_under_the_same_id_is_a_violation(
    sender: Any, document: str, enveloped: Any, instance_id: str
) -> None:
    body = enveloped(document, instance_id)
    sender.sendsbdh(body)
    later = body.replace(b"2026-11-20T10:00:00Z", b"2026-11-20T10:00:01Z")
    assert sender.sendsbdh(later).json()["overallSuccess"] is False
    assert len(sender.events(event="violation")) == 1


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (b"<HeaderVersion>1.0", b"<HeaderVersion>1.1", "SBDH-INVALID-HEADER-VERSION"),
        (b"<Type>COUNTRY_C1</Type>", b"<Type>OTHER</Type>", "SBDH-MISSING-COUNTRY-C1"),
        (b"<Type>Invoice</Type>", b"<Type>Order</Type>", "SBDH-INVALID-TYPE"),
        (b"<TypeVersion>2.1", b"<TypeVersion>2.0", "SBDH-INVALID-TYPE-VERSION"),
        (b'Authority="iso6523-actorid-upis"', b'Authority="x"', "SBDH-INVALID-SENDER-AUTHORITY"),
        (b"</StandardBusinessDocument>", b"", "SANDBOX-XML"),
        (b"<StandardBusinessDocument ", b"<!DOCTYPE x><StandardBusinessDocument ", "SANDBOX-DTD"),
    ],
)
def test_an_envelope_that_cannot_be_opened_is_a_parsing_exception(
    sender: Any, document: str, enveloped: Any, instance_id: str, old: bytes, new: bytes, rule: str
) -> None:
    body = enveloped(document, instance_id)
    assert old in body
    answer = sender.sendsbdh(body.replace(old, new, 1))
    assert answer.status_code == 200
    assert answer.json()["overallSuccess"] is False
    assert answer.json()["sbdhParsingException"]["message"].startswith(f"[{rule}] ")
    assert sender.events() == []


def test_an_envelope_that_disagrees_with_its_document_is_refused(
    sender: Any, document: str, enveloped: Any, instance_id: str
) -> None:
    answer = sender.sendsbdh(enveloped(document, instance_id, receiver="9930:DE999999999"))
    assert answer.headers["x-sandbox-rules"] == "SANDBOX-RECEIVER"


def test_tokens_are_refused_as_the_product_does(
    sender_of: Callable[..., Any], document: str, enveloped: Any
) -> None:
    with running(token="right") as sandbox:
        client = sender_of(sandbox, "wrong")
        body = enveloped(document, "x")
        refused = client.sendsbdh(body)
        assert refused.status_code == 403
        assert set(refused.json()) == {"timestamp", "status", "error", "path"}
        del client.http.headers["X-Token"]
        assert client.sendsbdh(body).status_code == 400
        right = sender_of(sandbox, "right")
        assert right.sendsbdh(b"").status_code == 400
        assert right.sendsbdh(body).status_code == 200


def test_there_is_no_status_call_but_a_ping(sender: Any, document: str, enveloped: Any) -> None:
    sender.sendsbdh(enveloped(document, "here"))
    assert sender.http.get(f"{sender.sandbox.phase4}/api/outbound/status/here").status_code == 404
    assert sender.http.get(f"{sender.sandbox.phase4}/phase4ping").text == "pong"


def test_sendas4_says_what_it_cannot_read(sender: Any) -> None:
    url = f"{sender.sandbox.phase4}/sendas4/"
    assert sender.http.post(url + sender.path(), content=b"").status_code == 400
    answer = sender.http.post(url + sender.path(receiver="x" * 200), content=b"<x/>")
    assert answer.status_code == 200
    assert "receiving participant ID" in answer.json()["sbdhParsingException"]["message"]
    nonsense = sender.http.post(url + sender.path(), content=b"<x/>", headers={"X-Sandbox-Fault": "sulk"})
    assert nonsense.status_code == 400
