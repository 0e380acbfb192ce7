"""Legal deadlines: subscribers hear in time that one comes near, and that one was missed. Each is told once.

Told is what the authority does not have yet: also what is parked, held back by a paused registration, in
doubt or a dead letter. What is late is still sent; who missed a deadline must know it all the same.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import structlog

from tallystick.flows.errors import Unavailable
from tallystick.flows.gateway import Gateway
from tallystick.flows.resource import event_data
from tallystick.flows.transactions import persistently
from tallystick.ledger import Value
from tallystick.store import Connection, append_entry, append_event, deadlines
from tallystick.store.deadlines import PARTS, Alarm
from tallystick.store.shown import invoice_state

__all__ = ["late", "tell"]

log = structlog.get_logger("tallystick.deadlines")


async def tell(gateway: Gateway, limit: int = 200) -> int:
    """Tell what has come near or was missed; how many alarms were heeded. Raises Unavailable."""

    async def look() -> list[tuple[UUID, UUID]]:
        async with gateway.store.everyone() as db:
            return await deadlines.ringing(db, limit)

    found = await persistently(gateway, look)
    heeded = 0
    for submission, invoice in found:
        try:
            await persistently(gateway, lambda: _told(gateway, submission, invoice))  # noqa: B023
            heeded += 1
        except Unavailable:
            raise
        except Exception:  # this one stays as it is; the others must not wait for it
            log.exception("deadline.untold", submission=str(submission))
    return heeded


async def _told(gateway: Gateway, submission: UUID, invoice: UUID) -> None:
    async with gateway.store.everyone() as db:
        alarm = await deadlines.hold(db, submission, invoice)
        if alarm is None or not alarm.passed:
            return  # another worker was quicker
        if alarm.state in {"done", "rejected"}:
            await deadlines.hush(db, submission)
            return
        own = await invoice_state(db, invoice)
        await _write(db, alarm, _next(alarm), own.processing_status, own.authority_status)


async def late(db: Connection, submission: UUID, invoice: UUID, states: dict[str, Value]) -> None:
    """Before it is written that the authority has it: say so if that was too late and nobody was told yet.

    The invoice's row is locked by the caller; `states` are what it shows until then.
    """
    alarm = await deadlines.hold(db, submission, invoice)
    if alarm is not None and alarm.over and alarm.told < PARTS[-1]:
        processing, authority = str(states["processing_status"]), str(states["authority_status"])
        await _write(db, alarm, PARTS[-1], processing, authority)


def _next(alarm: Alarm) -> int:
    """The part of the time to be told now: what was accepted too late has missed its deadline at once."""
    if alarm.deadline_at <= alarm.created_at:
        return PARTS[-1]
    return min(part for part in PARTS if part > alarm.told)


async def _write(db: Connection, alarm: Alarm, percent: int, processing: str, authority: str) -> None:
    """The entry and the event of one alarm."""
    event = "deadline.missed" if percent == PARTS[-1] else "deadline.approaching"
    await deadlines.set_told(db, alarm.id, percent)
    data: dict[str, Value] = {
        "processing_status": processing,
        "authority_status": authority,
        "percent": percent,
        "deadline": str(int(alarm.deadline_at.timestamp())),
        "token": alarm.token,
    }
    await append_entry(
        db,
        tenant=alarm.tenant_id,
        stream_kind="invoice",
        stream_id=alarm.invoice_id,
        event=event,
        actor="worker",
        authority=alarm.authority,
        data=data,
    )
    news: dict[str, Any] = event_data(
        invoice_id=alarm.invoice_id,
        number=alarm.number,
        mode=alarm.mode,
        processing_status=processing,
        authority_status=authority,
        deadline={"due_at": _text(alarm.deadline_at), "percent": percent},
    )
    await append_event(db, tenant=alarm.tenant_id, invoice_id=alarm.invoice_id, type=event, data=news)


def _text(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
