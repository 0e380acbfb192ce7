"""A registration as the worker needs it: whole, with what is wrapped still wrapped."""

from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

__all__ = ["Enrolled", "enrolled", "pause"]


class Enrolled(Struct, frozen=True, kw_only=True):
    """One row of `registration`: `settings` plain JSON, `secrets` names with base64 of wrapped bytes."""

    id: UUID
    environment: str
    endpoint: str
    settings: dict[str, Any]
    secrets: dict[str, str]
    signer_wrapped: bytes | None
    state: str


async def enrolled(db: AsyncConnection, registration: UUID) -> Enrolled | None:
    """The registration, or None."""
    row = (
        (
            await db.execute(
                text(
                    """SELECT id, environment, endpoint, CAST(settings AS text) AS settings, secrets_wrapped,
                         signer_wrapped, state FROM registration WHERE id = :id"""
                ),
                {"id": registration},
            )
        )
        .mappings()
        .first()
    )
    if row is None:
        return None
    return Enrolled(
        id=row["id"],
        environment=row["environment"],
        endpoint=row["endpoint"],
        settings=msgspec.json.decode(row["settings"], type=dict[str, Any]),
        secrets=msgspec.json.decode(row["secrets_wrapped"] or b"{}", type=dict[str, str]),
        signer_wrapped=row["signer_wrapped"],
        state=row["state"],
    )


async def pause(db: AsyncConnection, registration: UUID, reason: str) -> bool:
    """Stop a registration that an authority refused to hear; false if it was not active."""
    result = await db.execute(
        text(
            """UPDATE registration SET state = 'paused', paused_reason = :reason, version = version + 1
               WHERE id = :id AND state = 'active'"""
        ),
        {"id": registration, "reason": reason[:500]},
    )
    return result.rowcount == 1
