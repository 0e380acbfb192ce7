"""What an invoice shows of itself, read and moved by whoever holds its row."""

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

__all__ = ["OwnState", "computed_of", "invoice_state", "move_invoice"]


class OwnState(Struct, frozen=True):
    """What an invoice shows of itself."""

    processing_status: str
    authority_status: str
    authority_reference: str | None


async def invoice_state(db: AsyncConnection, invoice: UUID) -> OwnState:
    """What the invoice shows now; call it with the invoice's row locked."""
    row = await db.execute(
        text("SELECT processing_status, authority_status, authority_reference FROM invoice WHERE id = :id"),
        {"id": invoice},
    )
    return OwnState(*row.one())


async def computed_of(db: AsyncConnection, invoice: UUID) -> Sequence[str]:
    """The pointers of what the gateway computed in the invoice."""
    found = await db.execute(text("SELECT computed FROM invoice WHERE id = :id"), {"id": invoice})
    pointers: Sequence[str] = found.scalar_one()
    return pointers


async def move_invoice(
    db: AsyncConnection, invoice: UUID, processing: str, authority: str, reference: str | None
) -> None:
    """Show the invoice's new state. Call it in the transaction of its entry."""
    await db.execute(
        text(
            """UPDATE invoice SET processing_status = :p, authority_status = :a,
                 authority_reference = coalesce(:reference, authority_reference) WHERE id = :id"""
        ),
        {"p": processing, "a": authority, "reference": reference, "id": invoice},
    )
