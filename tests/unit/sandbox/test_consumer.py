"""The webhook consumer: what arrives is on the disk as it came, trouble is made when told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from tallystick.sandbox import Running, running

SIGNED = {"webhook-id": "msg_1", "webhook-timestamp": "1763640000", "webhook-signature": "v1,abc= v1a,def="}


def test_an_arrival_is_kept_with_its_signature_and_exact_body(sandbox: Running, tmp_path: Path) -> None:
    body = b'{"type":"invoice.accepted",  "seq":1}'
    answer = httpx.post(sandbox.consumer("erp"), content=body, headers=SIGNED)
    assert (answer.status_code, answer.content) == (204, b"")
    arrival = msgspec.json.decode((tmp_path / "consumer.jsonl").read_bytes())
    assert arrival["body"] == body.decode()
    assert [arrival[key.replace("-", "_")] for key in SIGNED] == list(SIGNED.values())
    assert (arrival["consumer"], arrival["accepted"], arrival["encoding"]) == ("erp", True, "utf-8")
    assert arrival["headers"]["webhook-signature"] == SIGNED["webhook-signature"]


def test_a_body_that_is_no_text_is_kept_too(sandbox: Running) -> None:
    httpx.post(sandbox.consumer("erp"), content=b"\xff\x00")
    arrival = httpx.get(f"{sandbox.url}/admin/consumer/erp").json()[0]
    assert (arrival["encoding"], arrival["body"]) == ("base64", "/wA=")


def test_consumers_are_kept_apart(sandbox: Running) -> None:
    for name in ("one", "two", "one"):
        httpx.post(sandbox.consumer(name), content=name.encode())
    assert [one["body"] for one in httpx.get(f"{sandbox.url}/admin/consumer/one").json()] == ["one", "one"]
    assert len(httpx.get(f"{sandbox.url}/admin/consumer/two").json()) == 1


def test_a_consumer_fails_as_often_as_it_was_told(sandbox: Running) -> None:
    told = httpx.post(f"{sandbox.url}/admin/consumer/erp", json={"fault": "500", "times": 2})
    assert told.status_code == 201
    assert [httpx.post(sandbox.consumer("erp")).status_code for _ in range(3)] == [500, 500, 204]
    assert httpx.post(sandbox.consumer("other")).status_code == 204
    arrivals = httpx.get(f"{sandbox.url}/admin/consumer/erp").json()
    assert [arrival["accepted"] for arrival in arrivals] == [False, False, True]


@pytest.mark.parametrize("fault", ["drop", "process_then_drop"])
def test_a_consumer_drops_the_connection(sandbox: Running, fault: str) -> None:
    httpx.post(f"{sandbox.url}/admin/consumer/erp", json={"fault": fault, "times": 1})
    with pytest.raises(httpx.TransportError):
        httpx.post(sandbox.consumer("erp"), content=b"x")
    assert [arrival["accepted"] for arrival in sandbox.arrivals.events] == [False]


def test_a_consumer_stalls_and_redirects(sandbox: Running) -> None:
    httpx.post(f"{sandbox.url}/admin/consumer/slow", json={"fault": "stall:3"})
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(sandbox.consumer("slow"), timeout=0.3)
    httpx.post(f"{sandbox.url}/admin/consumer/moved", json={"fault": "301", "times": 1})
    answer = httpx.post(sandbox.consumer("moved"))
    assert (answer.status_code, answer.headers["location"]) == (301, "http://127.0.0.1:9/moved")


def test_nonsense_is_refused(sandbox: Running) -> None:
    assert httpx.post(f"{sandbox.url}/admin/consumer/erp", json={"fault": "sulk"}).status_code == 400
    assert httpx.post(f"{sandbox.url}/admin/consumer/erp", json={}).status_code == 400


def test_arrivals_survive_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "arrivals.jsonl"
    for body in (b"first", b"second"):
        with running(consumer_journal=path) as sandbox:
            httpx.post(sandbox.consumer("erp"), content=body)
            seen: list[Any] = httpx.get(f"{sandbox.url}/admin/consumer/erp").json()
    assert [arrival["body"] for arrival in seen] == ["first", "second"]


def test_one_request_can_ask_for_its_own_trouble(sandbox: Running) -> None:
    url = sandbox.consumer("erp")
    assert httpx.post(url, headers={"X-Sandbox-Fault": "410"}).status_code == 410
    assert httpx.post(url, headers={"X-Sandbox-Fault": "before:stall:0.1"}).status_code == 204
    assert httpx.post(url, headers={"X-Sandbox-Fault": "sulk"}).status_code == 400
    assert [arrival["accepted"] for arrival in sandbox.arrivals.events] == [False, True]
