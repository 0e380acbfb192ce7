"""The worker's SQL: what is due, who owns it, what was sent, what came back.

Ownership is a lease with a fencing token: every write after the claim says its token, and touches nothing
when another worker has taken over. Lock order, always: authority_chain, invoice, submission. Time is the
database's.
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

__all__ = [
    "Attempted",
    "Claimed",
    "Due",
    "Settled",
    "advance_chain",
    "begin_attempt",
    "claim",
    "due",
    "expire_leases",
    "finish_attempt",
    "freeze",
    "lock_chain",
    "renew",
    "settle",
]

_WAITING: Final = "('queued', 'retry_wait', 'unknown', 'pending', 'parked')"


class Due(Struct, frozen=True):
    """A submission whose time has come."""

    id: UUID
    tenant_id: UUID
    authority: str


class Claimed(Struct, frozen=True, kw_only=True):
    """A submission that is ours until `lease_until`, with all that its conversation needs.

    `state` is the one it was claimed from; `n` the number of the last attempt over all rounds.
    """

    id: UUID
    tenant_id: UUID
    invoice_id: UUID
    registration_id: UUID | None
    strategy: str
    authority: str
    state: str
    verdict: str | None
    chain_id: str | None
    wire_object: UUID | None
    wire_media_type: str | None
    marks: dict[str, str]
    link: str | None
    external_ref: str
    attempts: int
    round: int
    poll_count: int
    crashes: int
    token: int
    n: int
    payload_object: UUID
    chain_no: int | None
    prev_link: str | None
    parked_reason: str | None
    deadline_at: datetime | None
    created_at: datetime
    now: datetime


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


class Settled(Struct, frozen=True, kw_only=True):
    """Where a submission goes after a conversation. `delay` in seconds from the database's now, None:
    never.
    """

    state: str
    verdict: str | None = None
    attempts: int
    round: int
    poll_count: int
    crashes: int
    delay: float | None = None
    parked_reason: str | None = None
    dead_reason: str | None = None


async def due(db: AsyncConnection, limit: int, grace: float = 0.0) -> list[Due]:
    """Submissions due for at least `grace` seconds, nearest deadline first, tenants taking turns."""
    rows = await db.execute(
        text(
            f"""
            SELECT id, tenant_id, authority FROM (
              SELECT id, tenant_id, authority, deadline_at, next_at,
                     row_number() OVER (PARTITION BY tenant_id ORDER BY deadline_at NULLS LAST, next_at) AS
                     turn
              FROM (SELECT id, tenant_id, authority, deadline_at, next_at FROM submission
                    WHERE state IN {_WAITING} AND next_at <= clock_timestamp() - make_interval(secs => :grace)
                      AND (lease_until IS NULL OR lease_until < clock_timestamp())
                    ORDER BY next_at LIMIT 10 * :limit) AS waiting
            ) AS ranked ORDER BY turn, deadline_at NULLS LAST, next_at LIMIT :limit
            """  # noqa: S608 - the states are a constant
        ),
        {"limit": limit, "grace": grace},
    )
    return [Due(*row) for row in rows]


async def chain_of(db: AsyncConnection, submission: UUID) -> tuple[UUID, UUID, str | None] | None:
    """(tenant, invoice, chain) of a submission, read without a lock."""
    row = (
        await db.execute(
            text("SELECT tenant_id, invoice_id, chain_id FROM submission WHERE id = :id"), {"id": submission}
        )
    ).first()
    return None if row is None else (row[0], row[1], row[2])


async def claim(
    db: AsyncConnection, submission: UUID, invoice: UUID, owner: str, lease: float
) -> Claimed | None:
    """Take the submission for `lease` seconds, or None when it is not due or another's.

    Locks the invoice, then the submission. A claim that finds `in_flight` under a dead lease gets nothing:
    the reconciler says first what that means.
    """
    await db.execute(text("SELECT 1 FROM invoice WHERE id = :id FOR UPDATE"), {"id": invoice})
    row = (
        await db.execute(
            text(
                f"""
                WITH taken AS (
                  SELECT id, state AS was FROM submission
                  WHERE id = :id AND state IN {_WAITING} AND next_at <= clock_timestamp()
                    AND (lease_until IS NULL OR lease_until < clock_timestamp())
                  FOR UPDATE SKIP LOCKED)
                UPDATE submission s SET state = 'in_flight', token = s.token + 1, owner = :owner,
                       lease_until = clock_timestamp() + make_interval(secs => :lease),
                       updated_at = clock_timestamp()
                FROM taken, invoice i
                WHERE s.id = taken.id AND i.id = s.invoice_id
                RETURNING s.id, s.tenant_id, s.invoice_id, s.registration_id, i.strategy, s.authority,
                  taken.was AS state, s.verdict, s.chain_id, s.wire_object, s.wire_media_type, s.marks,
                  s.link, s.external_ref, s.attempts, s.round, s.poll_count, s.crashes, s.token,
                  (SELECT coalesce(max(n), 0) FROM attempt a WHERE a.submission_id = s.id) AS n,
                  i.payload_object, s.chain_no, s.prev_link, s.parked_reason, s.deadline_at, s.created_at,
                  clock_timestamp() AS now
                """  # noqa: S608 - the states are a constant
            ),
            {"id": submission, "owner": owner, "lease": lease},
        )
    ).first()
    return None if row is None else Claimed(**{**row._mapping, "marks": row.marks or {}})


async def renew(db: AsyncConnection, submission: UUID, token: int, lease: float) -> bool:
    """Extend our lease; False when another has taken over."""
    result = await db.execute(
        text(
            """UPDATE submission SET lease_until = clock_timestamp() + make_interval(secs => :lease)
               WHERE id = :id AND token = :token AND state = 'in_flight'"""
        ),
        {"id": submission, "token": token, "lease": lease},
    )
    return result.rowcount == 1


async def lock_chain(db: AsyncConnection, chain: str, tenant: UUID) -> tuple[int, str]:
    """The chain's next number and last link, under its row lock until the transaction ends."""
    await db.execute(
        text(
            """INSERT INTO authority_chain (id, tenant_id, next_no, last_link, version)
               VALUES (:id, :tenant, 1, '', 1) ON CONFLICT DO NOTHING"""
        ),
        {"id": chain, "tenant": tenant},
    )
    row = (
        await db.execute(
            text(
                "SELECT next_no, last_link FROM authority_chain WHERE id = :id AND tenant_id = :t FOR UPDATE"
            ),
            {"id": chain, "t": tenant},
        )
    ).one()
    return row[0], row[1]


async def advance_chain(db: AsyncConnection, chain: str, number: int, link: str) -> None:
    """`number` is used up, `link` is what the next document carries."""
    await db.execute(
        text(
            """UPDATE authority_chain SET next_no = :no + 1, last_link = :link, version = version + 1
               WHERE id = :id AND next_no = :no"""
        ),
        {"id": chain, "no": number, "link": link},
    )


async def freeze(db: AsyncConnection, submission: UUID, token: int, wire: dict[str, Any]) -> None:
    """Store what will be sent, once: wire_object, wire_sha256, wire_media_type, marks (JSON text), link,
    chain_no, prev_link. The table refuses a second time.
    """
    await db.execute(
        text(
            """UPDATE submission SET wire_object = :wire_object, wire_sha256 = :wire_sha256,
                 wire_media_type = :wire_media_type, marks = CAST(:marks AS jsonb), link = :link,
                 chain_no = :chain_no, prev_link = :prev_link
               WHERE id = :id AND token = :token"""
        ),
        {**wire, "id": submission, "token": token},
    )


async def begin_attempt(db: AsyncConnection, attempt: Attempted) -> None:
    """Write the intent. Committed before a byte is sent."""
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


async def settle(db: AsyncConnection, submission: UUID, token: int, to: Settled) -> bool:
    """Let go of the submission in its new state; False (and nothing written) when the token is not ours."""
    result = await db.execute(
        text(
            """UPDATE submission SET state = :state, verdict = coalesce(:verdict, verdict), attempts =
            :attempts,
                 round = :round, poll_count = :poll_count, crashes = :crashes, parked_reason = :parked_reason,
                 dead_reason = :dead_reason, lease_until = NULL, owner = NULL, updated_at = clock_timestamp(),
                 next_at = CASE WHEN CAST(:delay AS float8) IS NULL THEN NULL
                           ELSE clock_timestamp() + make_interval(secs => CAST(:delay AS float8)) END
               WHERE id = :id AND token = :token AND state = 'in_flight'"""
        ),
        {**{name: getattr(to, name) for name in to.__struct_fields__}, "id": submission, "token": token},
    )
    return result.rowcount == 1


async def expire_leases(db: AsyncConnection, limit: int) -> list[tuple[UUID, UUID, UUID, int]]:
    """Submissions in flight whose owner is gone: (submission, tenant, invoice, token), nothing changed
    yet.
    """
    rows = await db.execute(
        text(
            """SELECT id, tenant_id, invoice_id, token FROM submission
               WHERE state = 'in_flight' AND lease_until < clock_timestamp() ORDER BY lease_until LIMIT :limit"""
        ),
        {"limit": limit},
    )
    return [(r[0], r[1], r[2], r[3]) for r in rows]
