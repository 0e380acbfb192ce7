"""One kill of each kind while forty invoices go through real processes. The long proof is `./dev prove`."""

import random
from pathlib import Path

import pytest

from prove.chaos import Run, chaos

KILLS = {"worker": 2, "valkey": 1, "postgres": 1, "api": 1}


@pytest.mark.timeout(240)
@pytest.mark.slow
async def test_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    run = Run(seed=random.SystemRandom().randrange(1_000_000), invoices=40, seconds=6, kills=KILLS)
    ended = await chaos(tmp_path, run)
    print(ended.line(run))

    assert {kind: ended.happened[kind] for kind in KILLS} == KILLS
    assert ended.faults["process_then_drop"] + ended.faults["drop"] + ended.faults["503"] >= 1
    assert ended.drained is not None, "not everything came to its end"
    assert ended.posted == run.invoices == ended.report.counts["invoices"]
    assert ended.report.findings == []
