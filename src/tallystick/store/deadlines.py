"""The SQL of deadlines: whose next alarm has come, and what was told.

`alarm_at` is when half, four fifths, nineteen twentieths and the whole of the time from acceptance to the
deadline are over, one after the other; it is empty once the last was told or there is nothing left to tell.
Lock order as everywhere: invoice, then submission.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

__all__ = ["PARTS", "Alarm", "hold", "hush", "ringing", "set_told"]

PARTS: Final = (50, 80, 95, 100)  # percent


class Alarm(Struct, frozen=True, kw_only=True):
    """A submission under lock, and its deadline. `told`: the last part that was told, in percent; `passed`:
    whether the next alarm's time has come.
    """

    id: UUID
    tenant_id: UUID
    invoice_id: UUID
    number: str
    mode: str
    authority: str
    state: str
    token: int
    created_at: datetime
    deadline_at: datetime
    told: int
    passed: bool
    over: bool


async def ringing(db: AsyncConnection, limit: int) -> list[tuple[UUID, UUID]]:
    """(submission, invoice) of those whose alarm has come, the longest past first; nothing is locked."""
    rows = await db.execute(
        text(
            """SELECT id, invoice_id FROM submission WHERE alarm_at <= clock_timestamp()
               ORDER BY alarm_at LIMIT :limit"""
        ),
        {"limit": limit},
    )
    return [(row[0], row[1]) for row in rows]


async def hold(db: AsyncConnection, submission: UUID, invoice: UUID) -> Alarm | None:
    """The submission's alarm, invoice and submission locked; None for one without a deadline."""
    await db.execute(text("SELECT 1 FROM invoice WHERE id = :id FOR UPDATE"), {"id": invoice})
    row = await db.execute(
        text(
            """SELECT s.id, s.tenant_id, s.invoice_id, i.number, i.mode, s.authority, s.state, s.token,
                 s.created_at, s.deadline_at, s.deadline_told AS told,
                 coalesce(s.alarm_at <= clock_timestamp(), false) AS passed,
                 s.deadline_at <= clock_timestamp() AS over
               FROM submission s JOIN invoice i ON i.id = s.invoice_id
               WHERE s.id = :id AND s.deadline_at IS NOT NULL FOR UPDATE OF s"""
        ),
        {"id": submission},
    )
    found = row.mappings().first()
    return None if found is None else Alarm(**found)


async def set_told(db: AsyncConnection, submission: UUID, percent: int) -> None:
    """This much was told; the next alarm is set, if there is one."""
    after = [part for part in PARTS if part > percent]
    await db.execute(
        text(
            """UPDATE submission SET deadline_told = :percent, alarm_at = CASE
                 WHEN CAST(:next AS integer) IS NULL THEN NULL
                 ELSE part_of_time(created_at, deadline_at, CAST(:next AS integer)) END
               WHERE id = :id AND deadline_told < :percent"""
        ),
        {"id": submission, "percent": percent, "next": after[0] if after else None},
    )


async def hush(db: AsyncConnection, submission: UUID) -> None:
    """There is nothing left to tell."""
    await db.execute(text("UPDATE submission SET alarm_at = NULL WHERE id = :id"), {"id": submission})
