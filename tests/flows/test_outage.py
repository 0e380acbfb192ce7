"""A POST is answered whatever is down beside the database, and everything completes once it is back."""

import asyncio
import json
import os
import random
import signal
from collections import defaultdict
from pathlib import Path

import pytest

from prove.field import STATES, Client, field_of

INVOICES = 12


@pytest.mark.timeout(240)
@pytest.mark.slow
async def test_post_answers_without_access_point_and_redis_and_all_completes_later(tmp_path: Path) -> None:
    async with field_of(tmp_path) as here:
        here.stop("sandbox")
        os.kill(here.servers.valkey_pid, signal.SIGKILL)
        client = Client(here=here, chance=random.Random(4), suffixes={"-X-process_then_drop": 0.5})

        await client.post(INVOICES, 1.0)
        assert (client.posted, client.retried) == (INVOICES, 0)
        await asyncio.sleep(1)
        waiting = {row[0]: row[1] for row in await here.query(STATES)}
        assert sum(waiting.values()) == INVOICES
        assert not {"done", "rejected", "dead"} & set(waiting)

        here.start("sandbox")
        await asyncio.to_thread(here.servers.restart_valkey)
        assert await here.drained(90) is not None
        report = await here.check()
        states = {row[0]: row[1] for row in await here.query(STATES)}

    assert states == {"done": INVOICES}
    assert report.findings == []
    contents = defaultdict(list)
    for line in (tmp_path / "authority.jsonl").read_text().splitlines():
        event = json.loads(line)
        if event["event"] in {"processed", "duplicate", "violation"}:
            contents[event["number"]].append(event["sha256"])
    assert len(contents) == INVOICES
    assert all(len(set(seen)) == 1 for seen in contents.values())
