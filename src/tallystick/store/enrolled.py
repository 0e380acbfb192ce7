"""A registration as the worker needs it: whole, with what is wrapped still wrapped."""

from datetime import datetime
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
    tenant_id: UUID
    strategy: str
    unit: str | None
    taxpayer: str
    tax_identifier: str
    environment: str
    endpoint: str
    settings: dict[str, Any]
    secrets: dict[str, str]
    signer_wrapped: bytes | None
    key_store: str
    state: str
    expires_at: datetime | None


async def enrolled(db: AsyncConnection, registration: UUID) -> Enrolled | None:
    """The registration, or None."""
    row = (
        (
            await db.execute(
                text(
                    """SELECT r.id, r.tenant_id, r.strategy, r.unit, s.name AS taxpayer,
                         coalesce(r.tax_identifier, s.tax_identifier, '') AS tax_identifier, r.environment,
                         r.endpoint, CAST(r.settings AS text) AS settings, r.secrets_wrapped,
                         r.signer_wrapped, r.key_store, r.state, r.expires_at
                       FROM registration r JOIN seller s ON s.id = r.seller_id WHERE r.id = :id"""
                ),
                {"id": registration},
            )
        )
        .mappings()
        .first()
    )
    if row is None:
        return None
    given = {name: row[name] for name in Enrolled.__struct_fields__ if name not in ("settings", "secrets")}
    return Enrolled(
        **given,
        settings=msgspec.json.decode(row["settings"], type=dict[str, Any]),
        secrets=msgspec.json.decode(row["secrets_wrapped"] or b"{}", type=dict[str, str]),
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
