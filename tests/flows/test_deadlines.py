"""Legal deadlines: told in time, each part once, whatever holds a document up; what is late is still sent."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from flows.house import House
from flows.tills import Away, Prompt, receipt, shop
from tallystick.flows import deadlines, fsck, recover, showing

LATER = """UPDATE submission SET created_at = created_at - CAST($2 AS interval),
    deadline_at = deadline_at - CAST($2 AS interval), alarm_at = alarm_at - CAST($2 AS interval)
    WHERE invoice_id = $1 RETURNING 1"""
PAUSED = "UPDATE registration SET state = 'paused', version = version + 1 RETURNING 1"


@pytest.fixture
async def home(tmp_path: Path, app_database_url: str, worker_database_url: str) -> AsyncIterator[House]:
    async with shop(tmp_path, app_database_url, worker_database_url) as opened:
        yield opened


async def pass_time(home: House, invoice: UUID, hours: float) -> None:
    """As if it had been accepted that much earlier, and its deadline with it (24 hours after)."""
    await home.rows(LATER, invoice, timedelta(hours=hours))


async def told(home: House, invoice: UUID) -> list[tuple[str, int]]:
    query = """SELECT type, body FROM webhook_event WHERE invoice_id = $1 AND type LIKE 'deadline.%'
               ORDER BY seq"""
    rows = await home.rows(query, invoice)
    return [(row["type"], json.loads(row["body"])["data"]["deadline"]["percent"]) for row in rows]


async def state(home: House, invoice: UUID) -> Any:
    shown = json.loads((await showing.invoice(home.app, home.caller, invoice)).body)
    return shown["deadline"]["state"]


async def tell(home: House) -> None:
    while await deadlines.tell(home.worker):
        pass


async def findings(home: House, patience: float = 300.0) -> list[str]:
    """What the checker says; the log's own deadline is a day later here, for time was turned back."""
    url = home.worker.settings.worker_database_url
    assert url is not None
    report = await fsck.run(url, patience=patience)
    turned = ("deadline is not what the log says", "created_at")
    return [each.what for each in report.findings if not each.what.startswith(turned)]


async def test_each_part_of_the_time_is_told_once_and_in_order(home: House) -> None:
    invoice = (await home.post(receipt())).invoice_id
    await home.work(Away(), invoice)
    seen = []
    for hours in (11, 1, 7.1, 0.2, 4, 48):
        await pass_time(home, invoice, hours)
        await tell(home)
        await tell(home)
        seen.append((len(await told(home, invoice)), await state(home, invoice)))

    assert seen == [
        (0, "running"),
        (1, "approaching"),
        (1, "approaching"),
        (2, "approaching"),
        (3, "approaching"),
        (4, "missed"),
    ]
    parts = [*(("deadline.approaching", part) for part in (50, 80, 95)), ("deadline.missed", 100)]
    assert await told(home, invoice) == parts
    row = await home.work(Prompt(), invoice, times=2)
    assert row["state"] == "done"  # what is late is still sent
    assert await state(home, invoice) == "missed"


async def test_alarms_go_on_while_the_registration_is_paused(home: House) -> None:
    invoice = (await home.post(receipt())).invoice_id
    await home.rows(PAUSED)
    assert (await home.work(Prompt(), invoice))["state"] == "parked"

    await pass_time(home, invoice, 25)
    await tell(home)

    assert [part for _, part in await told(home, invoice)] == [50, 80, 95, 100]
    shown = json.loads((await showing.invoice(home.app, home.caller, invoice)).body)
    assert shown["processing_status"] == "held"
    assert await findings(home) == []


async def test_what_the_authority_has_in_time_makes_no_noise(home: House) -> None:
    invoice = (await home.post(receipt())).invoice_id
    await home.work(Prompt(), invoice)

    await pass_time(home, invoice, 25)
    await tell(home)

    assert await told(home, invoice) == []
    assert await state(home, invoice) == "met"


async def test_who_is_late_while_nobody_told_it_is_told_before_the_verdict(home: House) -> None:
    invoice = (await home.post(receipt())).invoice_id
    await pass_time(home, invoice, 25)

    row = await home.work(Prompt(), invoice)

    assert row["state"] == "done"
    assert await told(home, invoice) == [("deadline.missed", 100)]
    assert (await home.events_of(invoice))[-2:] == ["deadline.missed", "authority.cleared"]
    await tell(home)
    assert await told(home, invoice) == [("deadline.missed", 100)]
    assert await findings(home) == []


async def test_the_checker_names_an_alarm_that_was_not_raised(home: House) -> None:
    invoice = (await home.post(receipt())).invoice_id
    await pass_time(home, invoice, 13)

    assert "50 percent of its time are over, and nobody was told" in await findings(home)
    await tell(home)
    assert await findings(home, patience=20_000.0) == []


async def test_the_nearest_deadline_goes_first_and_nobody_waits_for_ever(home: House) -> None:
    late, soon, old = [(await home.post(receipt())).invoice_id for _ in range(3)]
    await pass_time(home, soon, 20)
    await home.rows(
        """UPDATE submission SET deadline_at = NULL, next_at = clock_timestamp() - interval '10 hours'
           WHERE invoice_id = $1 RETURNING 1""",
        old,
    )

    order = [str(each) for each in await recover.due(home.worker, 10)]

    rows = {
        str((await home.submission_of(each))["id"]): name
        for name, each in {"late": late, "soon": soon, "old": old}.items()
    }
    assert [rows[each] for each in order] == ["old", "soon", "late"]
