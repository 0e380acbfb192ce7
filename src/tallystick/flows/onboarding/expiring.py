"""Credentials that end: said at 60, 30, 14, 7 and 1 days before, and when they have ended, once each."""

from datetime import timedelta
from typing import Final

from tallystick.flows.gateway import Gateway
from tallystick.flows.transactions import persistently
from tallystick.store import Connection
from tallystick.store import onboarding as table
from tallystick.store.enrolled import enrolled, tell
from tallystick.store.onboarding import Expiring

__all__ = ["DAYS", "ENDED", "remind"]

DAYS: Final = (1, 7, 14, 30, 60)
ENDED: Final = 0


async def remind(gateway: Gateway) -> int:
    """Tell of every credential that has come nearer to its end; how many were told."""

    async def look() -> int:
        async with gateway.store.everyone() as db:
            found = await table.expiring(db, DAYS[-1])
            return sum([await _reminded(db, each) for each in found])

    return await persistently(gateway, look)


def step_of(left: timedelta) -> int:
    """The step that has been reached: the nearest of DAYS, or ENDED."""
    if left <= timedelta(0):
        return ENDED
    return next((days for days in DAYS if left <= timedelta(days=days)), DAYS[-1])


async def _reminded(db: Connection, seen: Expiring) -> int:
    step = step_of(seen.expires_at - seen.now)
    if (seen.told is not None and seen.told <= step) or not await table.told_expiry(db, seen, step):
        return 0
    row = await enrolled(db, seen.id)
    if row is None:
        return 0
    data = {"strategy": row.strategy, "environment": row.environment, "unit": row.unit}
    data |= {"expires_at": seen.expires_at.isoformat()}
    if step == ENDED:
        await tell(db, seen.tenant_id, seen.id, "certificate.expired", data)
    else:
        await tell(db, seen.tenant_id, seen.id, "certificate.expiring", {**data, "days": step})
    return 1
