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
from prove.grounds import PEPPOL, Ground
from prove.sabotage import UNDONE
from prove.weather import timetable, weather
from tallystick.flows import fsck

CHAINS = """SELECT chain_id, min(chain_no), max(chain_no), count(DISTINCT chain_no) FROM submission
    WHERE chain_no IS NOT NULL GROUP BY chain_id"""
FROZEN = """SELECT i.authority_reference, encode(s.wire_sha256, 'hex') FROM invoice i
    JOIN submission s ON s.invoice_id = i.id AND s.kind = 'issue' WHERE s.state = 'done'"""
UNHEARD = """SELECT i.number, count(*) FROM attempt a JOIN submission s ON s.id = a.submission_id
    JOIN invoice i ON i.id = s.invoice_id
    WHERE s.kind = 'issue' AND a.kind = 'submit' AND a.http_status IS NULL
    GROUP BY i.number"""
DEAF = """WITH said AS (SELECT stream_id, stream_seq, convert_from(entry, 'UTF8')::jsonb ->> 'event' AS event
        FROM compliance_log WHERE stream_kind = 'invoice')
    SELECT count(*) FROM said refused JOIN said asked USING (stream_id)
    WHERE refused.event = 'authority.rejected' AND asked.event = 'authority.request'
      AND asked.stream_seq > refused.stream_seq"""

__all__ = ["Ended", "Run", "chaos"]


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
    ground: Ground = PEPPOL
    naps: float = 0.0
    patience: float = 120.0


class Ended(Struct, frozen=True, kw_only=True):
    """What became of it. `faults`: how often the sandbox misbehaved, by kind; `chains`: the first number, the
    last and how many, by chain; `whole`: whether the authority saw a chain without gap, repeat or wrong link,
    by unit; `frozen`: the hash of what was frozen, by the authority's reference, of what it took; `unheard`:
    how often a document was sent and no answer is on record, by number; `deaf`: requests after a refusal that
    was on record.
    """

    report: fsck.Report
    drained: float | None
    states: Mapping[str, int]
    happened: Mapping[str, int]
    faults: Mapping[str, int]
    late_answers: int
    posted: int
    retried: int
    chains: Mapping[str, tuple[int, int, int]]
    whole: Mapping[str, bool]
    frozen: Mapping[str, str]
    unheard: Mapping[str, int]
    deaf: int

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
            "chains": [list(each) for each in self.chains.values()],
            "whole": Counter(map(str, self.whole.values())),
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
    async with field_of(
        folder, workers=run.workers, sabotage=run.sabotage, naps=run.naps, ground=run.ground
    ) as here:
        if run.sabotage in UNDONE:
            await _undo(here.servers.database_url, UNDONE[run.sabotage])
        for fault, every, match in run.ground.orders:
            await here.fault(fault, every, **match)
        await here.fault("500", 7, operation="consumer")
        await here.fault("before:stall:1.0", 9, operation="consumer")
        client = Client(here=here, chance=random.Random(run.seed + 1), suffixes=run.ground.suffixes)
        await asyncio.gather(
            client.post(run.invoices, run.seconds * 0.9),
            weather(here, random.Random(run.seed + 2), plan),
        )
        if not run.ground.lasting:
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
            chains={row[0]: (row[1], row[2], row[3]) for row in await here.query(CHAINS)},
            whole=await run.ground.whole(here.sandbox_url),
            frozen={row[0]: row[1] for row in await here.query(FROZEN)},
            unheard={row[0]: row[1] for row in await here.query(UNHEARD)},
            deaf=(await here.query(DEAF))[0][0],
            posted=client.posted,
            retried=client.retried,
        )


async def _undo(url: str, change: str) -> None:
    """Take away what the database itself holds against the sabotage."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(change)
    finally:
        await connection.close()


async def timed(folder: Path, run: Run) -> tuple[Ended, float]:
    """The run and how long it took."""
    began = time.monotonic()
    ended = await chaos(folder, run)
    return ended, time.monotonic() - began
