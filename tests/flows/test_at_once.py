"""Documents that are the buyer's as soon as they are built, and chains that are chosen when that happens."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from flows import tills
from flows.house import House
from flows.tills import Away, Prompt, receipt, shop
from tallystick import strategies
from tallystick.flows import freezing, fsck, picture, showing
from tallystick.flows.errors import NotFound, Unavailable
from tallystick.store.chains import begin_chain
from tallystick.worker import service

OPEN = """INSERT INTO breaker (authority, state, opened_at, probe_at)
    SELECT authority, 'open', clock_timestamp(), clock_timestamp() + interval '1 hour' FROM submission LIMIT 1
    RETURNING 1"""
CHAIN = """SELECT chain_id, chain_no, prev_link, link FROM submission WHERE chain_no IS NOT NULL
    ORDER BY chain_no"""


@pytest.fixture
async def home(tmp_path: Path, app_database_url: str, worker_database_url: str) -> AsyncIterator[House]:
    async with shop(tmp_path, app_database_url, worker_database_url) as opened:
        yield opened


async def clean(home: House) -> bool:
    url = home.worker.settings.worker_database_url
    assert url is not None
    report = await fsck.run(url)
    assert report.findings == []
    return True


async def shown(home: House, invoice: UUID) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((await showing.invoice(home.app, home.caller, invoice)).body)
    return found


async def told(home: House, invoice: UUID) -> list[str]:
    query = "SELECT type FROM webhook_event WHERE invoice_id = $1 ORDER BY seq"
    return [row["type"] for row in await home.rows(query, invoice)]


async def test_a_receipt_stands_before_the_authority_is_spoken_to(home: House) -> None:
    accepted = await home.post(receipt())

    row = await home.work(Away(), accepted.invoice_id)

    events = await home.events_of(accepted.invoice_id)
    assert accepted.at_once
    assert events[:3] == ["invoice.accepted", "document.built", "authority.request"]
    assert await told(home, accepted.invoice_id) == [
        "invoice.accepted",
        "invoice.built",
        "authority.outcome_unknown",
    ]
    assert (row["state"], row["chain_no"]) == ("unknown", 1)
    assert (await shown(home, accepted.invoice_id))["qr"].startswith("built C-")
    assert await clean(home)


async def test_what_must_be_cleared_first_is_not_told_to_be_built(home: House) -> None:
    accepted = await home.post(receipt(buyer_reference="A"))

    row = await home.work(Prompt(), accepted.invoice_id)

    assert not accepted.at_once
    assert await told(home, accepted.invoice_id) == ["invoice.accepted", "authority.cleared"]
    assert (row["state"], row["chain_no"]) == ("done", 1)
    assert await clean(home)


@pytest.mark.parametrize(
    "stop", [OPEN, "UPDATE registration SET state = 'paused', version = version + 1 RETURNING 1"]
)
async def test_a_receipt_is_built_while_its_authority_is_left_alone_and_nothing_else_is(
    home: House, stop: str
) -> None:
    first, second = await home.post(receipt()), await home.post(receipt(buyer_reference="A"))
    await home.rows(stop)

    rows = [await home.work(Prompt(), each.invoice_id) for each in (first, second)]

    assert [(row["state"], row["chain_no"]) for row in rows] == [("parked", 1), ("parked", None)]
    assert (await shown(home, first.invoice_id))["qr"]
    assert await told(home, first.invoice_id) == ["invoice.accepted", "invoice.built", "submission.parked"]
    assert await clean(home)


@pytest.mark.parametrize("state", ["draining", "new"])
async def test_nothing_is_built_while_credentials_change_hands_and_what_was_built_is_still_sent(
    home: House, state: str
) -> None:
    built, waits = await home.post(receipt()), await home.post(receipt())
    await home.work(Away(), built.invoice_id)
    await home.rows(f"UPDATE registration SET state = '{state}', version = version + 1 RETURNING 1")
    courier = Prompt()

    sent = await home.work(courier, built.invoice_id, times=2)
    held = await home.work(courier, waits.invoice_id)

    assert sent["state"] == ("done" if state == "draining" else "unknown")
    assert (held["state"], held["parked_reason"], held["wire_object"]) == ("parked", "onboarding", None)
    await home.rows("UPDATE registration SET state = 'active', version = version + 1 RETURNING 1")
    assert (await home.work(courier, waits.invoice_id))["state"] == "done"
    assert await clean(home)


async def test_what_cannot_be_built_uses_no_number_and_holds_up_nobody(home: House) -> None:
    broken = await home.post(receipt(invoice_number="C-1-BREAKS"))
    others = [(await home.post(receipt())).invoice_id for _ in range(20)]
    courier = Prompt()

    await asyncio.gather(
        *(home.work(courier, each) for each in (*others[:10], broken.invoice_id, *others[10:]))
    )

    rows = await home.rows(CHAIN)
    assert [row["chain_no"] for row in rows] == list(range(1, 21))
    assert [row["prev_link"] for row in rows] == ["", *(row["link"] for row in rows[:-1])]
    assert (await home.submission_of(broken.invoice_id))["state"] == "retry_wait"
    for _ in range(2):
        row = await home.work(courier, broken.invoice_id)
    assert (row["state"], row["dead_reason"]) == ("dead", "internal")
    assert await clean(home)


async def test_an_outage_of_the_store_is_no_failure_of_the_document(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    accepted = await home.post(receipt())

    async def refused(*_: Any) -> Any:
        raise ConnectionRefusedError

    with monkeypatch.context() as patched:
        patched.setattr(freezing, "begin_document", refused)
        for _ in range(4):
            with pytest.raises(Unavailable):
                await home.work(Prompt(), accepted.invoice_id)

    row = await home.work(Prompt(), accepted.invoice_id)
    assert (row["state"], row["crashes"], row["chain_no"]) == ("done", 0, 1)


async def test_the_chain_is_the_one_in_force_when_the_document_is_built(home: House) -> None:
    first, second, third = [await home.post(receipt()) for _ in range(3)]
    await home.work(Prompt(), first.invoice_id)
    await home.rows(
        """UPDATE registration SET settings = '{"unit": "till-2"}', version = version + 1 RETURNING 1"""
    )
    async with home.worker.store.everyone() as db:
        await begin_chain(db, home.caller.tenant_id, "clearing", "sandbox", "clearing/till-2", 41, "before")

    rows = [await home.work(Prompt(), each.invoice_id) for each in (second, third)]

    assert [row["chain_no"] for row in rows] == [42, 43]
    assert [row["prev_link"] for row in rows] == ["before", rows[0]["link"]]
    assert rows[0]["chain_id"].endswith("/clearing/sandbox/clearing/till-2")
    assert await clean(home)


async def test_two_tenants_with_devices_of_one_name_have_two_chains(
    home: House, tmp_path: Path, app_database_url: str, worker_database_url: str
) -> None:
    async with shop(tmp_path, app_database_url, worker_database_url) as other:
        rows = [
            await each.work(Prompt(), (await each.post(receipt())).invoice_id)
            for each in (home, other, home, other)
        ]
        assert await clean(other)

    assert [row["chain_no"] for row in rows] == [1, 1, 2, 2]


async def test_the_authoritys_code_is_the_one_to_print(home: House) -> None:
    accepted = await home.post(receipt(invoice_number="C-A-1"))
    courier = Prompt()

    await home.work(courier, accepted.invoice_id)

    (reference,) = courier.got
    assert (await shown(home, accepted.invoice_id))["qr"] == f"cleared {reference}"
    assert await picture.code_of(home.app, home.caller, accepted.invoice_id) == f"cleared {reference}"
    assert await clean(home)


async def test_there_is_no_code_before_there_is_a_document(home: House) -> None:
    accepted = await home.post(receipt())

    assert (await shown(home, accepted.invoice_id))["qr"] is None
    with pytest.raises(NotFound):
        await picture.code_of(home.app, home.caller, accepted.invoice_id)


async def test_a_till_waits_for_the_building_and_an_office_for_the_verdict(
    home: House, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = tills.registry()
    monkeypatch.setattr(strategies, "load", lambda: registry)
    stop = asyncio.Event()
    settings = msgspec.structs.replace(home.worker.settings, redis_url=redis_url)
    worker = asyncio.create_task(service.serve(settings, stop))
    try:
        at_till, in_office = await home.post(receipt()), await home.post(receipt(buyer_reference="A"))
        till, office = [
            json.loads((await showing.settled(home.app, home.caller, each.invoice_id, 3, each.at_once)).body)
            for each in (at_till, in_office)
        ]
    finally:
        stop.set()
        await worker

    assert till["qr"].startswith("built")
    assert till["processing_status"] != "completed"  # nobody answers there
    assert office["processing_status"] != "completed"
