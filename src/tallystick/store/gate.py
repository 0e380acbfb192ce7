"""Whether a document still waits for the second judge. The log alone knows: his entry is written once."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

__all__ = ["hold", "waits"]

_EVENT = b'"event":"official.'  # as canonical JSON spells it, and no text within an entry can

_WAITS = text(
    """SELECT s.first_sent_at IS NULL AND s.wire_object IS NOT NULL AND NOT EXISTS (
         SELECT FROM compliance_log l WHERE l.stream_kind = 'invoice' AND l.stream_id = s.invoice_id
           AND position(CAST(:event AS bytea) IN l.entry) > 0)
       FROM submission s WHERE s.id = :id"""
)


async def waits(db: AsyncConnection, submission: UUID) -> bool:
    """Whether it is built, was never sent, and the second judge has not spoken."""
    return bool((await db.execute(_WAITS, {"id": submission, "event": _EVENT})).scalar())


async def hold(db: AsyncConnection, submission: UUID, invoice: UUID) -> bool:
    """`waits`, with the invoice's row locked: nobody else writes what the judge said meanwhile."""
    await db.execute(text("SELECT 1 FROM invoice WHERE id = :id FOR UPDATE"), {"id": invoice})
    return await waits(db, submission)
