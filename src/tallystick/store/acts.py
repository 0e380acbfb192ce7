"""The SQL of acts: what may be asked of a document in force, what was asked, where it stands.

An act is a row of `submission` with its name as `kind`; `turn` counts how often the same act was asked of the
invoice. Lock order as everywhere: invoice, then submission.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from msgspec import Struct, json
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

__all__ = [
    "Act",
    "InForce",
    "Target",
    "acts_of",
    "add",
    "hold",
    "in_force",
    "keep_key",
    "stored_key",
    "under_way",
]

_ACT: Final = """SELECT s.id, s.invoice_id, s.kind, s.turn, s.state, s.verdict, s.parked_reason,
    s.dead_reason, CAST(s.outcome_marks AS text) AS marks, r.body AS request, s.created_at,
    s.updated_at, s.settled_at
    FROM submission s LEFT JOIN object r ON r.id = s.request_object
    WHERE s.invoice_id = :invoice AND s.kind <> 'issue'"""


class Target(Struct, frozen=True, kw_only=True):
    """An invoice of which something is asked, under lock, and where its own submission stands.

    `payload` is its canonical JSON; `now` the database's time.
    """

    id: UUID
    number: str
    strategy: str
    processing_status: str
    authority_status: str
    authority_reference: str | None
    payload: bytes
    registration_id: UUID | None
    authority: str
    state: str
    now: datetime


class InForce(Struct, frozen=True, kw_only=True):
    """A document that its authority has taken: since when, under which number, with which marks.

    The marks are the document's, then those of its outcome, then those of the acts that were done.
    """

    verdict: str
    reference: str | None
    at: datetime
    marks: dict[str, str]


class Act(Struct, frozen=True, kw_only=True):
    """One act as it stands. `request` is the JSON it was asked with, None once it was erased."""

    id: UUID
    invoice_id: UUID
    kind: str
    turn: int
    state: str
    verdict: str | None
    parked_reason: str | None
    dead_reason: str | None
    marks: str
    request: bytes | None
    created_at: datetime
    updated_at: datetime
    settled_at: datetime | None


async def hold(db: AsyncConnection, tenant: UUID, mode: str, invoice: UUID) -> Target | None:
    """The invoice under lock until the transaction ends; None when the tenant has none such of this mode."""
    locked = await db.execute(
        text("SELECT 1 FROM invoice WHERE id = :id AND tenant_id = :tenant AND mode = :mode FOR UPDATE"),
        {"id": invoice, "tenant": tenant, "mode": mode},
    )
    if locked.first() is None:
        return None
    row = await db.execute(
        text(
            """SELECT i.id, i.number, i.strategy, i.processing_status, i.authority_status,
                 i.authority_reference, p.body AS payload, s.registration_id, s.authority, s.state,
                 clock_timestamp() AS now
               FROM invoice i JOIN submission s ON s.invoice_id = i.id AND s.kind = 'issue'
               JOIN object p ON p.id = i.payload_object WHERE i.id = :id"""
        ),
        {"id": invoice},
    )
    return Target(**row.mappings().one())


async def in_force(db: AsyncConnection, invoice: UUID) -> InForce | None:
    """What the authority has of the invoice, as long as it is in force there; else None."""
    row = (
        await db.execute(
            text(
                """SELECT i.authority_status AS verdict, i.authority_reference AS reference,
                     coalesce(s.settled_at, s.updated_at) AS at,
                     CAST(s.marks || s.outcome_marks AS text) AS marks
                   FROM invoice i JOIN submission s ON s.invoice_id = i.id AND s.kind = 'issue'
                   WHERE i.id = :id AND s.state = 'done'
                     AND i.authority_status IN ('cleared', 'reported', 'registered', 'accepted')"""
            ),
            {"id": invoice},
        )
    ).first()
    if row is None:
        return None
    marks = json.decode(row.marks, type=dict[str, str])
    for more in await db.execute(
        text(
            """SELECT CAST(outcome_marks AS text) FROM submission
               WHERE invoice_id = :id AND kind <> 'issue' AND state = 'done' ORDER BY settled_at, id"""
        ),
        {"id": invoice},
    ):
        marks |= json.decode(more[0], type=dict[str, str])
    return InForce(verdict=row.verdict, reference=row.reference, at=row.at, marks=marks)


async def acts_of(db: AsyncConnection, invoice: UUID) -> list[Act]:
    """Every act that was asked of the invoice, oldest first."""
    rows = await db.execute(text(f"{_ACT} ORDER BY s.created_at, s.id"), {"invoice": invoice})
    return [Act(**row) for row in rows.mappings()]


async def under_way(db: AsyncConnection, invoice: UUID) -> bool:
    """Whether an act of the invoice has not come to its end."""
    row = await db.execute(
        text(
            """SELECT 1 FROM submission WHERE invoice_id = :id AND kind <> 'issue'
               AND state NOT IN ('done', 'rejected')"""
        ),
        {"id": invoice},
    )
    return row.first() is not None


async def add(db: AsyncConnection, values: dict[str, Any]) -> datetime:
    """A new act, due at once: id, invoice_id, tenant_id, kind, turn, strategy, authority, registration_id,
    external_ref, request_object. The time it was written.
    """
    row = await db.execute(
        text(
            """INSERT INTO submission (id, invoice_id, tenant_id, kind, turn, strategy, authority,
                 registration_id, external_ref, request_object)
               VALUES (:id, :invoice_id, :tenant_id, :kind, :turn, :strategy, :authority, :registration_id,
                 :external_ref, :request_object) RETURNING created_at"""
        ),
        values,
    )
    moment: datetime = row.scalar_one()
    return moment


async def stored_key(
    db: AsyncConnection, tenant: UUID, mode: str, path: str, key: str
) -> Sequence[Any] | None:
    """(fingerprint, status, body) of what this idempotency key was used for; None when it is free."""
    row = await db.execute(
        text(
            """SELECT fingerprint, status, body FROM idempotency_key
               WHERE tenant_id = :tenant AND mode = :mode AND path = :path AND key = :key
                 AND expires_at > clock_timestamp()"""
        ),
        {"tenant": tenant, "mode": mode, "path": path, "key": key},
    )
    return row.first()


async def keep_key(db: AsyncConnection, values: dict[str, Any], days: int) -> None:
    """Keep the answer under its key: tenant_id, mode, path, key, fingerprint, invoice_id, status, headers
    (JSON text), body. One that expired gives way.
    """
    await db.execute(
        text(
            """INSERT INTO idempotency_key (tenant_id, mode, path, key, method, fingerprint, invoice_id,
                 status, headers, body, expires_at)
               VALUES (:tenant_id, :mode, :path, :key, 'POST', :fingerprint, :invoice_id, :status,
                 CAST(:headers AS jsonb), :body, clock_timestamp() + make_interval(days => :days))
               ON CONFLICT ON CONSTRAINT idempotency_key_pkey DO UPDATE SET
                 fingerprint = excluded.fingerprint, invoice_id = excluded.invoice_id,
                 status = excluded.status, headers = excluded.headers, body = excluded.body,
                 created_at = clock_timestamp(), expires_at = excluded.expires_at"""
        ),
        {**values, "days": days},
    )
