"""The checker on an authority's chain: clean when all is well, and each wrong number or link is named."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from flows.house import House
from flows.test_fsck_tamper import UNGUARD, undone
from flows.test_unlike_authority import authority, courier, home, posted
from tallystick.flows import fsck
from tallystick.worker.courier import HttpCourier

__all__ = ["authority", "courier", "home"]

THIRD = "(SELECT id FROM submission WHERE chain_no = 3)"
CHANGES = [
    (f"UPDATE submission SET chain_no = 30 WHERE id = {THIRD}", "number 3 is missing or doubled before it"),
    (f"UPDATE submission SET chain_no = 2 WHERE id = {THIRD}", "number 3 is missing or doubled before it"),
    (
        f"UPDATE submission SET link = 'other' WHERE id = {THIRD}",
        "does not carry the link of the number before",
    ),
    (
        f"UPDATE submission SET prev_link = 'x' WHERE id = {THIRD}",
        "does not carry the link of the number before",
    ),
    ("UPDATE authority_chain SET next_no = 9", "it ends at 6, its next number is 9"),
    ("UPDATE authority_chain SET last_link = 'x'", "its last link is not that of its last document"),
    ("UPDATE authority_chain SET tenant_id = gen_random_uuid()", "it stands in another tenant's chain"),
    ("DELETE FROM authority_chain", "its chain is not there"),
    ("UPDATE submission SET chain_no = NULL, prev_link = NULL", "and has no document"),
]


@pytest.fixture
async def owner(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


async def test_a_chain_is_clean_and_what_is_wrong_in_it_is_named(
    home: House, courier: HttpCourier, owner: asyncpg.Connection
) -> None:
    invoices = [(await posted(home)).invoice_id for _ in range(6)]
    await asyncio.gather(*(home.work(courier, each) for each in invoices))
    url = home.worker.settings.worker_database_url
    assert url is not None
    assert (await fsck.run(url)).findings == []

    for row in await owner.fetch(UNGUARD):
        await owner.execute(row[0])
    unnamed = []
    for change, says in CHANGES:
        async with undone(owner, "submission", "authority_chain"):
            await owner.execute(change)
            report = await fsck.run(url)
        if not any(says in finding.what for finding in report.of("I5")):
            unnamed.append((change, report.findings[:3]))

    assert unnamed == []
    assert (await fsck.run(url)).findings == []
