"""Attempts: the intent before a byte is sent, the answer after."""

from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

__all__ = ["Attempted", "begin_attempt", "finish_attempt", "unfinished"]


class Attempted(Struct, frozen=True, kw_only=True):
    """An attempt as it is written before the socket opens."""

    submission_id: UUID
    n: int
    tenant_id: UUID
    token: int
    kind: str
    method: str
    endpoint: str
    request_object: UUID | None
    seconds: float


async def begin_attempt(db: AsyncConnection, attempt: Attempted) -> None:
    """Write the intent. Committed before a byte is sent."""
    if attempt.kind == "submit":
        await db.execute(
            text(
                """UPDATE submission SET first_sent_at = clock_timestamp()
                   WHERE id = :id AND first_sent_at IS NULL"""
            ),
            {"id": attempt.submission_id},
        )
    await db.execute(
        text(
            """INSERT INTO attempt (submission_id, n, tenant_id, token, kind, started_at, deadline, method,
                                    endpoint, request_object)
               VALUES (:submission_id, :n, :tenant_id, :token, :kind, clock_timestamp(),
                       clock_timestamp() + make_interval(secs => :seconds), :method, :endpoint,
                       :request_object)"""
        ),
        {name: getattr(attempt, name) for name in attempt.__struct_fields__},
    )


async def finish_attempt(db: AsyncConnection, submission: UUID, n: int, answer: dict[str, Any]) -> None:
    """Write what came of it: http_status, outcome, response_object, duration_ms, error."""
    await db.execute(
        text(
            """UPDATE attempt SET http_status = :http_status, outcome = :outcome,
                 response_object = :response_object, duration_ms = :duration_ms, error = :error,
                 finished_at = clock_timestamp()
               WHERE submission_id = :id AND n = :n AND finished_at IS NULL"""
        ),
        {**answer, "id": submission, "n": n},
    )


async def unfinished(db: AsyncConnection, submission: UUID, token: int) -> tuple[int, str] | None:
    """(number, kind) of the attempt that this owner began and never finished."""
    row = (
        await db.execute(
            text(
                """SELECT n, kind FROM attempt WHERE submission_id = :id AND token = :token
                   AND finished_at IS NULL ORDER BY n DESC LIMIT 1"""
            ),
            {"id": submission, "token": token},
        )
    ).first()
    return None if row is None else (row[0], row[1])
