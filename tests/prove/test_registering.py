"""Five hundred documents for a portal that answers badly, while everything is killed: one number each.

And a run whose protections are taken out must fail. PROVE_SEED=N repeats a run's timetable.
"""

import asyncio
import os
import random
import time
from pathlib import Path

import httpx
import pytest
from msgspec import structs

from prove.chaos import Run, chaos
from prove.field import Client, Field, field_of
from prove.portals import IRP, told
from prove.test_chaos import tell

SEED = int(os.environ.get("PROVE_SEED") or random.SystemRandom().randrange(1_000_000))
KILLS = {"worker": 14, "postgres": 1, "valkey": 1, "pause": 1, "api": 1}
WHOLE = Run(seed=SEED, invoices=500, seconds=45, kills=KILLS, workers=3, naps=0.02, patience=300, ground=IRP)
PART = structs.replace(WHOLE, invoices=60, seconds=8, kills={"worker": 2}, naps=0.0, patience=60)


@pytest.mark.timeout(900)
async def test_every_document_has_one_number_with_the_content_that_was_stored(tmp_path: Path) -> None:
    ended = await chaos(tmp_path, WHOLE)
    tell(WHOLE, ended)
    portal = told((tmp_path / "authority.jsonl").read_bytes())
    print(f"  logins {sum(portal.logins.values())}, refused {len(portal.refused)}")

    assert {kind: ended.happened[kind] for kind in KILLS} == KILLS
    for fault in ("process_then_drop", "answer:dupirn", "503", "after:504", "stall:1.6"):
        assert ended.faults[fault] >= 20, fault
    assert ended.faults["answer:revoked"] + ended.faults["answer:expired"] >= 10
    assert ended.drained is not None, "not everything came to its end"
    assert ended.posted == WHOLE.invoices == ended.report.counts["invoices"]
    assert set(ended.states) == {"done", "rejected"}
    assert ended.report.findings == []
    assert {irn: [digest] for irn, digest in ended.frozen.items()} == portal.registered
    assert len(portal.registered) == ended.states["done"]
    assert len(portal.refused) == ended.states["rejected"] >= 5
    assert ended.deaf == 0, "sent again although the refusal was on record"
    # who was killed with a refusal in hand has not heard it: it is asked about, and the document sent again
    assert all(again <= ended.unheard.get(number, 0) for number, again in portal.refused.items())
    assert portal.conflicts == 0


@pytest.mark.timeout(300)
@pytest.mark.parametrize("sabotage", ["frozen_content", "unasked"])
async def test_with_other_content_at_a_second_try_the_proof_fails(tmp_path: Path, sabotage: str) -> None:
    run = structs.replace(PART, sabotage=sabotage)
    ended = await chaos(tmp_path, run)
    tell(run, ended)
    portal = told((tmp_path / "authority.jsonl").read_bytes())

    what = {finding.what for finding in ended.report.findings}
    assert "the authority processed a document that no submission here stands for" in what
    assert ended.states["conflict"] >= 1
    assert {irn: [digest] for irn, digest in ended.frozen.items()} != portal.registered


async def _admin(here: Field, path: str, **said: float) -> None:
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        (await client.post(f"{here.sandbox_url}/admin/irp/{path}", json=said)).raise_for_status()


@pytest.mark.timeout(400)
async def test_thirty_workers_make_one_login_in_the_life_of_a_token(tmp_path: Path) -> None:
    lean = {"database_pool_size": 5, "worker_concurrency": 5}
    async with field_of(tmp_path, workers=0, ground=IRP) as here:
        await IRP.ready(here.settings, here.api_key)
        await _admin(here, "nic1/habits", life=30, renewal_window=12)
        for number in range(6):
            here.spawn(f"worker-{number}", **lean)
        client = Client(here=here, chance=random.Random(SEED), suffixes={})
        began = time.monotonic()
        await client.post(240, 75)
        assert await here.drained(120) is not None
        lasted = time.monotonic() - began
        await asyncio.sleep(0.5)
        report = await here.check()
    portal = told((tmp_path / "authority.jsonl").read_bytes())
    numbers = len(portal.registered)
    print(f"\n{lasted:.0f} s, 6 processes of 5 workers, {numbers} numbers, logins by token {portal.logins}")

    assert numbers == 240
    assert set(portal.logins.values()) == {1}, "a token was asked for twice"
    assert 3 <= len(portal.logins) <= 1 + lasted / (30 - 12)
    assert report.findings == []
