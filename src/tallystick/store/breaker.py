"""The circuit breaker of an authority, shared by all workers: one row, changed under its lock."""

from datetime import datetime

from msgspec import Struct, structs
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

__all__ = ["Standing", "give_probe_back", "lock", "look", "resume_parked", "take_probe", "write"]

_COLUMNS = """state, opened_times, failures, successes, opened_at, probe_at, window_started_at, window_calls,
              window_failures, clock_timestamp() AS now"""


class Standing(Struct, frozen=True, kw_only=True):
    """An authority's health. `state`: closed (all may pass), open (nobody), half_open (one).

    `opened_times` counts how often in a row it opened, `failures` transport errors in a row,
    `successes` those of a half-open breaker; the window counts calls since its first failure.
    """

    state: str = "closed"
    opened_times: int = 0
    failures: int = 0
    successes: int = 0
    opened_at: datetime | None = None
    probe_at: datetime | None = None
    window_started_at: datetime | None = None
    window_calls: int = 0
    window_failures: int = 0
    now: datetime


async def look(db: AsyncConnection, authority: str) -> Standing | None:
    """The standing, without a lock; None for an authority that never failed."""
    query = f"SELECT {_COLUMNS} FROM breaker WHERE authority = :a"  # noqa: S608 - the columns are a constant
    row = (await db.execute(text(query), {"a": authority})).mappings().first()
    return None if row is None else Standing(**row)


async def lock(db: AsyncConnection, authority: str) -> Standing:
    """The standing under its row lock, made if missing."""
    await db.execute(
        text(
            """INSERT INTO breaker (authority, state, opened_times, failures, successes, window_calls,
                                    window_failures) VALUES (:a, 'closed', 0, 0, 0, 0, 0) ON CONFLICT DO
                                    NOTHING"""
        ),
        {"a": authority},
    )
    query = f"SELECT {_COLUMNS} FROM breaker WHERE authority = :a FOR UPDATE"  # noqa: S608
    return Standing(**(await db.execute(text(query), {"a": authority})).mappings().one())


async def write(db: AsyncConnection, authority: str, standing: Standing) -> None:
    """Store a standing computed under the lock."""
    values = structs.asdict(standing)
    del values["now"]
    await db.execute(
        text(
            """UPDATE breaker SET state = :state, opened_times = :opened_times, failures = :failures,
                 successes = :successes,
                 opened_at = :opened_at, probe_at = :probe_at, window_started_at = :window_started_at,
                 window_calls = :window_calls, window_failures = :window_failures WHERE authority =
                 :authority"""
        ),
        {**values, "authority": authority},
    )


async def take_probe(db: AsyncConnection, authority: str, lease: float) -> bool:
    """Become the one caller that may try a breaker which is not closed; false when another is."""
    result = await db.execute(
        text(
            """UPDATE breaker SET state = 'half_open',
                 probe_at = clock_timestamp() + make_interval(secs => :lease)
               WHERE authority = :a AND state IN ('open', 'half_open') AND probe_at <= clock_timestamp()"""
        ),
        {"a": authority, "lease": lease},
    )
    return result.rowcount == 1


async def give_probe_back(db: AsyncConnection, authority: str) -> None:
    """Let the next caller try: who took the probe asked nothing after all."""
    await db.execute(
        text(
            """UPDATE breaker SET probe_at = clock_timestamp()
               WHERE authority = :a AND state = 'half_open' AND probe_at > clock_timestamp()"""
        ),
        {"a": authority},
    )


async def resume_parked(db: AsyncConnection, authority: str, spread: float) -> int:
    """Make what the outage parked due again, spread over `spread` seconds. How many there were."""
    result = await db.execute(
        text(
            """UPDATE submission SET next_at = clock_timestamp() + random() * make_interval(secs => :spread)
               WHERE authority = :a AND state = 'parked' AND parked_reason IN ('breaker', 'outage')
                 AND next_at > clock_timestamp()"""
        ),
        {"a": authority, "spread": spread},
    )
    return result.rowcount
