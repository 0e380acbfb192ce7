"""Every error is a problem document with a stable code, whatever raised it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from api.conftest import Actor, actor, default_invoice
from tallystick.api import ask
from tallystick.api.problems import CATALOGUE
from tallystick.flows.errors import Limited, Unavailable
from tallystick.flows.gateway import Gateway

ABSENT = "01932d5e-8f00-7a3c-9d41-5b1f6c2e7a90"


def code_of(answer: Any) -> str:
    """The code, after the whole shape was checked."""
    assert answer.headers["Content-Type"] == "application/problem+json", answer.text
    problem = answer.json()
    kind = CATALOGUE[problem["code"]]
    assert problem["status"] == answer.status_code == kind.status
    assert problem["title"] == kind.title
    assert problem["type"] == f"/docs/errors#{kind.anchor}"
    assert problem["retryable"] is kind.retryable
    assert problem["request_id"] == answer.headers["X-Request-Id"]
    assert problem["detail"]
    assert "Traceback" not in answer.text
    return str(problem["code"])


async def test_each_way_of_asking_wrongly_has_its_own_code(alice: Actor) -> None:
    json = {"Content-Type": "application/json"}
    expected = {
        ("GET", "/v1/nothing"): "request/unknown-path",
        ("GET", "/"): "request/unknown-path",
        ("GET", f"/v1/invoices/{ABSENT}/:replay"): "request/unknown-path",
        ("DELETE", "/v1/invoices"): "request/method-not-allowed",
        ("PUT", f"/v1/invoices/{ABSENT}"): "request/method-not-allowed",
        ("GET", f"/v1/invoices/{ABSENT}"): "resource/not-found",
        ("GET", "/v1/invoices/not-a-uuid"): "resource/not-found",
        ("GET", "/v1/invoices/%00"): "resource/not-found",
        ("GET", f"/v1/invoices/{{{ABSENT}}}"): "resource/not-found",
        ("GET", "/v1/invoices?limit=0"): "request/invalid-parameter",
        ("GET", "/v1/invoices?limit=1&limit=1"): "request/invalid-parameter",
        ("GET", "/v1/invoices?sellr=x"): "request/invalid-parameter",
        ("GET", "/v1/invoices?number=%00"): "request/invalid-parameter",
        ("GET", "/v1/invoices?number=%ff"): "request/invalid-parameter",
        ("GET", "/v1/invoices?created_gte=2026-02-30T00:00:00Z"): "request/invalid-parameter",
        ("GET", "/v1/invoices?limit=%D9%A1"): "request/invalid-parameter",
    }
    for (method, path), code in expected.items():
        assert code_of(await alice.call(method, path, headers=json)) == code, (method, path)


@pytest.mark.parametrize(
    ("headers", "content", "code"),
    [
        ({"Content-Type": "text/plain"}, b"{}", "request/unsupported-media-type"),
        ({}, b"{}", "request/unsupported-media-type"),
        (
            {"Content-Type": "application/json", "Content-Encoding": "gzip"},
            b"{}",
            "request/unsupported-media-type",
        ),
        ({"Content-Type": "application/json; charset=utf-16"}, b"{}", "request/unsupported-media-type"),
        ({"Content-Type": "application/json", "Accept": "text/html"}, b"{}", "request/not-acceptable"),
        ({"Content-Type": "application/json"}, b"", "request/malformed"),
        ({"Content-Type": "application/json"}, b"{", "request/malformed"),
        ({"Content-Type": "application/json"}, b"[" * 100_000, "request/malformed"),
        ({"Content-Type": "application/json"}, b"\xff\xfe{\x00}\x00", "request/malformed"),
        ({"Content-Type": "application/json"}, b" " * 2_000_001, "request/too-large"),
        ({"Content-Type": "application/json"}, b"[]", "invoice/invalid"),
    ],
    ids=["text", "no type", "gzip", "utf-16", "accept", "empty", "torn", "deep", "bom", "large", "array"],
)
async def test_a_body_that_is_no_invoice_is_refused_for_what_it_is(
    alice: Actor, headers: dict[str, str], content: bytes, code: str
) -> None:
    assert code_of(await alice.post("/v1/invoices", content=content, headers=headers)) == code


async def test_a_stream_without_a_length_is_cut_at_the_limit(alice: Actor) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 200:
            sent += 1
            yield b" " * 100_000

    headers = {"Content-Type": "application/json"}
    answer = await alice.post("/v1/invoices", content=endless(), headers=headers)
    assert code_of(answer) == "request/too-large"


async def test_a_wrong_method_is_told_the_right_ones(alice: Actor) -> None:
    answer = await alice.delete("/v1/sellers")
    assert answer.headers["Allow"] == "GET, POST, OPTIONS"


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Basic abc",
        "Bearer",
        "Bearer x",
        "Bearer ts_test_AAAAAAAA_" + "A" * 38,
        "Bearer \x7f",
        "bearer é",
    ],
)
async def test_without_a_valid_key_there_is_nothing_but_a_challenge(
    client: Any, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization.encode("utf-8")}
    answer = await client.get("/v1/invoices?limit=nonsense", headers=headers)
    assert code_of(answer) in ("auth/missing-key", "auth/invalid-key")
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="tallystick"')


async def test_a_key_without_the_scope_is_told_which_one(gateway: Gateway, client: Any) -> None:
    reader = await actor(gateway, client, "invoices:read")
    answer = await reader.post("/v1/invoices", json=default_invoice())
    assert code_of(answer) == "auth/scope"
    assert "invoices:write" in answer.json()["detail"]
    assert (await reader.get("/v1/invoices")).status_code == 200


async def test_ids_of_the_caller_come_back_and_malformed_ones_do_not(client: Any) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {"X-Request-Id": "job-17", "traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    answer = await client.get("/v1/nothing", headers=headers)
    assert answer.headers["X-Request-Id"] == answer.json()["request_id"] == "job-17"
    assert answer.json()["trace_id"] == trace
    for bad in ("a b", "x" * 129, '{"a":1}'):
        answer = await client.get("/v1/nothing", headers={"X-Request-Id": bad, "traceparent": "00-0-0-0"})
        assert answer.headers["X-Request-Id"] != bad
        assert "trace_id" not in answer.json()


async def test_an_outage_a_limit_and_a_fault_of_ours_are_told_apart(
    alice: Actor, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tallystick.flows import showing

    async def fail(error: Exception) -> Any:
        async def raising(*_: Any) -> None:
            raise error

        monkeypatch.setattr(showing, "invoices", raising)
        return await alice.get("/v1/invoices")

    outage = await fail(Unavailable(3))
    assert (code_of(outage), outage.headers["Retry-After"]) == ("storage/unavailable", "3")
    limit = await fail(Limited(7))
    assert (code_of(limit), limit.headers["Retry-After"]) == ("limit/too-many-requests", "7")
    assert limit.json()["retry_after"] == 7
    capsys.readouterr()
    ours = await fail(ZeroDivisionError("canary-of-the-exception-text"))
    assert code_of(ours) == "server/internal"
    logged = capsys.readouterr().err
    assert "ZeroDivisionError" in logged
    assert "canary" not in logged + ours.text


async def test_with_the_database_gone_all_is_503_and_comes_back_by_itself(
    alice: Actor, database_url: str
) -> None:
    other = await asyncpg.connect(database_url)
    try:
        name = await other.fetchval("SELECT current_database()")
        await other.execute(f'ALTER DATABASE "{name}" CONNECTION LIMIT 0')
        await other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        for method, path in (("GET", "/v1/invoices"), ("POST", "/v1/invoices"), ("GET", "/v1/sellers")):
            answer = await alice.call(method, path, json=default_invoice())
            assert code_of(answer) == "storage/unavailable", path
            assert answer.headers["Retry-After"]
        ready = await alice.client.get("/readyz")
        assert (ready.status_code, ready.json()["status"]) == (503, "unavailable")
        assert (await alice.client.get("/healthz")).json() == {"status": "alive"}
        await other.execute(f'ALTER DATABASE "{name}" CONNECTION LIMIT -1')
        assert (await alice.post("/v1/invoices", json=default_invoice())).status_code == 201
    finally:
        await other.close()


async def test_a_body_that_stalls_or_breaks_off_is_a_408_and_no_failure_of_ours(
    alice: Actor, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ask, "BODY_SECONDS", 0.05)

    async def stalling() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(5)

    headers = {"Content-Type": "application/json"}
    stalled = await alice.post("/v1/invoices", content=stalling(), headers=headers)
    assert code_of(stalled) == "request/timeout"
    transport: Any = alice.client._transport
    app = transport.app
    sent: list[Any] = []
    given = {**headers, "Authorization": f"Bearer {alice.key}"}
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/invoices",
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in given.items()],
    }
    incoming = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]

    async def receive() -> Any:
        return incoming.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    assert sent[0]["status"] == 408
    assert "unforeseen" not in capsys.readouterr().err
