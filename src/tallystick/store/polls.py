"""The SQL of polls: whose turn it is to be asked for news, how far it was asked, and what the news is about.

One worker at a time asks for a registration: a lease with a fencing token, as for submissions. Time is the
database's.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

__all__ = ["Settlement", "Turn", "claim", "due", "matching", "renew", "settle", "settlement"]


class Turn(Struct, frozen=True, kw_only=True):
    """Our turn to ask about one registration: what was said before `since` is known."""

    token: int
    since: datetime
    failures: int
    now: datetime


class Settlement(Struct, frozen=True, kw_only=True):
    """A settled document under lock, and its submission."""

    submission_id: UUID
    authority_status: str
    state: str
    verdict: str | None
    attempts: int
    round: int
    poll_count: int
    token: int


_FREE = "p.next_at <= clock_timestamp() AND (p.lease_until IS NULL OR p.lease_until < clock_timestamp())"


async def due(db: AsyncConnection, strategies: Collection[str], limit: int) -> Sequence[UUID]:
    """Active registrations of these strategies that it is time to ask about, those never asked first."""
    rows = await db.execute(
        text(
            f"""SELECT r.id FROM registration r LEFT JOIN registration_poll p ON p.registration_id = r.id
                WHERE r.state = 'active' AND r.strategy = ANY (:strategies)
                  AND (p.registration_id IS NULL OR ({_FREE}))
                ORDER BY p.next_at NULLS FIRST, r.id LIMIT :limit"""  # noqa: S608 - a constant
        ),
        {"strategies": list(strategies), "limit": limit},
    )
    return [row[0] for row in rows]


async def claim(db: AsyncConnection, registration: UUID, lease: float) -> Turn | None:
    """Our turn for `lease` seconds, or None when it is another's. The first one asks since the registration
    was made.
    """
    await db.execute(
        text(
            """INSERT INTO registration_poll (registration_id, tenant_id, since)
               SELECT id, tenant_id, created_at FROM registration WHERE id = :id ON CONFLICT DO NOTHING"""
        ),
        {"id": registration},
    )
    row = await db.execute(
        text(
            f"""UPDATE registration_poll p SET token = p.token + 1,
                  lease_until = clock_timestamp() + make_interval(secs => :lease)
                WHERE p.registration_id = :id AND {_FREE}
                RETURNING p.token, p.since, p.failures, clock_timestamp() AS now"""  # noqa: S608 - a constant
        ),
        {"id": registration, "lease": lease},
    )
    found = row.mappings().first()
    return None if found is None else Turn(**found)


async def renew(db: AsyncConnection, registration: UUID, token: int, lease: float) -> bool:
    """Extend our turn; False when another has taken over."""
    result = await db.execute(
        text(
            """UPDATE registration_poll SET lease_until = clock_timestamp() + make_interval(secs => :lease)
               WHERE registration_id = :id AND token = :token AND lease_until IS NOT NULL"""
        ),
        {"id": registration, "token": token, "lease": lease},
    )
    return result.rowcount == 1


async def settle(
    db: AsyncConnection, registration: UUID, token: int, since: datetime, failures: int, delay: float
) -> bool:
    """End our turn: all that was said before `since` is known, ask again in `delay` seconds. False (and
    nothing written) when another has taken over.
    """
    result = await db.execute(
        text(
            """UPDATE registration_poll SET since = :since, failures = :failures, lease_until = NULL,
                 next_at = clock_timestamp() + make_interval(secs => :delay)
               WHERE registration_id = :id AND token = :token AND lease_until IS NOT NULL"""
        ),
        {"id": registration, "token": token, "since": since, "failures": failures, "delay": delay},
    )
    return result.rowcount == 1


async def matching(db: AsyncConnection, tenant: UUID, registration: UUID, reference: str) -> Sequence[UUID]:
    """The invoices of this registration that its authority knows by this number."""
    rows = await db.execute(
        text(
            """SELECT id FROM invoice WHERE tenant_id = :tenant AND registration_id = :registration
               AND authority_reference = :reference ORDER BY id"""
        ),
        {"tenant": tenant, "registration": registration, "reference": reference},
    )
    return [row[0] for row in rows]


async def settlement(db: AsyncConnection, invoice: UUID) -> Settlement | None:
    """The invoice's own submission, both under lock: the invoice, then the submission."""
    await db.execute(text("SELECT 1 FROM invoice WHERE id = :id FOR UPDATE"), {"id": invoice})
    row = await db.execute(
        text(
            """SELECT s.id AS submission_id, i.authority_status, s.state, s.verdict, s.attempts, s.round,
                 s.poll_count, s.token
               FROM submission s JOIN invoice i ON i.id = s.invoice_id
               WHERE s.invoice_id = :id AND s.kind = 'issue' FOR UPDATE OF s"""
        ),
        {"id": invoice},
    )
    found = row.mappings().first()
    return None if found is None else Settlement(**found)
