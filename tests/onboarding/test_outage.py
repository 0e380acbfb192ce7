"""When Fatoora is away, or says what nobody hopes for: tills go on, nothing blocks, nothing is lost."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import msgspec

from flows.house import House
from flows.test_deadlines import LATER, told
from onboarding import saudi
from tallystick.flows import deadlines, fsck, recover, showing, submit
from tallystick.flows.administer import RegistrationChange, registrations
from tallystick.sandbox.server import Running
from tallystick.worker import service
from tallystick.worker.courier import HttpCourier

NOW = "UPDATE submission SET next_at = clock_timestamp() WHERE next_at IS NOT NULL RETURNING 1"
PROBE = "UPDATE breaker SET probe_at = clock_timestamp() RETURNING 1"


@asynccontextmanager
async def away(sandbox: Running) -> AsyncIterator[None]:
    """Every connection for a document is reset, nothing is taken."""
    await saudi.admin(sandbox, "faults", match={"dialect": "fatoora"}, fault="drop")
    yield
    async with httpx.AsyncClient(trust_env=False) as client:
        (await client.delete(f"{sandbox.url}/admin/faults")).raise_for_status()


async def once(sandbox: Running, fault: str, number: str, times: int = 1, **match: str) -> None:
    """Have something go wrong with a document."""
    whole = {"dialect": "fatoora", "number": number, **match}
    await saudi.admin(sandbox, "faults", match=whole, fault=fault, times=times)


async def all_due(home: House, courier: HttpCourier, rounds: int = 1) -> None:
    """One worker takes what is due, in the order in which it finds it, until nothing is left."""
    for _ in range(rounds):
        await home.rows(NOW)
        await home.rows(PROBE)
        while found := await recover.due(home.worker, 1):
            await submit.run(home.worker, courier, found[0], "test")


async def shown(home: House, invoice: UUID) -> dict[str, Any]:
    """The invoice as its owner sees it."""
    found: dict[str, Any] = json.loads((await showing.invoice(home.app, home.caller, invoice)).body)
    return found


def taken(sandbox: Running, unit: str = "") -> list[str]:
    """The numbers of what the authority took in, in its order, but for the onboarding's."""
    events = [event for event in sandbox.point.journal.events if event["event"] == "processed"]
    return [str(event["number"]) for event in events if unit in ("", event["unit"])]


async def whole(home: House, sandbox: Running, **more: Any) -> None:
    """The checker has nothing to say, and the authority saw every chain without gap or repeat."""
    url = home.worker.settings.worker_database_url
    assert url is not None
    assert (await fsck.run(url, **more)).findings == []
    async with httpx.AsyncClient(trust_env=False) as client:
        chains = (await client.get(f"{sandbox.url}/admin/fatoora/chains")).json()
    assert all(each["whole"] for each in chains), chains


async def test_tills_go_on_while_it_is_away_and_the_nearest_deadline_goes_first_when_it_is_back(
    home: House, courier: HttpCourier, sandbox: Running, redis_url: str
) -> None:
    await saudi.enrolled(home, courier, sandbox)
    stop = asyncio.Event()
    settings = msgspec.structs.replace(home.worker.settings, redis_url=redis_url)
    posted = []
    async with away(sandbox):
        worker = asyncio.create_task(service.serve(settings, stop))
        try:
            for number in range(6):
                one = await home.post(saudi.invoice(f"TILL-{number}"))
                posted.append(one.invoice_id)
                answer = await showing.settled(home.app, home.caller, one.invoice_id, 5, one.at_once)
                till = json.loads(answer.body)
                assert till["qr"], till
                assert till["authority_status"] == "pending"
        finally:
            stop.set()
            await worker
    assert taken(sandbox) == []

    for number in (4, 1, 3):  # the later, the nearer its deadline
        await home.rows(LATER, posted[number], timedelta(hours=10 + number))
    await all_due(home, courier)
    await all_due(home, courier)

    assert taken(sandbox)[:3] == ["TILL-4", "TILL-3", "TILL-1"]
    assert len(taken(sandbox)) == 6
    assert {(await shown(home, each))["authority_status"] for each in posted} == {"reported"}


async def test_a_deadline_is_told_in_parts_and_what_is_late_is_still_reported(
    home: House, courier: HttpCourier, sandbox: Running
) -> None:
    await saudi.enrolled(home, courier, sandbox)
    async with away(sandbox):
        invoice = (await home.post(saudi.invoice("LATE"))).invoice_id
        await home.work(courier, invoice)
        for hours in (12.5, 7, 3.5, 2):
            await home.rows(LATER, invoice, timedelta(hours=hours))
            while await deadlines.tell(home.worker):
                pass

    row = await home.work(courier, invoice, times=3)

    assert [percent for _, percent in await told(home, invoice)] == [50, 80, 95, 100]
    assert (row["verdict"], taken(sandbox)) == ("reported", ["LATE"])
    assert (await shown(home, invoice))["deadline"]["state"] == "missed"


async def test_a_refused_credential_stops_its_unit_alone_and_nothing_is_lost_when_it_is_mended(
    home: House, courier: HttpCourier, sandbox: Running
) -> None:
    owner = await saudi.seller(home)
    first, _ = [await saudi.enrolled(home, courier, sandbox, owner, name=f"till-{n}") for n in range(2)]
    await once(sandbox, "answer:any-401", "A-0")

    held = [(await home.post(saudi.invoice(f"A-{n}", registration="till-0"))).invoice_id for n in range(3)]
    free = [(await home.post(saudi.invoice(f"B-{n}", registration="till-1"))).invoice_id for n in range(3)]
    for each in (*held, *free):
        await home.work(courier, each)
    assert (await saudi.row(home, first))["state"] == "paused"
    assert taken(sandbox) == ["B-0", "B-1", "B-2"]
    assert all([(await shown(home, each))["qr"] for each in held]), "a till waits for nobody"

    active = RegistrationChange(state="active")
    await registrations.change_registration(home.app, home.caller, first, active)
    await all_due(home, courier, rounds=2)

    assert sorted(taken(sandbox)) == ["A-0", "A-1", "A-2", "B-0", "B-1", "B-2"]
    await whole(home, sandbox)


async def test_a_stuck_document_never_blocks_its_unit(
    home: House, courier: HttpCourier, sandbox: Running
) -> None:
    await saudi.enrolled(home, courier, sandbox)
    await once(sandbox, "answer:reporting-400-null-messages", "STUCK", times=50)
    stuck = (await home.post(saudi.invoice("STUCK"))).invoice_id
    others = [(await home.post(saudi.invoice(f"C-{n}"))).invoice_id for n in range(4)]

    await home.work(courier, stuck)
    rows = [await home.work(courier, each) for each in others]
    stopped = await home.work(courier, stuck, times=3)

    assert [row["chain_no"] for row in rows] == [2, 3, 4, 5]
    assert [row["verdict"] for row in rows] == ["reported"] * 4
    assert (stopped["state"], stopped["chain_no"], stopped["dead_reason"]) == ("dead", 1, "needs_attention")
    assert (await shown(home, stuck))["qr"]


async def test_when_clearance_is_switched_off_the_same_bytes_are_reported(
    home: House, courier: HttpCourier, sandbox: Running
) -> None:
    await saudi.enrolled(home, courier, sandbox)
    await saudi.admin(sandbox, "fatoora/habits", clearance_off=["simulation"])
    invoice = (await home.post(saudi.invoice("SWITCHED", "b2b"))).invoice_id

    row = await home.work(courier, invoice)

    sent = [e for e in sandbox.point.journal.events if e.get("number") == "SWITCHED"]
    assert (row["verdict"], [event["event"] for event in sent]) == ("reported", ["turned_away", "processed"])
    assert len({event["document_sha256"] for event in sent}) == 1
    await whole(home, sandbox)


async def test_a_cleared_document_that_does_not_come_is_asked_for_once_and_missed_with_a_warning(
    home: House, courier: HttpCourier, sandbox: Running
) -> None:
    await saudi.enrolled(home, courier, sandbox)
    await once(sandbox, "answer:clearance-200-without-xml", "COMES", operation="submit")
    await once(sandbox, "answer:clearance-200-without-xml", "NEVER", times=9, operation="submit")
    came, missed = [
        (await home.post(saudi.invoice(number, "b2b"))).invoice_id for number in ("COMES", "NEVER")
    ]

    rows = [await home.work(courier, each) for each in (came, missed)]

    assert [row["verdict"] for row in rows] == ["cleared", "cleared"]
    kept = [json.loads(row["outcome_marks"])["cleared_document"] for row in rows]
    assert kept == ["kept", "unavailable"]
    for number in ("COMES", "NEVER"):
        events = [e for e in sandbox.point.journal.events if e.get("number") == number]
        assert [each["event"] for each in events] == ["processed", "duplicate"]
        assert len({each["document_sha256"] for each in events}) == 1
    query = "SELECT entry FROM compliance_log WHERE stream_id = $1 ORDER BY stream_seq"
    told = [json.loads((await home.rows(query, each))[-1]["entry"])["data"] for each in (came, missed)]
    assert [each["rules"] for each in told] == [[], ["authority/remarked"]]
    await whole(home, sandbox)
