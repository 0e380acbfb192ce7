"""Somebody who owns the tables changes what acts left there: the checker names each change."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from flows.acting import Acting, acting_house, asked, fresh_key, played
from flows.house import House
from flows.test_acts import in_force
from flows.test_fsck_tamper import FILLED, FLIPS, UNGUARD, UNSEEN, columns_of, undone
from tallystick.flows import fsck
from tallystick.worker.courier import HttpCourier

ACT = "kind <> 'issue'"
ROWS = {  # which rows, and what a finding about one must hold
    "submission": (ACT, "id::text"),
    "attempt": (
        f"submission_id IN (SELECT id FROM submission WHERE {ACT})",
        "(SELECT s.invoice_id::text FROM submission s WHERE s.id = submission_id)",
    ),
}


@pytest.fixture
async def authority() -> AsyncIterator[tuple[Acting, str]]:
    async with played() as opened:
        yield opened


@pytest.fixture
async def home(
    tmp_path: Path, app_database_url: str, worker_database_url: str, authority: tuple[Acting, str]
) -> AsyncIterator[House]:
    async with acting_house(tmp_path, app_database_url, worker_database_url, authority[1]) as opened:
        async with HttpCourier(opened.worker.settings.access_point_hosts) as courier:
            await story(opened, courier, authority[0])
        yield opened


async def story(home: House, courier: HttpCourier, authority: Acting) -> None:
    """A cancellation that was asked about, a transport and its second, a refusal, one that waits."""
    first = await in_force(home, courier)
    authority.mishaps = ["drop"]
    await asked(home, first, key=fresh_key())
    await home.work(courier, first, times=2, kind="cancel")
    second = await in_force(home, courier)
    for vehicle in ("FJ 417", "FJ 418"):
        await asked(home, second, "transport", {"vehicle": vehicle})
        await home.work(courier, second, kind="transport")
    await asked(home, second)
    await home.work(courier, second, kind="cancel")
    await asked(home, await in_force(home, courier))


async def checked(home: House) -> fsck.Report:
    url = home.worker.settings.worker_database_url
    assert url is not None
    return await fsck.run(url)


@asynccontextmanager
async def cheating(database_url: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(database_url)
    try:
        for row in await connection.fetch(UNGUARD):
            await connection.execute(row[0])
        yield connection
    finally:
        await connection.close()


async def flipped(cheat: Any, table: str, column: str, kind: str, n: int) -> tuple[str, str]:
    """Change the least there is of this column in one row of an act; how a finding must name the row."""
    which, named = ROWS[table]
    filled = {"text": f" AND {column} <> ''", "bytea": f" AND length({column}) > 0"}.get(kind, "")
    query = f"SELECT ctid AS key, {named} AS named FROM {table} WHERE {which}"
    rows = await cheat.fetch(f"{query} AND {column} IS NOT NULL{filled} ORDER BY 2, 1")
    change = FLIPS[kind].format(c=column, n=n)
    if not rows:
        rows, change = await cheat.fetch(f"{query} ORDER BY 2, 1"), FILLED[kind]
    row = rows[n % len(rows)]
    await cheat.execute(f"UPDATE {table} SET {column} = {change} WHERE ctid = $1", row["key"])
    return row["named"], f"{table}.{column} of {row['named']}"


async def test_a_changed_byte_in_any_column_of_an_act_is_named(home: House, database_url: str) -> None:
    chance = random.Random(20261120)
    missed, misnamed = set(), []
    async with cheating(database_url) as cheat:
        assert (await checked(home)).findings == []
        for table in ROWS:
            for column, kind in await columns_of(cheat, table):
                for _ in range(4):
                    async with undone(cheat, table):
                        named, what = await flipped(cheat, table, column, kind, chance.randrange(10_000))
                        report = await checked(home)
                    told = [f"{finding.where} {finding.what}" for finding in report.findings]
                    if not told:
                        missed.add(f"{table}.{column}")
                    elif column not in {"invoice_id", "submission_id"} and not any(named in t for t in told):
                        misnamed.append((what, told[:3]))
        assert (await checked(home)).findings == []
    assert missed <= UNSEEN
    assert misnamed == []


CHANGES = [
    (f"DELETE FROM submission WHERE {ACT} AND state = 'queued'", "the log tells of it, its row is missing"),
    (f"UPDATE submission SET verdict = 'accepted' WHERE {ACT} AND verdict = 'cancelled'", "its verdict is"),
    ("UPDATE invoice SET authority_status = 'cleared' WHERE authority_status = 'cancelled'", "is cleared"),
    (f"UPDATE submission SET state = 'done' WHERE {ACT} AND state = 'rejected'", "with verdict rejected"),
    ("DELETE FROM object WHERE name = 'act.json'", "the body is missing"),
    (
        "UPDATE idempotency_key SET body = convert_to('{\"id\":\"x\"}', 'UTF8') WHERE path LIKE '%/acts/%'",
        "is not that of its invoice",
    ),
    (
        "UPDATE idempotency_key SET headers = '{\"etag\":\"00\"}' WHERE path LIKE '%/acts/%'",
        "does not name the entry of its act",
    ),
    (
        f"""INSERT INTO submission (id, invoice_id, tenant_id, kind, turn, strategy, authority, external_ref)
            SELECT gen_random_uuid(), invoice_id, tenant_id, kind, 9, strategy, authority, 'x'
            FROM submission WHERE {ACT} AND state = 'queued'""",
        "it was asked for 0 times",
    ),
]


async def test_what_is_missing_extra_or_out_of_place_about_acts_is_named(
    home: House, database_url: str
) -> None:
    wrong = []
    async with cheating(database_url) as cheat:
        for change, says in CHANGES:
            async with undone(cheat, "submission", "invoice", "object", "idempotency_key"):
                status = await cheat.execute(change)
                assert not status.endswith(" 0"), change
                report = await checked(home)
            if not any(says in finding.what for finding in report.findings):
                wrong.append((change, report.findings[:5]))
        assert (await checked(home)).findings == []
    assert wrong == []
