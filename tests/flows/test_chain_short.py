"""A few kills while sixty documents of three units go through real processes: each chain is whole.

The long proof, and the one that takes the chain's lock out, are `./dev prove`.
"""

import random
from pathlib import Path

import pytest

from prove.chaos import Run, chaos
from prove.grounds import FATOORA, UNITS

KILLS = {"worker": 2, "postgres": 1}


@pytest.mark.timeout(240)
@pytest.mark.slow
async def test_kills_leave_no_gap_in_a_chain_and_nothing_unsent(tmp_path: Path) -> None:
    run = Run(
        seed=random.SystemRandom().randrange(1_000_000), invoices=60, seconds=6, kills=KILLS, ground=FATOORA
    )
    ended = await chaos(tmp_path, run)
    print(ended.line(run))

    assert {kind: ended.happened[kind] for kind in KILLS} == KILLS
    assert ended.drained is not None, "not everything came to its end"
    assert ended.posted == run.invoices == ended.report.counts["invoices"]
    assert sorted(ended.chains.values()) == [(1, 20, 20)] * len(UNITS)
    assert len(ended.whole) == len(UNITS)
    assert all(ended.whole.values()), ended.whole
    assert ended.report.findings == []
