"""Everything is killed at random while invoices go through: nothing is lost, doubled or broken.

And the proof is worth something: with one protection taken out, the same run must fail. The seed is printed;
PROVE_SEED=N repeats a run's timetable.
"""

import os
import random
from pathlib import Path

import pytest
from msgspec import structs

from prove.chaos import Ended, Run, chaos

SEED = int(os.environ.get("PROVE_SEED") or random.SystemRandom().randrange(1_000_000))
KILLS = {"worker": 14, "valkey": 3, "postgres": 2, "pause": 2, "api": 1}
WHOLE = Run(seed=SEED, invoices=300, seconds=25, kills=KILLS, workers=3, naps=0.03)
PART = Run(
    seed=SEED,
    invoices=120,
    seconds=12,
    kills={"worker": 3, "valkey": 1, "postgres": 1, "pause": 1},
    naps=0.3,
    patience=12,
)


def tell(run: Run, ended: Ended) -> None:
    """The run's line, and the first findings."""
    print(f"\n{ended.line(run)}")
    for finding in ended.report.findings[:5]:
        print(f"  {finding.invariant} {finding.where}: {finding.what}")


@pytest.mark.timeout(400)
async def test_nothing_is_lost_doubled_or_broken(tmp_path: Path) -> None:
    ended = await chaos(tmp_path, WHOLE)
    tell(WHOLE, ended)

    assert {kind: ended.happened[kind] for kind in KILLS} == KILLS
    assert ended.faults["process_then_drop"] >= 20
    assert min(ended.faults[kind] for kind in ("drop", "503")) >= 10
    assert ended.faults["stall:1.6"] >= 4
    assert ended.faults["500"] >= 15  # a subscriber's
    assert ended.late_answers >= 1  # somebody was overtaken, and his answer kept
    assert ended.drained is not None, "not everything came to its end"
    assert ended.posted == WHOLE.invoices == ended.report.counts["invoices"]
    assert set(ended.states) <= {"done", "rejected"}
    assert ended.report.findings == []


@pytest.mark.timeout(300)
async def test_the_smaller_run_with_everything_in_place_finds_nothing(tmp_path: Path) -> None:
    run = structs.replace(PART, patience=120)
    ended = await chaos(tmp_path, run)
    tell(run, ended)

    assert ended.drained is not None
    assert ended.late_answers >= 1
    assert ended.report.findings == []


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("sabotage", "invariant", "says"),
    [
        ("fencing", "I6", "by one who was overtaken"),
        ("frozen_bytes", "I3", "no submission here stands for"),
        ("reconciler", "I2", "nobody took it"),
        ("webhook_order", "I9", "after delivery"),
    ],
)
async def test_without_one_protection_the_proof_fails(
    tmp_path: Path, sabotage: str, invariant: str, says: str
) -> None:
    run = structs.replace(PART, sabotage=sabotage)
    ended = await chaos(tmp_path, run)
    tell(run, ended)

    assert any(says in finding.what for finding in ended.report.of(invariant))
