"""Deliveries: which may go now, who owns them, how they ended. In order per invoice and endpoint.

A delivery may go only when everything before it, of the same invoice to the same endpoint, is over: the
cursor of that pair says how far it is. Others are not delayed by it.
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

__all__ = [
    "PER_ENDPOINT",
    "Delivery",
    "claim_deliveries",
    "expire_deliveries",
    "settle_delivery",
    "stop_endpoint",
]

PER_ENDPOINT: Final = 10
"""Deliveries to one endpoint that are under way at a time."""


class Delivery(Struct, frozen=True, kw_only=True):
    """One event for one endpoint, ours until its lease ends. `attempts` counts this one too."""

    event_id: UUID
    endpoint_id: UUID
    tenant_id: UUID
    invoice_id: UUID
    seq: int
    attempts: int
    token: int
    type: str
    body: bytes
    url: str
    secrets_wrapped: bytes
    first_failure_at: datetime | None
    now: datetime


async def claim_deliveries(db: AsyncConnection, limit: int, lease: float) -> list[Delivery]:
    """Take at most `limit` deliveries whose turn and time have come, for `lease` seconds.

    Of one endpoint at most `PER_ENDPOINT` are under way at a time: one that never answers delays nobody else.
    """
    rows = await db.execute(
        text(
            """WITH busy AS MATERIALIZED (
                 SELECT endpoint_id, count(*) AS times FROM webhook_delivery WHERE state = 'in_flight'
                 GROUP BY endpoint_id),
               ready AS (
                 SELECT due.event_id, due.endpoint_id FROM webhook_endpoint p CROSS JOIN LATERAL (
                   SELECT d.event_id, d.endpoint_id, d.next_at FROM webhook_delivery d
                   LEFT JOIN webhook_cursor c ON c.endpoint_id = d.endpoint_id AND c.invoice_id = d.invoice_id
                   WHERE d.endpoint_id = p.id AND d.state = 'queued' AND d.next_at <= clock_timestamp()
                     AND d.seq = coalesce(c.delivered_seq, 0) + 1
                   ORDER BY d.next_at
                   LIMIT greatest(0, :share - coalesce((SELECT times FROM busy WHERE endpoint_id = p.id), 0))
                 ) AS due WHERE p.state = 'active' ORDER BY due.next_at LIMIT :limit),
               taken AS (
                 SELECT d.event_id, d.endpoint_id FROM webhook_delivery d
                 JOIN ready USING (event_id, endpoint_id)
                 WHERE d.state = 'queued' FOR UPDATE OF d SKIP LOCKED)
               UPDATE webhook_delivery d SET state = 'in_flight', token = d.token + 1,
                 attempts = d.attempts + 1, lease_until = clock_timestamp() + make_interval(secs => :lease)
               FROM taken, webhook_event e, webhook_endpoint p
               WHERE d.event_id = taken.event_id AND d.endpoint_id = taken.endpoint_id
                 AND e.id = d.event_id AND p.id = d.endpoint_id
               RETURNING d.event_id, d.endpoint_id, d.tenant_id, d.invoice_id, d.seq, d.attempts, d.token,
                 e.type, e.body, p.url, p.secrets_wrapped, p.first_failure_at, clock_timestamp() AS now"""
        ),
        {"limit": limit, "lease": lease, "share": PER_ENDPOINT},
    )
    return [Delivery(**row) for row in rows.mappings()]


async def settle_delivery(db: AsyncConnection, delivery: Delivery, ended: dict[str, Any]) -> bool:
    """Write how it ended: state, delay (seconds, for queued), last_status, last_error. False: not ours.

    A delivery that is over moves the pair's cursor, so that the next one may go. One that should go again to
    an endpoint which was switched off meanwhile is held.
    """
    result = await db.execute(
        text(
            """WITH endpoint AS (SELECT state = 'active' AS active FROM webhook_endpoint
                                 WHERE id = :endpoint FOR NO KEY UPDATE)
               UPDATE webhook_delivery SET
                 state = CASE WHEN :state = 'queued' AND NOT endpoint.active THEN 'held' ELSE :state END,
                 last_status = :last_status, last_error = :last_error, lease_until = NULL,
                 delivered_at = CASE WHEN :state = 'delivered' THEN clock_timestamp() END,
                 next_at = CASE WHEN endpoint.active
                   THEN clock_timestamp() + make_interval(secs => CAST(:delay AS float8)) END
               FROM endpoint
               WHERE event_id = :event AND endpoint_id = :endpoint AND token = :token
                 AND webhook_delivery.state = 'in_flight'"""
        ),
        {**ended, "event": delivery.event_id, "endpoint": delivery.endpoint_id, "token": delivery.token},
    )
    if result.rowcount != 1:
        return False
    if ended["state"] in {"delivered", "failed"}:
        await _move_cursor(db, delivery)
    failing = ended["state"] != "delivered"
    if failing == (delivery.first_failure_at is None):
        await db.execute(
            text(
                """UPDATE webhook_endpoint SET
                     first_failure_at = CASE WHEN :failing
                       THEN coalesce(first_failure_at, clock_timestamp()) END
                   WHERE id = :id"""
            ),
            {"failing": failing, "id": delivery.endpoint_id},
        )
    return True


async def _move_cursor(db: AsyncConnection, delivery: Delivery) -> None:
    """The pair's next delivery may go."""
    await db.execute(
        text(
            """INSERT INTO webhook_cursor (endpoint_id, invoice_id, tenant_id, delivered_seq)
               VALUES (:endpoint, :invoice, :tenant, :seq)
               ON CONFLICT (endpoint_id, invoice_id) DO UPDATE SET delivered_seq = :seq
               WHERE webhook_cursor.delivered_seq = :seq - 1"""
        ),
        {
            "endpoint": delivery.endpoint_id,
            "invoice": delivery.invoice_id,
            "tenant": delivery.tenant_id,
            "seq": delivery.seq,
        },
    )


async def stop_endpoint(db: AsyncConnection, endpoint: UUID) -> int:
    """Switch an endpoint off and hold what waits for it; how many deliveries are held."""
    await db.execute(
        text("UPDATE webhook_endpoint SET state = 'disabled' WHERE id = :id AND state = 'active'"),
        {"id": endpoint},
    )
    held = await db.execute(
        text(
            """UPDATE webhook_delivery SET state = 'held', next_at = NULL
               WHERE endpoint_id = :id AND state = 'queued'"""
        ),
        {"id": endpoint},
    )
    return held.rowcount


async def expire_deliveries(db: AsyncConnection) -> int:
    """Queue again what a dead worker was delivering: the same event, the same id. How many there were."""
    result = await db.execute(
        text(
            """UPDATE webhook_delivery SET state = 'queued', lease_until = NULL, next_at = clock_timestamp()
               WHERE state = 'in_flight' AND lease_until < clock_timestamp()"""
        )
    )
    return result.rowcount
