"""A submission goes from claim to settlement, whatever the authority does."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest
from httpx import Request, Response

from flows.house import House, enrol, fixture, house, settings_for
from tallystick.flows import recover, submit
from tallystick.flows.courier import MaybeSent, NotSent
from tallystick.sandbox import Running, running
from tallystick.worker.courier import HttpCourier

CLOSE = "UPDATE breaker SET state = 'closed', failures = 0, window_failures = 0 RETURNING 1"


class Silence:
    """A courier for strategies that speak to nobody."""

    async def send(self, request: Request, seconds: float) -> Response:
        raise AssertionError(f"nobody should be asked, but {request.url} was")


@pytest.fixture(scope="module")
def point() -> Iterator[Running]:
    with running() as opened:
        yield opened


@pytest.fixture
async def peppol(
    tmp_path: Path, app_database_url: str, worker_database_url: str, point: Running
) -> AsyncIterator[House]:
    """A house whose seller sends through the sandbox's access point."""
    settings = settings_for(tmp_path, app_database_url, worker_database_url, [urlsplit(point.url).netloc])
    async with house(settings) as opened:
        await enrol(opened, point.phoss, "phoss-ap")
        yield opened


@pytest.fixture
async def courier(peppol: House) -> AsyncIterator[HttpCourier]:
    async with HttpCourier(peppol.worker.settings.access_point_hosts) as opened:
        yield opened


@pytest.fixture
async def home(tmp_path: Path, app_database_url: str, worker_database_url: str) -> AsyncIterator[House]:
    async with house(settings_for(tmp_path, app_database_url, worker_database_url)) as opened:
        yield opened


async def test_a_document_no_authority_wants_is_signed_stored_and_done(home: House) -> None:
    accepted = await home.post(fixture("default", "consumer"))

    row = await home.work(Silence(), accepted.invoice_id)

    assert (row["state"], row["verdict"]) == ("done", "not_required")
    assert await home.events_of(accepted.invoice_id) == [
        "invoice.accepted",
        "document.built",
        "authority.not_required",
    ]


async def test_two_workers_at_once_do_the_work_once(home: House) -> None:
    accepted = await home.post(fixture("default", "consumer"))

    await asyncio.gather(*(home.work(Silence(), accepted.invoice_id) for _ in range(8)))

    assert (await home.events_of(accepted.invoice_id)).count("document.built") == 1


def numbered(suffix: str = "", case: str = "standard") -> bytes:
    """A Peppol invoice with a number of its own; the suffix makes the sandbox misbehave."""
    return fixture("peppol", case, invoice_number=f"T-{uuid4().hex[:8]}{suffix}")


def journal(point: Running, number: str) -> list[dict[str, Any]]:
    """What the sandbox says it did with the invoice of this number."""
    lines = httpx.get(f"{point.url}/admin/journal").json()
    entries = lines["entries"] if isinstance(lines, dict) else lines
    return [each for each in entries if each.get("number") == number]


async def test_a_document_is_sent_and_what_the_authority_got_is_what_we_stored(
    peppol: House, courier: HttpCourier, point: Running
) -> None:
    body = numbered()
    accepted = await peppol.post(body)

    row = await peppol.work(courier, accepted.invoice_id)

    assert (row["state"], row["verdict"], row["attempts"]) == ("done", "accepted", 1)
    processed = [e for e in journal(point, json.loads(body)["invoice_number"]) if e["event"] == "processed"]
    assert [e["sha256"] for e in processed] == [row["wire_sha256"].hex()]
    assert processed[0]["instance_id"] == row["external_ref"]
    assert await peppol.events_of(accepted.invoice_id) == [
        "invoice.accepted",
        "document.built",
        "authority.request",
        "authority.response",
        "authority.accepted",
    ]


async def test_processed_but_unanswered_is_found_by_asking_and_never_sent_twice(
    peppol: House, courier: HttpCourier, point: Running
) -> None:
    body = numbered("-X-process_then_drop")
    accepted = await peppol.post(body)

    row = await peppol.work(courier, accepted.invoice_id)
    assert row["state"] == "unknown"
    row = await peppol.work(courier, accepted.invoice_id)

    assert (row["state"], row["verdict"]) == ("done", "accepted")
    events = [e["event"] for e in journal(point, json.loads(body)["invoice_number"])]
    assert events.count("processed") == 1
    assert "duplicate" not in events


async def test_three_refusals_for_load_cost_three_attempts_and_nothing_else(
    peppol: House, courier: HttpCourier, point: Running
) -> None:
    accepted = await peppol.post(numbered("-X-503-x3"))

    for _ in range(8):
        row = await peppol.work(courier, accepted.invoice_id)
        if row["state"] == "done":
            break

    assert row["verdict"] == "accepted"
    assert row["attempts"] <= 6


async def test_a_refusal_ends_it_and_names_the_rule(peppol: House, courier: HttpCourier) -> None:
    accepted = await peppol.post(numbered("-X-reject-BR-CO-15"))

    row = await peppol.work(courier, accepted.invoice_id)

    assert (row["state"], row["next_at"]) == ("rejected", None)
    body = (await peppol.rows("SELECT body FROM webhook_event WHERE type = 'authority.rejected'"))[0]["body"]
    assert "BR-CO-15" in body.decode()


class Gone:
    """A courier whose every request fails in one way."""

    def __init__(self, failure: Exception) -> None:
        self.failure = failure
        self.asked = 0

    async def send(self, request: Request, seconds: float) -> Response:
        self.asked += 1
        raise self.failure


async def test_what_cannot_have_left_costs_no_attempt(peppol: House, courier: HttpCourier) -> None:
    accepted = await peppol.post(numbered())

    row = await peppol.work(Gone(NotSent("refused")), accepted.invoice_id, times=4)
    assert (row["attempts"], row["state"]) == (0, "retry_wait")

    assert (await peppol.work(courier, accepted.invoice_id))["state"] == "done"


async def test_six_lost_answers_park_it_and_the_next_round_finishes_it(
    peppol: House, courier: HttpCourier
) -> None:
    accepted = await peppol.post(numbered())

    gone = Gone(MaybeSent("reset"))
    for _ in range(6):
        await peppol.rows(
            "UPDATE breaker SET state = 'closed', failures = 0, window_failures = 0 RETURNING 1"
        )
        row = await peppol.work(gone, accepted.invoice_id)

    assert gone.asked == 6
    assert (row["state"], row["attempts"], row["parked_reason"]) == ("parked", 6, "outage")
    await peppol.rows(CLOSE)
    row = await peppol.work(courier, accepted.invoice_id)
    assert (row["state"], row["round"]) == ("done", 2)


async def test_an_open_breaker_parks_without_spending_attempts(peppol: House) -> None:
    first = await peppol.post(numbered())
    for _ in range(5):
        await peppol.work(Gone(NotSent("refused")), first.invoice_id)
    assert (await peppol.rows("SELECT state FROM breaker"))[0]["state"] == "open"

    second = await peppol.post(numbered())
    silent = Gone(NotSent("must not be asked"))
    await peppol.rows("UPDATE breaker SET probe_at = clock_timestamp() + interval '1 hour' RETURNING 1")
    row = await peppol.work(silent, second.invoice_id)

    assert (row["state"], row["parked_reason"], row["attempts"], silent.asked) == ("parked", "breaker", 0, 0)
    assert "submission.parked" in await peppol.events_of(second.invoice_id)


async def test_a_host_the_operator_does_not_permit_is_never_dialled(peppol: House) -> None:
    accepted = await peppol.post(numbered())
    async with HttpCourier(["elsewhere.example"]) as narrow:
        row = await peppol.work(narrow, accepted.invoice_id)

    assert (row["state"], row["attempts"]) == ("retry_wait", 0)


class Overtaken:
    """A courier during whose request another worker takes over."""

    def __init__(self, inner: HttpCourier, peppol: House) -> None:
        self.inner, self.peppol = inner, peppol

    async def send(self, request: Request, seconds: float) -> Response:
        await self.peppol.rows(
            "UPDATE submission SET lease_until = clock_timestamp() - interval '1 second' RETURNING 1"
        )
        await recover.recover(self.peppol.worker)
        return await self.inner.send(request, seconds)


async def test_who_was_overtaken_writes_nothing_but_the_answer(peppol: House, courier: HttpCourier) -> None:
    accepted = await peppol.post(numbered())

    row = await peppol.work(Overtaken(courier, peppol), accepted.invoice_id)

    assert row["state"] == "unknown"
    late = await peppol.rows("SELECT entry FROM compliance_log WHERE stream_kind = 'system'")
    assert json.loads(late[0]["entry"])["event"] == "authority.late_response"
    assert (await peppol.work(courier, accepted.invoice_id))["state"] == "done"


async def test_the_log_tells_the_invoices_state_at_every_step(peppol: House, courier: HttpCourier) -> None:
    accepted = await peppol.post(numbered("-X-process_then_drop"))
    for _ in range(2):
        await peppol.work(courier, accepted.invoice_id)
        entries = await peppol.rows(
            "SELECT entry FROM compliance_log WHERE stream_id = $1 ORDER BY stream_seq", accepted.invoice_id
        )
        last = json.loads(entries[-1]["entry"])["data"]
        shown = (await peppol.rows("SELECT * FROM invoice WHERE id = $1", accepted.invoice_id))[0]
        assert last["processing_status"] == shown["processing_status"]
        assert last["authority_status"] == shown["authority_status"]


async def test_no_secret_of_a_registration_is_kept(peppol: House, courier: HttpCourier) -> None:
    accepted = await peppol.post(numbered())
    await peppol.work(courier, accepted.invoice_id)

    for row in await peppol.rows("SELECT body FROM object UNION ALL SELECT entry FROM compliance_log"):
        assert b"sandbox-token" not in row["body"]


async def test_a_probe_that_asks_nobody_is_left_to_the_next(peppol: House, courier: HttpCourier) -> None:
    waiting = await peppol.post(numbered())
    row = await peppol.submission_of(waiting.invoice_id)
    later = "UPDATE submission SET next_at = clock_timestamp() + interval '1 hour' WHERE id = $1 RETURNING 1"
    await peppol.rows(later, row["id"])
    await peppol.rows(
        """INSERT INTO breaker (authority, state, opened_at, probe_at)
           VALUES ($1, 'open', clock_timestamp(), clock_timestamp()) RETURNING 1""",
        row["authority"],
    )

    await submit.run(peppol.worker, courier, row["id"], "test")  # woken, but not due

    left = await peppol.rows("SELECT state, probe_at <= clock_timestamp() AS free FROM breaker")
    assert [(each["state"], each["free"]) for each in left] == [("half_open", True)]
    assert (await peppol.work(courier, waiting.invoice_id))["state"] == "done"


class GoneAfterOne:
    """A courier whose first request is answered; nothing that follows leaves the house."""

    def __init__(self, inner: HttpCourier) -> None:
        self.inner, self.asked = inner, 0

    async def send(self, request: Request, seconds: float) -> Response:
        self.asked += 1
        if self.asked > 1:
            raise NotSent("refused")
        return await self.inner.send(request, seconds)


async def test_what_was_carried_before_the_line_went_dead_is_asked_for_and_not_sent_again(
    peppol: House, courier: HttpCourier, point: Running
) -> None:
    body = numbered("-X-pending-1")  # the access point took it, and the look at its status fails
    accepted = await peppol.post(body)
    line = GoneAfterOne(courier)

    row = await peppol.work(line, accepted.invoice_id)
    assert (line.asked, row["state"], row["verdict"]) == (2, "unknown", "unknown")
    for _ in range(4):
        row = await peppol.work(courier, accepted.invoice_id)

    assert (row["state"], row["verdict"]) == ("done", "accepted")
    events = [e["event"] for e in journal(point, json.loads(body)["invoice_number"])]
    assert (events.count("processed"), events.count("duplicate")) == (1, 0)
