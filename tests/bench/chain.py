"""How many documents a second one unit can issue: its chain is one row that is locked for each of them.

Everything is real: a unit that came to its credentials at the authority's stand-in, the chain locked, the
document built, stamped and verified, stored with its place and its entry, and committed to a database with
fsync. Beside it a document's whole life in one worker: built, sent to an authority that answers at once, the
answer stored, its state moved, each step a transaction of its own.
"""

import asyncio
import tempfile
import time
from pathlib import Path
from statistics import median
from uuid import UUID

from httpx import Request, Response
from msgspec import structs

from prove.field import field_of
from prove.grounds import FATOORA
from tallystick.flows import Caller, freezing, submit
from tallystick.flows.accept import accept
from tallystick.flows.gateway import Gateway, open_gateway
from tallystick.store import work
from tallystick.store.enrolled import enrolled

AT_LEAST = 150.0
DOCUMENTS = 600
AT_ONCE = 50
REPORTED = {
    "validationResults": {
        "infoMessages": [],
        "warningMessages": [],
        "errorMessages": [],
        "status": "PASS",
    },
    "reportingStatus": "REPORTED",
}


class Unit:
    """One unit at work: `gate` accepts, `worker` builds and sends."""

    def __init__(self, gate: Gateway, worker: Gateway, caller: Caller) -> None:
        self.gate, self.worker, self.caller = gate, worker, caller
        self.made = 0

    async def accepted(self, count: int) -> list[UUID]:
        """So many submissions of simplified documents, not yet built."""
        ids = []
        for _ in range(count):
            self.made += 1
            body = FATOORA.body(0, f"B-{self.made:06d}")  # always the same kind, of the same unit
            ids.append((await accept(self.gate, self.caller, body, idempotency_key=None)).invoice_id)
        query = "SELECT id FROM submission WHERE invoice_id = ANY($1)"
        return [row[0] for row in await self.worker.store.hot.fetch(query, ids)]

    async def built(self, submission: UUID) -> None:
        """Built and stored in its place."""
        async with self.worker.store.everyone() as db:
            seen = await work.glimpse(db, submission)
            assert seen is not None and seen.registration_id is not None
            row = await enrolled(db, seen.registration_id)
        prepared = freezing.wanted(self.worker, seen, row)
        assert prepared is not None
        assert await freezing.freeze(self.worker, prepared) == "ready"

    async def lived(self, submission: UUID) -> None:
        """From the queue to its end."""
        while await submit.run(self.worker, Prompt(), submission, "bench"):
            pass

    async def rate(self, whole: bool, at_once: int) -> tuple[float, float]:
        """Documents a second, so many of them wanted at any time; microseconds of this process for each."""
        submissions = await self.accepted(DOCUMENTS)
        waiting, step = list(submissions), self.lived if whole else self.built

        async def one() -> None:
            while waiting:
                await step(waiting.pop())

        began, worked = time.perf_counter(), time.process_time()
        await asyncio.gather(*(one() for _ in range(at_once)))
        rate = DOCUMENTS / (time.perf_counter() - began)
        work_each = (time.process_time() - worked) / DOCUMENTS * 1e6
        query = (
            "SELECT count(*) FROM submission WHERE id = ANY($1) AND chain_no > 0 AND (state = 'done') = $2"
        )
        assert await self.worker.store.hot.fetchval(query, submissions, whole) == DOCUMENTS
        return rate, work_each


class Prompt:
    """An authority that answers at once, with nothing on the way."""

    async def send(self, request: Request, seconds: float) -> Response:
        return Response(200, json=REPORTED)


async def measured(rounds: int) -> dict[str, list[tuple[float, float]]]:
    """Documents a second and processor time for each, by what was measured."""
    wanted = {"built, one at a time": (False, 1), "built, fifty at once": (False, AT_ONCE)}
    wanted["whole life, fifty at once"] = (True, AT_ONCE)
    found: dict[str, list[tuple[float, float]]] = {word: [] for word in wanted}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        async with field_of(Path(folder), workers=1, ground=FATOORA) as here:
            here.stop("worker-0")
            usual = structs.replace(
                here.settings, lease_seconds=60.0, http_timeout_seconds=30.0, database_pool_size=10
            )
            async with open_gateway(usual, "app") as gate, open_gateway(usual, "worker") as worker:
                tenant = await worker.store.hot.fetchval("SELECT id FROM tenant")
                caller = Caller(tenant_id=tenant, key_prefix="ts_test_00000000", scopes=frozenset({"admin"}))
                unit = Unit(gate, worker, caller)
                for submission in await unit.accepted(50):  # plans, caches
                    await unit.lived(submission)
                for _ in range(rounds):
                    for word, (whole, at_once) in wanted.items():
                        found[word].append(await unit.rate(whole, at_once))
            numbers = [row[0] for row in await here.query("SELECT chain_no FROM submission ORDER BY 1")]
            assert numbers == list(range(1, len(numbers) + 1))
    return found


def main(rounds: int) -> None:
    """Print the figures."""
    found = asyncio.run(measured(rounds))
    print(f"\nOne unit, one worker, {DOCUMENTS} simplified documents a round, medians of {rounds}")
    for word, pairs in found.items():
        rates, worked = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        target = f", at least {AT_LEAST:.0f}" if word.startswith("built") else ""
        spread = f"{median(rates):,.0f} ({min(rates):,.0f}–{max(rates):,.0f})"
        print(
            f"{word:28}{spread:>20} a second{target}; {median(worked):,.0f} us of the worker's processor each"
        )
