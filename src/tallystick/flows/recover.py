"""The reconciler: what a dead worker left behind gets its next step, and what is due is found.

Needs nobody's memory: everything it acts on stands in the database, so it may run in every worker at once.
"""

import random
from uuid import UUID

import structlog

from tallystick.flows.abilities import abilities
from tallystick.flows.crashpoint import crashpoint
from tallystick.flows.errors import Unavailable
from tallystick.flows.gateway import Gateway
from tallystick.flows.plan import Kind, after_crash
from tallystick.flows.settling import write_state
from tallystick.flows.transactions import persistently
from tallystick.store import work as table
from tallystick.store.attempts import finish_attempt, unfinished
from tallystick.store.upkeep import forget_keys

__all__ = ["due", "recover", "tidy", "unbuilt"]

log = structlog.get_logger("tallystick.recover")
TAKEOVER_SECONDS = 30.0


async def due(gateway: Gateway, limit: int) -> list[UUID]:
    """Submissions whose time has come, nearest deadline first, tenants taking turns."""
    if limit <= 0:
        return []

    async def look() -> list[UUID]:
        async with gateway.store.everyone() as db:
            return [found.id for found in await table.due(db, limit)]

    return await persistently(gateway, look)


async def unbuilt(gateway: Gateway, limit: int) -> list[UUID]:
    """Submissions nobody has looked at yet, of strategies with documents that are the buyer's at once."""
    names = [each.name for each in gateway.strategies.all if abilities(each).issues_at_once is not None]
    if limit <= 0 or not names:
        return []

    async def look() -> list[UUID]:
        async with gateway.store.everyone() as db:
            return await table.unbuilt(db, names, limit)

    return await persistently(gateway, look)


async def recover(gateway: Gateway, limit: int = 100) -> int:
    """Say what became of submissions whose owner is gone; how many there were.

    An attempt that was begun and never finished may have reached the authority: its outcome is unknown.
    """

    async def abandoned() -> list[UUID]:
        async with gateway.store.everyone() as db:
            return await table.expired(db, limit)

    found = await persistently(gateway, abandoned)
    for submission in found:
        try:
            await persistently(gateway, lambda: _recover(gateway, submission))  # noqa: B023 - awaited at once
        except Unavailable:
            raise
        except Exception:  # this one stays as it is; the others must not wait for it
            log.exception("submission.unrecovered", submission=str(submission))
        crashpoint("recover.settled")
    return len(found)


async def tidy(gateway: Gateway) -> int:
    """Forget idempotency keys whose time is over; how many there were."""

    async def forget() -> int:
        async with gateway.store.everyone() as db:
            return await forget_keys(db)

    return await persistently(gateway, forget)


async def _recover(gateway: Gateway, submission: UUID) -> None:
    async with gateway.store.everyone() as db:
        seen = await table.glimpse(db, submission)
        if seen is None:
            return
        claimed = await table.seize(db, submission, seen.invoice_id, TAKEOVER_SECONDS)
        if claimed is None:
            return
        left = await unfinished(db, submission, claimed.token - 1)
        in_doubt: Kind | None = None
        if left is not None:
            n, kind = left
            in_doubt = "submit" if kind == "submit" else "inquire"
            nothing = {"http_status": None, "response_object": None, "duration_ms": None}
            await finish_attempt(
                db, submission, n, {**nothing, "outcome": "crashed", "error": "the worker was lost"}
            )
        scale = float(gateway.settings.delay_scale)
        plan = after_crash(claimed, in_doubt, scale, random.random())
        if await table.settle(db, submission, seen.invoice_id, claimed.token, plan.settled):
            await write_state(db, seen, plan, None, token=claimed.token)
            crashpoint("recover.settling")
