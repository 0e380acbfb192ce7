"""What a person decides is done with the same bytes, kept with its evidence, and only where it is allowed."""

import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import msgspec
import pytest
from httpx import Request, Response

from flows.house import House, enrol, fixture, house, settings_for
from tallystick.flows import Caller, operate
from tallystick.flows.administer.refusals import BadBody, Forbidden
from tallystick.flows.courier import MaybeSent, NotSent
from tallystick.flows.errors import Illegal, NotFound
from tallystick.sandbox import Running, running
from tallystick.worker.courier import HttpCourier

CLOSE = "UPDATE breaker SET state = 'closed', failures = 0, window_failures = 0 RETURNING 1"
OVERDUE = "UPDATE submission SET created_at = created_at - interval '4 days' RETURNING 1"


class Gone:
    """A courier whose every request fails in one way."""

    def __init__(self, failure: Exception) -> None:
        self.failure = failure

    async def send(self, request: Request, seconds: float) -> Response:
        raise self.failure


@pytest.fixture(scope="module")
def point() -> Iterator[Running]:
    with running() as opened:
        yield opened


@pytest.fixture
async def peppol(
    tmp_path: Path, app_database_url: str, worker_database_url: str, point: Running
) -> AsyncIterator[House]:
    settings = settings_for(tmp_path, app_database_url, worker_database_url, [urlsplit(point.url).netloc])
    async with house(settings) as opened:
        await enrol(opened, point.phoss, "phoss-ap")
        yield opened


@pytest.fixture
async def courier(peppol: House) -> AsyncIterator[HttpCourier]:
    async with HttpCourier(peppol.worker.settings.access_point_hosts) as opened:
        yield opened


def numbered() -> bytes:
    return fixture("peppol", "standard", invoice_number=f"OP-{uuid4().hex[:8]}")


async def dead(peppol: House, failure: Exception) -> UUID:
    """An invoice whose submission became a dead letter because nobody answered."""
    accepted = await peppol.post(numbered())
    await peppol.rows(OVERDUE)
    for _ in range(8):
        await peppol.rows(CLOSE)
        row = await peppol.work(Gone(failure), accepted.invoice_id)
        if row["state"] == "dead":
            return accepted.invoice_id
    raise AssertionError(f"still {row['state']}")


async def last_entry(peppol: House, invoice: UUID) -> dict[str, Any]:
    query = "SELECT entry FROM compliance_log WHERE stream_id = $1 ORDER BY stream_seq DESC LIMIT 1"
    found: dict[str, Any] = json.loads((await peppol.rows(query, invoice))[0]["entry"])
    return found


def processed(point: Running, reference: str) -> list[dict[str, Any]]:
    return [
        e
        for e in point.point.journal.events
        if e.get("instance_id") == reference and e["event"] == "processed"
    ]


async def test_a_replay_sends_the_same_bytes_under_the_same_reference(
    peppol: House, courier: HttpCourier, point: Running
) -> None:
    invoice = await dead(peppol, MaybeSent("reset"))
    before = await peppol.submission_of(invoice)

    done = await operate.replay(peppol.app, peppol.caller, invoice, "the access point is back")
    assert (done.state, done.processing_status) == ("unknown", "outcome_unknown")
    row = await peppol.submission_of(invoice)
    assert (row["attempts"], row["round"], row["dead_reason"]) == (0, before["round"] + 1, None)
    await peppol.rows(CLOSE)
    await peppol.rows("UPDATE submission SET created_at = created_at + interval '4 days' RETURNING 1")
    row = await peppol.work(courier, invoice)

    assert (row["state"], row["verdict"]) == ("done", "accepted")
    for name in ("wire_object", "wire_sha256", "external_ref", "marks", "link"):
        assert row[name] == before[name]
    assert [e["sha256"] for e in processed(point, row["external_ref"])] == [row["wire_sha256"].hex()]


async def test_what_never_left_is_queued_again_without_a_question(peppol: House) -> None:
    invoice = await dead(peppol, NotSent("refused"))
    await peppol.rows("UPDATE submission SET created_at = created_at + interval '4 days' RETURNING 1")
    assert (await peppol.submission_of(invoice))["first_sent_at"] is not None
    never = (await peppol.post(numbered())).invoice_id
    await peppol.rows(
        "UPDATE submission SET state = 'dead', dead_reason = 'internal' WHERE invoice_id = $1 RETURNING 1",
        never,
    )

    assert (await operate.replay(peppol.app, peppol.caller, never)).state == "queued"


async def test_a_replay_says_who_and_why_in_log_and_event(peppol: House) -> None:
    invoice = await dead(peppol, MaybeSent("reset"))

    await operate.replay(peppol.app, peppol.caller, invoice, "operator's reason")

    entry = await last_entry(peppol, invoice)
    assert (entry["event"], entry["actor"]) == ("submission.replayed", peppol.caller.actor)
    assert (entry["data"]["was"], entry["data"]["processing_status"]) == ("dead", "outcome_unknown")
    bodies = await peppol.rows("SELECT body FROM object WHERE name = 'reason.txt'")
    assert [row["body"] for row in bodies] == [b"operator's reason"]
    events = await peppol.rows("SELECT type FROM webhook_event WHERE invoice_id = $1 ORDER BY seq", invoice)
    assert events[-1]["type"] == "submission.replayed"


async def test_only_a_dead_letter_is_replayed_and_the_refusal_names_what_is_allowed(peppol: House) -> None:
    waiting = (await peppol.post(numbered())).invoice_id
    with pytest.raises(Illegal) as refused:
        await operate.replay(peppol.app, peppol.caller, waiting)
    assert refused.value.allowed == ()

    await conflicting(peppol, waiting)
    with pytest.raises(Illegal) as refused:
        await operate.replay(peppol.app, peppol.caller, waiting)
    assert refused.value.allowed == ("resolve",)


async def conflicting(peppol: House, invoice: UUID) -> None:
    """Make the authority hold other content under this invoice's identity."""
    await peppol.rows(
        "UPDATE submission SET state = 'in_flight', lease_until = now() WHERE invoice_id = $1 RETURNING 1",
        invoice,
    )
    await peppol.rows(
        "UPDATE submission SET state = 'conflict', verdict = 'conflict' WHERE invoice_id = $1 RETURNING 1",
        invoice,
    )
    await peppol.rows(
        """UPDATE invoice SET processing_status = 'failed', authority_status = 'conflict' WHERE id = $1
           RETURNING 1""",
        invoice,
    )


async def test_two_replays_at_once_count_once(peppol: House) -> None:
    invoice = await dead(peppol, MaybeSent("reset"))
    await operate.replay(peppol.app, peppol.caller, invoice)

    with pytest.raises(Illegal):
        await operate.replay(peppol.app, peppol.caller, invoice)

    assert (await peppol.events_of(invoice)).count("submission.replayed") == 1


async def test_a_key_without_the_scope_decides_nothing(peppol: House) -> None:
    invoice = await dead(peppol, MaybeSent("reset"))
    clerk = msgspec.structs.replace(peppol.caller, scopes=frozenset({"invoices:write"}))

    with pytest.raises(Forbidden):
        await operate.replay(peppol.app, clerk, invoice)
    with pytest.raises(Forbidden):
        await operate.replay_many(peppol.app, clerk)
    with pytest.raises(Forbidden):
        await operate.resolve(peppol.app, clerk, invoice, "sent", "seen")


@pytest.mark.parametrize("role", ["app", "worker"])
async def test_another_tenants_dead_letter_is_not_there(peppol: House, role: str) -> None:
    invoice = await dead(peppol, MaybeSent("reset"))
    stranger = Caller(tenant_id=uuid4(), key_prefix="ts_test_11111111", scopes=frozenset({"admin"}))
    gateway = getattr(peppol, role)

    with pytest.raises(NotFound):
        await operate.replay(gateway, stranger, invoice)
    with pytest.raises(NotFound):
        await operate.resolve(gateway, stranger, invoice, "sent", "seen")
    assert await operate.replay_many(gateway, stranger) == ()
    live = msgspec.structs.replace(peppol.caller, mode="live")
    with pytest.raises(NotFound):
        await operate.replay(gateway, live, invoice)


async def test_a_bulk_replay_takes_one_authority_and_one_span_of_time(peppol: House) -> None:
    invoices = [await dead(peppol, MaybeSent("reset")) for _ in range(3)]
    rows = [await peppol.submission_of(each) for each in invoices]
    since, until = rows[1]["updated_at"], rows[2]["updated_at"]

    assert await operate.replay_many(peppol.app, peppol.caller, authority="nobody") == ()
    first = await operate.replay_many(peppol.app, peppol.caller, since=since, until=until, reason="back")
    assert first == (invoices[1],)
    rest = await operate.replay_many(peppol.app, peppol.caller, authority=rows[0]["authority"])

    assert rest == (invoices[0], invoices[2])
    spread = [(await peppol.submission_of(each))["next_at"] for each in rest]
    assert spread[1] - spread[0] >= timedelta(
        seconds=peppol.app.settings.scaled(1 / operate.REPLAYS_PER_SECOND)
    )


async def test_sent_on_evidence_ends_it_with_the_authoritys_word(peppol: House) -> None:
    invoice = await dead(peppol, MaybeSent("reset"))

    done = await operate.resolve(
        peppol.app, peppol.caller, invoice, "sent", "The portal shows it.", reference="R-77"
    )

    assert (done.state, done.processing_status, done.authority_status) == ("done", "completed", "accepted")
    entry = await last_entry(peppol, invoice)
    assert (entry["event"], entry["terminal"], entry["actor"]) == (
        "submission.resolved",
        True,
        peppol.caller.actor,
    )
    assert (entry["data"]["decision"], entry["data"]["reference"]) == ("sent", "R-77")
    bodies = await peppol.rows("SELECT body FROM object WHERE name = 'evidence.txt'")
    assert [row["body"] for row in bodies] == [b"The portal shows it."]
    shown = (await peppol.rows("SELECT authority_reference FROM invoice WHERE id = $1", invoice))[0]
    assert shown["authority_reference"] == "R-77"


async def test_not_sent_on_evidence_sends_the_same_bytes(
    peppol: House, courier: HttpCourier, point: Running
) -> None:
    invoice = await dead(peppol, MaybeSent("reset"))
    await peppol.rows("UPDATE submission SET created_at = created_at + interval '4 days' RETURNING 1")
    await peppol.rows(CLOSE)

    done = await operate.resolve(peppol.app, peppol.caller, invoice, "not_sent", "Their log has nothing.")
    assert done.state == "queued"
    row = await peppol.work(courier, invoice)

    assert row["state"] == "done"
    assert [e["sha256"] for e in processed(point, row["external_ref"])] == [row["wire_sha256"].hex()]


@pytest.mark.parametrize(
    ("decision", "ending"), [("sent", ("done", "accepted")), ("not_sent", ("rejected", "rejected"))]
)
async def test_a_conflict_is_settled_by_a_person(
    peppol: House, decision: operate.Decision, ending: tuple[str, str]
) -> None:
    invoice = (await peppol.post(numbered())).invoice_id
    await conflicting(peppol, invoice)

    done = await operate.resolve(peppol.app, peppol.caller, invoice, decision, "Asked them by telephone.")

    assert (done.state, done.authority_status) == ending


async def test_a_decision_needs_evidence_and_a_status_that_is_good(peppol: House) -> None:
    invoice = await dead(peppol, MaybeSent("reset"))

    with pytest.raises(ValueError, match="evidence"):
        await operate.resolve(peppol.app, peppol.caller, invoice, "sent", "  ")
    with pytest.raises(BadBody):
        await operate.resolve(peppol.app, peppol.caller, invoice, "sent", "seen", authority_status="rejected")
    assert (await peppol.submission_of(invoice))["state"] == "dead"


async def test_what_waits_is_not_resolved_by_hand(peppol: House) -> None:
    waiting = (await peppol.post(numbered())).invoice_id

    with pytest.raises(Illegal):
        await operate.resolve(peppol.app, peppol.caller, waiting, "sent", "seen")
