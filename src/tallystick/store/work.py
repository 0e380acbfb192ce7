"""The worker's SQL: what is due, who owns it, what was sent, what came back.

Ownership is a lease with a fencing token: every write after the claim says its token, and touches nothing
when another worker has taken over. Lock order, always: registration, authority_chain, invoice, submission.
Time is the database's.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

__all__ = [
    "Claimed",
    "Due",
    "Glimpse",
    "Settled",
    "claim",
    "due",
    "expired",
    "freeze",
    "glimpse",
    "note_marks",
    "postpone",
    "renew",
    "seize",
    "settle",
    "unbuilt",
]

_PRESSING: Final = 1000  # of those that wait, how many with the nearest deadlines are looked at
_WAITING: Final = "('queued', 'retry_wait', 'unknown', 'pending', 'parked')"


class Due(Struct, frozen=True):
    """A submission whose time has come."""

    id: UUID
    tenant_id: UUID
    authority: str


class Claimed(Struct, frozen=True, kw_only=True):
    """A submission that is ours until its lease ends.

    `state` is the one it was claimed from; `n` the number of the last attempt over all rounds; `frozen` says
    that its bytes are stored, `sent` that an attempt may have carried them. `answered` is how many attempts
    got an answer about the document itself: not that the authority was out of order or busy.
    """

    id: UUID
    tenant_id: UUID
    invoice_id: UUID
    state: str
    verdict: str | None
    attempts: int
    round: int
    poll_count: int
    crashes: int
    token: int
    parked_reason: str | None
    deadline_at: datetime | None
    created_at: datetime
    frozen: bool
    sent: bool
    n: int
    answered: int
    now: datetime


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
    """Submissions due for at least `grace` seconds, nearest deadline first, tenants taking turns.

    One without a deadline counts as if it had to be through an hour after its time, so that neither kind ever
    waits for the other to run dry.
    """
    ready = f"""state IN {_WAITING} AND next_at <= clock_timestamp() - make_interval(secs => :grace)
                AND (lease_until IS NULL OR lease_until < clock_timestamp())"""
    rows = await db.execute(
        text(
            f"""
            WITH pressing AS (
              SELECT id FROM (SELECT id, state, next_at, lease_until FROM submission
                WHERE deadline_at IS NOT NULL AND state IN {_WAITING} ORDER BY deadline_at LIMIT {_PRESSING})
                AS nearest WHERE {ready}),
            longest AS (SELECT id FROM submission WHERE {ready} ORDER BY next_at LIMIT 10 * :limit)
            SELECT id, tenant_id, authority FROM (
              SELECT id, tenant_id, authority, wanted, next_at,
                     row_number() OVER (PARTITION BY tenant_id ORDER BY wanted, next_at) AS turn
              FROM (SELECT id, tenant_id, authority, next_at,
                           coalesce(deadline_at, next_at + interval '1 hour') AS wanted
                    FROM submission WHERE id IN (SELECT id FROM pressing UNION SELECT id FROM longest))
                AS waiting
            ) AS ranked ORDER BY turn, wanted, next_at LIMIT :limit
            """  # noqa: S608 - states and number are constants
        ),
        {"limit": limit, "grace": grace},
    )
    return [Due(*row) for row in rows]


async def unbuilt(db: AsyncConnection, strategies: Sequence[str], limit: int) -> list[UUID]:
    """Submissions of these strategies that were never taken up and have no document yet, nearest deadline
    first.
    """
    rows = await db.execute(
        text(
            """SELECT id FROM submission WHERE state = 'queued' AND wire_object IS NULL AND kind = 'issue'
                 AND strategy = ANY(:strategies) AND next_at <= clock_timestamp()
               ORDER BY deadline_at NULLS LAST, next_at LIMIT :limit"""
        ),
        {"strategies": list(strategies), "limit": limit},
    )
    return [row[0] for row in rows]


class Glimpse(Struct, frozen=True, kw_only=True):
    """A submission read without a lock: what never changes, and whether its bytes are frozen.

    `kind` is `issue` or an act's name, `request` what an act was asked with (JSON).
    """

    id: UUID
    tenant_id: UUID
    invoice_id: UUID
    kind: str = "issue"
    request: bytes | None = None
    strategy: str
    authority: str
    registration_id: UUID | None
    external_ref: str
    state: str
    wire_object: UUID | None
    wire_media_type: str | None
    marks: str
    link: str
    chain_id: str | None
    chain_no: int | None
    prev_link: str | None
    number: str
    mode: str
    payload: bytes
    wire: bytes | None
    now: datetime


async def glimpse(db: AsyncConnection, submission: UUID) -> Glimpse | None:
    """The submission with the invoice's canonical JSON and, when frozen, the wire bytes; no lock is taken."""
    row = (
        (
            await db.execute(
                text(
                    """SELECT s.id, s.tenant_id, s.invoice_id, s.kind, r.body AS request, s.strategy,
                     s.authority, s.registration_id,
                     s.external_ref, s.state, s.wire_object, s.wire_media_type,
                     CAST(s.marks AS text) AS marks,
                     s.link, s.chain_id, s.chain_no, s.prev_link, i.number, i.mode, p.body AS payload,
                     w.body AS wire, clock_timestamp() AS now
                   FROM submission s JOIN invoice i ON i.id = s.invoice_id
                   JOIN object p ON p.id = i.payload_object LEFT JOIN object w ON w.id = s.wire_object
                   LEFT JOIN object r ON r.id = s.request_object
                   WHERE s.id = :id"""
                ),
                {"id": submission},
            )
        )
        .mappings()
        .first()
    )
    return None if row is None else Glimpse(**row)


async def claim(
    db: AsyncConnection, submission: UUID, invoice: UUID, owner: str, lease: float
) -> Claimed | None:
    """Take the submission for `lease` seconds, or None when it is not due or another's.

    Locks the invoice, then the submission. A claim that finds `in_flight` under a dead lease gets nothing:
    the reconciler says first what that means.
    """
    await db.execute(text("SELECT 1 FROM invoice WHERE id = :id FOR UPDATE"), {"id": invoice})
    row = (
        (
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
                FROM taken WHERE s.id = taken.id
                RETURNING s.id, s.tenant_id, s.invoice_id, taken.was AS state, s.verdict, s.attempts, s.round,
                  s.poll_count, s.crashes, s.token, s.parked_reason, s.deadline_at, s.created_at,
                  s.wire_object IS NOT NULL AS frozen, s.first_sent_at IS NOT NULL AS sent,
                  (SELECT coalesce(max(n), 0) FROM attempt a WHERE a.submission_id = s.id) AS n,
                  (SELECT count(*) FROM attempt a WHERE a.submission_id = s.id
                     AND a.http_status < 500 AND a.http_status <> 429) AS answered,
                  clock_timestamp() AS now
                """  # noqa: S608 - the states are a constant
                ),
                {"id": submission, "owner": owner, "lease": lease},
            )
        )
        .mappings()
        .first()
    )
    return None if row is None else Claimed(**row)


async def renew(db: AsyncConnection, submission: UUID, invoice: UUID, token: int, lease: float) -> bool:
    """Extend our lease, the invoice locked; False when another has taken over."""
    await db.execute(text("SELECT 1 FROM invoice WHERE id = :id FOR UPDATE"), {"id": invoice})
    result = await db.execute(
        text(
            """UPDATE submission SET lease_until = clock_timestamp() + make_interval(secs => :lease)
               WHERE id = :id AND token = :token AND state = 'in_flight'"""
        ),
        {"id": submission, "token": token, "lease": lease},
    )
    return result.rowcount == 1


async def freeze(db: AsyncConnection, submission: UUID, token: int, wire: dict[str, Any]) -> None:
    """Store what will be sent, once: wire_object, wire_sha256, wire_media_type, marks (JSON text), link.
    The table refuses a second time. Documents of a chain are stored by `store.chains`.
    """
    await db.execute(
        text(
            """UPDATE submission SET wire_object = :wire_object, wire_sha256 = :wire_sha256,
                 wire_media_type = :wire_media_type, marks = CAST(:marks AS jsonb), link = :link
               WHERE id = :id AND token = :token"""
        ),
        {**wire, "id": submission, "token": token},
    )


async def settle(db: AsyncConnection, submission: UUID, invoice: UUID, token: int, to: Settled) -> bool:
    """Let go of the submission in its new state; False (and nothing written) when the token is not ours.

    Locks the invoice first.
    """
    await db.execute(text("SELECT 1 FROM invoice WHERE id = :id FOR UPDATE"), {"id": invoice})
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


async def note_marks(db: AsyncConnection, submission: UUID, marks: str) -> None:
    """Keep the marks that the authority's last word gave (JSON text)."""
    await db.execute(
        text("UPDATE submission SET outcome_marks = CAST(:marks AS jsonb) WHERE id = :id"),
        {"id": submission, "marks": marks},
    )


async def seize(db: AsyncConnection, submission: UUID, invoice: UUID, lease: float) -> Claimed | None:
    """Take over a submission whose lease ended, under a new token; None when its owner came back in time."""
    await db.execute(text("SELECT 1 FROM invoice WHERE id = :id FOR UPDATE"), {"id": invoice})
    row = (
        (
            await db.execute(
                text(
                    """UPDATE submission SET token = token + 1, owner = 'reconciler',
                         lease_until = clock_timestamp() + make_interval(secs => :lease)
                       WHERE id = :id AND state = 'in_flight' AND lease_until < clock_timestamp()
                       RETURNING id, tenant_id, invoice_id, state, verdict, attempts, round, poll_count,
                         crashes, token, parked_reason, deadline_at, created_at,
                         wire_object IS NOT NULL AS frozen, first_sent_at IS NOT NULL AS sent, 0 AS n,
                         0 AS answered, clock_timestamp() AS now"""
                ),
                {"id": submission, "lease": lease},
            )
        )
        .mappings()
        .first()
    )
    return None if row is None else Claimed(**row)


async def postpone(
    db: AsyncConnection, submission: UUID, invoice: UUID, reason: str, delay: float
) -> tuple[Settled, int] | None:
    """Put off what is waiting without spending anything: its authority is not to be spoken to just now.

    A state that must be remembered (unknown, pending) stays, only its time moves: None. What was queued is
    parked: where it stands now, and its token. Locks the invoice first.
    """
    await db.execute(text("SELECT 1 FROM invoice WHERE id = :id FOR UPDATE"), {"id": invoice})
    row = (
        await db.execute(
            text(
                f"""WITH old AS (SELECT id, state FROM submission
                        WHERE id = :id AND state IN {_WAITING} AND next_at <= clock_timestamp() FOR UPDATE)
                    UPDATE submission s SET
                      next_at = clock_timestamp() + make_interval(secs => :delay),
                      state = CASE WHEN old.state IN ('queued', 'retry_wait') THEN 'parked' ELSE s.state END,
                      parked_reason = CASE WHEN old.state IN ('queued', 'retry_wait') THEN :reason
                                      ELSE s.parked_reason END
                    FROM old WHERE s.id = old.id
                    RETURNING old.state, s.verdict, s.attempts, s.round, s.poll_count, s.crashes, s.token
                """  # noqa: S608 - the states are a constant
            ),
            {"id": submission, "reason": reason, "delay": delay},
        )
    ).first()
    if row is None or row[0] not in {"queued", "retry_wait"}:
        return None
    settled = Settled(
        state="parked",
        verdict=row[1],
        attempts=row[2],
        round=row[3],
        poll_count=row[4],
        crashes=row[5],
        delay=delay,
        parked_reason=reason,
    )
    return settled, row[6]


async def expired(db: AsyncConnection, limit: int) -> list[UUID]:
    """Submissions in flight whose owner is gone; nothing is changed."""
    rows = await db.execute(
        text(
            """SELECT id FROM submission WHERE state = 'in_flight' AND lease_until < clock_timestamp()
               ORDER BY lease_until LIMIT :limit"""
        ),
        {"limit": limit},
    )
    return [row[0] for row in rows]
