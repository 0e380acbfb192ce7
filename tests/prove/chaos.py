"""One run of the chaos proof: invoices posted while everything is killed; what the checker says then."""

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import asyncpg
from msgspec import Struct

from prove.field import LATE, LEASE, STATES, Client, field_of
from prove.sabotage import UNDO_GUARDS
from prove.weather import timetable, weather
from tallystick.flows import fsck

__all__ = ["SUFFIXES", "Ended", "Run", "chaos"]

SUFFIXES = {
    "-X-drop": 0.08,
    "-X-503": 0.08,
    "-X-process_then_drop": 0.12,
    "-X-stall-1.6": 0.05,
    "-X-reject-BR-CO-15": 0.03,
}


class Run(Struct, frozen=True, kw_only=True):
    """What is asked of one run: `kills` says how often what is killed, `naps` how many answers are noticed
    only after their lease.
    """

    seed: int
    invoices: int
    seconds: float
    kills: Mapping[str, int]
    sabotage: str = "nothing"
    workers: int = 2
    naps: float = 0.0
    patience: float = 120.0


class Ended(Struct, frozen=True, kw_only=True):
    """What became of it. `faults`: how often the sandbox misbehaved, by kind."""

    report: fsck.Report
    drained: float | None
    states: Mapping[str, int]
    happened: Mapping[str, int]
    faults: Mapping[str, int]
    late_answers: int
    posted: int
    retried: int

    def line(self, run: Run) -> str:
        """The run as one line of JSON."""
        told = {
            "seed": run.seed,
            "sabotage": run.sabotage,
            "invoices": run.invoices,
            "posted": self.posted,
            "retried": self.retried,
            "happened": dict(self.happened),
            "faults": dict(self.faults),
            "late_answers": self.late_answers,
            "states": dict(self.states),
            "drained_seconds": None if self.drained is None else round(self.drained, 1),
            "checked": dict(self.report.counts),
            "findings": self.report.found,
            "by_invariant": Counter(finding.invariant for finding in self.report.findings),
        }
        return json.dumps(told)


async def chaos(folder: Path, run: Run) -> Ended:
    """Carry one run out."""
    chance = random.Random(run.seed)
    plan = timetable(chance, run.seconds, run.kills)
    async with field_of(folder, workers=run.workers, sabotage=run.sabotage, naps=run.naps) as here:
        if run.sabotage == "frozen_bytes":
            await _undo_guards(here.servers.database_url)
        await here.fault("503", 7, operation="status")
        await here.fault("500", 7, operation="consumer")
        await here.fault("before:stall:1.0", 9, operation="consumer")
        client = Client(here=here, chance=random.Random(run.seed + 1), suffixes=SUFFIXES)
        await asyncio.gather(
            client.post(run.invoices, run.seconds * 0.9),
            weather(here, random.Random(run.seed + 2), plan),
        )
        await here.calm()
        drained = await here.drained(run.patience)
        await asyncio.sleep(LEASE + 1.5 if run.naps else 0.5)  # whoever sleeps comes back with his answer
        report = await here.check()
        return Ended(
            report=report,
            drained=drained,
            states={row[0]: row[1] for row in await here.query(STATES)},
            happened=here.happened,
            faults=await here.calm(),
            late_answers=(await here.query(LATE))[0][0],
            posted=client.posted,
            retried=client.retried,
        )


async def _undo_guards(url: str) -> None:
    """Take the table's own guard away, which would refuse what the sabotage does."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(UNDO_GUARDS)
    finally:
        await connection.close()


async def timed(folder: Path, run: Run) -> tuple[Ended, float]:
    """The run and how long it took."""
    began = time.monotonic()
    ended = await chaos(folder, run)
    return ended, time.monotonic() - began
