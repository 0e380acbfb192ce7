"""The delivery loop: claims what may go, signs it, posts it, writes down how it ended."""

import asyncio
import contextlib
import random
import time
from typing import Final

import structlog

from tallystick.flows import notify
from tallystick.flows.crashpoint import crashpoint
from tallystick.flows.errors import Unavailable
from tallystick.flows.gateway import Gateway
from tallystick.flows.notify import Delivery
from tallystick.webhooks.guard import Guard
from tallystick.webhooks.sender import Sender, Told
from tallystick.webhooks.signing import headers_for

__all__ = ["deliver", "loop"]

log = structlog.get_logger("tallystick.webhooks")
AT_ONCE: Final = 50
_LOOK: Final = 1.0  # seconds between two looks when there is nothing to do, at scale 1
_SHORTEST: Final = 0.05


async def loop(gateway: Gateway, ending: asyncio.Event) -> None:
    """Deliver until `ending` is set; then finish what is under way. Survives an outage of the store."""
    settings = gateway.settings
    guard = Guard(settings.webhook_ports, settings.webhook_allow_private)
    lease = settings.webhook_timeout_seconds + 10
    tasks: set[asyncio.Task[None]] = set()
    async with Sender(guard, settings.webhook_timeout_seconds) as sender:
        while not ending.is_set():
            claimed: list[Delivery] = []
            try:
                claimed = (
                    await notify.claim(gateway, AT_ONCE - len(tasks), lease) if len(tasks) < AT_ONCE else []
                )
            except Unavailable as error:
                log.warning("store.away", loop="webhooks", error=str(error))
            for delivery in claimed:
                task = asyncio.create_task(_try(gateway, sender, delivery))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
            pause = _SHORTEST if claimed or tasks else max(_SHORTEST, settings.scaled(_LOOK))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(ending.wait(), pause)
        if tasks:
            await asyncio.wait(tasks, timeout=settings.webhook_timeout_seconds + 2)


async def _try(gateway: Gateway, sender: Sender, delivery: Delivery) -> None:
    try:
        await deliver(gateway, sender, delivery)
    except Exception:  # its lease runs out and the same event goes again under the same id
        log.exception("webhook.failed", event_id=str(delivery.event_id))


async def deliver(gateway: Gateway, sender: Sender, delivery: Delivery) -> Told:
    """One try of one delivery, written down. What the subscriber says of it."""
    crashpoint("deliver.claimed")
    secrets = notify.secrets_of(gateway, delivery)
    headers = headers_for(
        str(delivery.event_id), int(time.time()), delivery.body, secrets, gateway.keyring.webhook
    )
    told = await sender.post(delivery.url, headers, delivery.body)
    crashpoint("deliver.answered")
    delay = None if told.good else notify.delay_after(delivery.attempts, random.random(), told.after)
    error = told.error or (None if told.good else f"HTTP {told.status}")
    await notify.settle(gateway, delivery, told.status, error, delay)
    crashpoint("deliver.settled")
    return told
