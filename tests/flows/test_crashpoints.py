"""A process dies at a named point; whoever comes next finishes the work, and the checker finds nothing.

Every point that the code names is died at, so that a new one is tried without an edit here.
"""

import asyncio
import os
import random
import signal
from itertools import count
from pathlib import Path

import pytest

from prove.field import LEASE, STATES, Client, Field, alive, answering, field_of
from prove.grounds import FATOORA
from tallystick.flows.crashpoint import POINTS, arm

NUMBERS = count(1)
NUMBERED = "SELECT chain_no FROM submission WHERE chain_no IS NOT NULL ORDER BY chain_no"
# a chain, an onboarding and a poll need another authority: they die in tests of their own
ELSEWHERE = ("freeze.", "onboard.", "poll.")
HERE = [point for point in POINTS if not point.startswith(ELSEWHERE)]


async def posted(here: Field) -> None:
    """One more invoice, answered 201 in the end."""
    client = Client(here=here, chance=random.Random(0), suffixes={}, prefix=f"CP-{next(NUMBERS)}")
    await client.post(1, 0.01)


async def ended(pid: int, seconds: float) -> bool:
    """Whether the process ends in time."""
    for _ in range(int(seconds / 0.05)):
        if not alive(pid):
            return True
        await asyncio.sleep(0.05)
    return False


async def worker_dies(here: Field, point: str) -> bool:
    """Whether the only worker dies at this point over one more invoice."""
    if point.startswith("recover."):  # it needs somebody who was lost before it
        assert await worker_dies(here, "submit.claimed")
        await asyncio.sleep(LEASE)
    pid = here.spawn("worker-0", crashpoint=point)
    await posted(here)
    return await died(pid)


async def api_dies(here: Field, point: str) -> bool:
    """Whether the API dies at this point over one more invoice, whose client asks until it is answered."""
    here.stop("api")
    pid = here.spawn("api", crashpoint=point)
    await answering(f"http://127.0.0.1:{here.settings.port}/healthz")
    asking = asyncio.create_task(posted(here))
    there = await died(pid)
    here.start("api")
    await asking
    return there


async def died(pid: int) -> bool:
    """Whether the process dies by itself; it is gone in any case."""
    there = await ended(pid, 15)
    if not there:
        os.kill(pid, signal.SIGKILL)
    return there


@pytest.mark.timeout(300)
@pytest.mark.slow
async def test_whoever_dies_wherever_the_work_is_finished_once(tmp_path: Path) -> None:
    survivors = []
    async with field_of(tmp_path, workers=0) as here:
        for point in HERE:
            dies = api_dies if point.startswith("accept.") else worker_dies
            if not await dies(here, point):
                survivors.append(point)
        here.start("worker-0")
        assert await here.drained(60) is not None
        report = await here.check()
        states = {row[0]: row[1] for row in await here.query(STATES)}

    assert survivors == []
    assert states == {"done": len(HERE) + 2}  # a point of the reconciler needs one that was lost before
    assert report.findings == []


@pytest.mark.timeout(120)
@pytest.mark.slow
async def test_whoever_dies_over_a_chain_leaves_neither_a_gap_nor_half_a_document(tmp_path: Path) -> None:
    points = [point for point in POINTS if point.startswith("freeze.")]
    async with field_of(tmp_path, workers=0, ground=FATOORA) as here:
        here.start("worker-0")
        await FATOORA.ready(here.settings, here.api_key)
        here.stop("worker-0")
        survivors = [point for point in points if not await worker_dies(here, point)]
        numbers = [row[0] for row in await here.query(NUMBERED)]
        here.start("worker-0")
        assert await here.drained(60) is not None
        report = await here.check()
        ended = [row[0] for row in await here.query(NUMBERED)]

    assert survivors == []
    assert len(numbers) < len(ended)  # who died before the commit has left nothing
    assert ended == [1, 2, 3]
    assert report.findings == []


def test_a_point_that_no_code_passes_is_refused() -> None:
    with pytest.raises(ValueError, match="submit\\.nowhere"):
        arm("submit.nowhere")
