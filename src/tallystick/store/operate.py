"""The operator's SQL: dead letters found, one submission moved by hand. Locks: invoice, then submission."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from tallystick.store.work import Settled

__all__ = ["DeadLetters", "Stuck", "dead_letters", "hold", "move"]


class Stuck(Struct, frozen=True, kw_only=True):
    """A submission as the operator finds it, under lock. `sent`: bytes may have left; `kind` is `issue`, or
    the name of the act that waits for a decision.
    """

    id: UUID
    invoice_id: UUID
    kind: str
    state: str
    verdict: str | None
    round: int
    token: int
    sent: bool


class DeadLetters(Struct, frozen=True, kw_only=True):
    """Which dead letters: of one tenant and mode, oldest first. None asks for nothing."""

    mode: str
    authority: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 1000


async def hold(db: AsyncConnection, tenant: UUID, mode: str, invoice: UUID) -> Stuck | None:
    """The invoice's submission under lock, or None when the tenant has no such invoice of this mode.

    Where an act on it waits for a person, that act: its own submission is at its end by then.
    """
    found = await db.execute(
        text("SELECT 1 FROM invoice WHERE id = :id AND tenant_id = :tenant AND mode = :mode FOR UPDATE"),
        {"id": invoice, "tenant": tenant, "mode": mode},
    )
    if found.first() is None:
        return None
    row = await db.execute(
        text(
            """SELECT id, invoice_id, kind, state, verdict, round, token, first_sent_at IS NOT NULL AS sent
               FROM submission WHERE invoice_id = :id AND (kind = 'issue' OR state IN ('dead', 'conflict'))
               ORDER BY kind = 'issue' AND state NOT IN ('dead', 'conflict') LIMIT 1 FOR UPDATE"""
        ),
        {"id": invoice},
    )
    return Stuck(**row.mappings().one())


async def move(db: AsyncConnection, stuck: Stuck, to: Settled) -> None:
    """Put a held submission where the operator wants it; bytes, reference and token stay as they are."""
    await db.execute(
        text(
            """UPDATE submission SET state = :state, verdict = coalesce(:verdict, verdict),
                 attempts = :attempts, round = :round, poll_count = :poll_count, crashes = :crashes,
                 parked_reason = NULL, dead_reason = NULL, lease_until = NULL, owner = NULL,
                 next_at = CASE WHEN CAST(:delay AS float8) IS NULL THEN NULL
                           ELSE clock_timestamp() + make_interval(secs => CAST(:delay AS float8)) END
               WHERE id = :id"""
        ),
        {**{name: getattr(to, name) for name in to.__struct_fields__}, "id": stuck.id},
    )


async def dead_letters(db: AsyncConnection, tenant: UUID, wanted: DeadLetters) -> Sequence[UUID]:
    """The invoices whose submission is a dead letter, longest dead first."""
    rows = await db.execute(
        text(
            """SELECT s.invoice_id FROM submission s JOIN invoice i ON i.id = s.invoice_id
               WHERE s.tenant_id = :tenant AND s.state = 'dead' AND i.mode = :mode
                 AND (CAST(:authority AS text) IS NULL OR s.authority = :authority)
                 AND (CAST(:since AS timestamptz) IS NULL OR s.updated_at >= :since)
                 AND (CAST(:until AS timestamptz) IS NULL OR s.updated_at < :until)
               ORDER BY s.updated_at, s.id LIMIT :limit"""
        ),
        {"tenant": tenant, **{name: getattr(wanted, name) for name in wanted.__struct_fields__}},
    )
    return [row[0] for row in rows]
