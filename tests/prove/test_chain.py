"""Three units, fifty documents at a time, everything killed: each chain is whole, each document taken once.

And with a chain's lock taken out the same run must fail. PROVE_SEED=N repeats a run's timetable.
"""

import os
import random
from pathlib import Path

import pytest
from msgspec import structs

from prove.chaos import Run, chaos
from prove.grounds import FATOORA, UNITS
from prove.test_chaos import tell

SEED = int(os.environ.get("PROVE_SEED") or random.SystemRandom().randrange(1_000_000))
KILLS = {"worker": 14, "postgres": 2, "valkey": 2, "pause": 1, "api": 1}
WHOLE = Run(
    seed=SEED, invoices=600, seconds=40, kills=KILLS, workers=3, naps=0.02, patience=300, ground=FATOORA
)
PART = structs.replace(WHOLE, invoices=120, seconds=10, kills={"worker": 3, "postgres": 1}, naps=0.0)


@pytest.mark.timeout(900)
async def test_every_chain_is_whole_and_every_document_was_taken_once(tmp_path: Path) -> None:
    ended = await chaos(tmp_path, WHOLE)
    tell(WHOLE, ended)

    assert {kind: ended.happened[kind] for kind in KILLS} == KILLS
    assert ended.faults["process_then_drop"] >= 40
    assert ended.drained is not None, "not everything came to its end"
    assert ended.posted == WHOLE.invoices == ended.report.counts["invoices"]
    assert set(ended.states) <= {"done", "rejected"}
    assert ended.report.findings == []
    assert sorted(ended.chains.values()) == [(1, 200, 200)] * len(UNITS)  # from 1 to 200, no gap, no repeat
    assert all(ended.whole.values()), ended.whole  # as the authority saw them
    assert len(ended.whole) == len(UNITS)


@pytest.mark.timeout(400)
async def test_without_the_lock_of_a_chain_the_proof_fails(tmp_path: Path) -> None:
    run = structs.replace(PART, sabotage="chain_lock")
    ended = await chaos(tmp_path, run)
    tell(run, ended)

    told = [finding.what for finding in ended.report.of("I5")]
    assert any("missing or doubled" in what for what in told)
    assert not all(ended.whole.values())
