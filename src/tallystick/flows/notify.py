"""What is delivered next, and what follows from how it ended. The wire is the webhooks' room."""

from base64 import b64decode
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from tallystick.flows.gateway import Gateway
from tallystick.flows.transactions import persistently
from tallystick.keys import Secret
from tallystick.store import webhook as table
from tallystick.store.webhook import Delivery

__all__ = ["SCHEDULE", "Delivery", "claim", "delay_after", "secrets_of", "settle"]

SCHEDULE: Final = (5.0, 300.0, 1800.0, 7200.0, 18000.0, 36000.0, 50400.0, 72000.0, 86400.0)
"""Seconds after the first, second … failed try; ten tries in all, over about 75 hours."""

_GONE: Final = 410
_BAD_DAYS: Final = timedelta(days=5)


async def claim(gateway: Gateway, limit: int, lease: float) -> list[Delivery]:
    """Deliveries whose turn has come, ours for `lease` seconds; what a dead worker held is queued first."""

    async def take() -> list[Delivery]:
        async with gateway.store.everyone() as db:
            await table.expire_deliveries(db)
            return await table.claim_deliveries(db, limit, lease)

    return await persistently(gateway, take)


def secrets_of(gateway: Gateway, delivery: Delivery) -> list[Secret]:
    """The endpoint's secrets that sign now, the newest first."""
    stored: list[dict[str, Any]] = msgspec.json.decode(delivery.secrets_wrapped)
    place = f"{delivery.tenant_id}|webhook_endpoint|{delivery.endpoint_id}".encode()
    return [
        gateway.keyring.unwrap(b64decode(one["wrapped"]), place)
        for one in stored
        if one["until"] is None or datetime.fromisoformat(one["until"]) > delivery.now
    ]


def delay_after(attempts: int, chance: float, asked: int | None = None) -> float | None:
    """Seconds until the next try after `attempts` failed ones, +-20 %; None when that was the last."""
    if attempts > len(SCHEDULE):
        return None
    planned = SCHEDULE[attempts - 1] * (0.8 + 0.4 * chance)
    return max(planned, float(min(asked or 0, 86400)))


async def settle(
    gateway: Gateway, delivery: Delivery, status: int | None, error: str | None, delay: float | None
) -> bool:
    """Write how a try ended. `delay` None after a failure: it was the last. False: not ours any more.

    410 switches the endpoint off at once, five days of nothing but failures too; what waits is then held.
    """
    good = status is not None and 200 <= status < 300
    gone = status == _GONE
    state = "delivered" if good else "held" if gone else "failed" if delay is None else "queued"
    ended = {
        "state": state,
        "delay": None if delay is None else gateway.settings.scaled(delay),
        "last_status": status,
        "last_error": error,
    }
    if good or gone:
        ended["delay"] = None

    async def write() -> bool:
        async with gateway.store.everyone() as db:
            ours = await table.settle_delivery(db, delivery, ended)
            if ours and not good and (gone or _hopeless(delivery)):
                await table.stop_endpoint(db, delivery.endpoint_id)
            return ours

    return await persistently(gateway, write)


def _hopeless(delivery: Delivery) -> bool:
    first = delivery.first_failure_at
    return first is not None and delivery.now - first > _BAD_DAYS
