"""A registration as the worker needs it: whole, with what is wrapped still wrapped."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from tallystick.ledger import Value
from tallystick.store.append import append_entry, append_registration_event

__all__ = ["Enrolled", "enrolled", "pause", "tell"]


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
    version: int


async def enrolled(db: AsyncConnection, registration: UUID) -> Enrolled | None:
    """The registration, or None."""
    row = (
        (
            await db.execute(
                text(
                    """SELECT r.id, r.tenant_id, r.strategy, r.unit, s.name AS taxpayer,
                         coalesce(r.tax_identifier, s.tax_identifier, '') AS tax_identifier, r.environment,
                         r.endpoint, CAST(r.settings AS text) AS settings, r.secrets_wrapped,
                         r.signer_wrapped, r.key_store, r.state, r.expires_at, r.version
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
    """Stop a registration that an authority refused to hear, with entry and event; false if it was not
    active.
    """
    result = await db.execute(
        text(
            """UPDATE registration SET state = 'paused', paused_reason = :reason, version = version + 1
               WHERE id = :id AND state = 'active' RETURNING tenant_id, strategy, environment"""
        ),
        {"id": registration, "reason": reason[:500]},
    )
    row = result.mappings().first()
    if row is None:
        return False
    data = {"strategy": row["strategy"], "environment": row["environment"], "reason": reason[:500]}
    await tell(db, row["tenant_id"], registration, "registration.paused", data)
    return True


async def tell(
    db: AsyncConnection,
    tenant: UUID,
    registration: UUID,
    event: str,
    data: Mapping[str, Value],
    *,
    actor: str = "worker",
) -> None:
    """An entry in the registration's stream, and the event that says the same to subscribers."""
    await append_entry(
        db,
        tenant=tenant,
        stream_kind="registration",
        stream_id=registration,
        event=event,
        actor=actor,
        data=data,
    )
    news = {
        "registration_id": str(registration),
        **data,
        "links": {"self": f"/v1/registrations/{registration}"},
    }
    await append_registration_event(db, tenant=tenant, registration_id=registration, type=event, data=news)
