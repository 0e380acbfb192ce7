"""The worker's process: hears wake-ups, finds what is due by itself, recovers what others left.

Redis only shortens the wait. Every loop survives an outage of PostgreSQL or Redis and goes on afterwards.
"""

import asyncio
import contextlib
import os
import random
import signal
import socket
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final
from uuid import UUID

import structlog

from tallystick.flows import deadlines, freezing, polling, recover, submit
from tallystick.flows.errors import Unavailable
from tallystick.flows.gateway import Gateway, open_gateway
from tallystick.flows.hosts import permitted
from tallystick.flows.onboarding import running as onboarding
from tallystick.flows.onboarding.expiring import remind
from tallystick.settings import Settings
from tallystick.worker.courier import HttpCourier
from tallystick.worker.desk import Desk
from tallystick.worker.listener import listen
from tallystick.worker.metrics import Metrics, exposed

__all__ = ["Beside", "serve"]

log = structlog.get_logger("tallystick.worker")
_AHEAD: Final = 16  # documents that are built beside those at the desk
_LOOK: Final = 1.0  # seconds between two looks for what is due, at scale 1
_SHORTEST: Final = 0.05
_MINUTE: Final = 60.0
_HOUR: Final = 3600.0
Beside = Callable[[Gateway, asyncio.Event], Awaitable[None]]


async def serve(
    settings: Settings, stop: asyncio.Event | None = None, beside: tuple[Beside, ...] = ()
) -> None:
    """Work until `stop` is set or the process is told to end (SIGTERM, SIGINT).

    `beside` are further loops that run in this process, each given the gateway and the event that ends them.
    On stop nothing new is claimed; what is under way may finish within the HTTP time-out and five seconds.
    """
    ending = stop or asyncio.Event()
    _obey_signals(ending)
    metrics = Metrics()
    with exposed(settings, metrics):
        await _serve(settings, ending, beside, metrics)


async def _serve(
    settings: Settings, ending: asyncio.Event, beside: tuple[Beside, ...], metrics: Metrics
) -> None:
    async with (
        open_gateway(settings, "worker") as gateway,
        HttpCourier(permitted(settings.access_point_hosts, gateway.strategies.all)) as courier,
    ):
        if gateway.bench is not None:
            gateway.bench.count = metrics.judged
        owner = f"{socket.gethostname()}:{os.getpid()}"
        desk, ahead = _desk(gateway, courier, owner, ending), _ahead(gateway)
        aside = [asyncio.create_task(_kept_alive(loop, gateway, ending)) for loop in beside]
        onboard = partial(onboarding.look, gateway, courier, owner, ending)
        aside.append(asyncio.create_task(_forever("onboard", ending, settings, onboard)))
        loops = [
            *aside,
            asyncio.create_task(_forever("look", ending, settings, lambda: _look(gateway, desk, ahead))),
            asyncio.create_task(_forever("recover", ending, settings, lambda: recover.recover(gateway))),
            asyncio.create_task(_forever("deadlines", ending, settings, lambda: deadlines.tell(gateway))),
            asyncio.create_task(_forever("remind", ending, settings, lambda: remind(gateway), _MINUTE)),
            asyncio.create_task(
                _forever("poll", ending, settings, lambda: polling.poll(gateway, courier), _MINUTE)
            ),
            asyncio.create_task(_forever("tidy", ending, settings, lambda: recover.tidy(gateway), _HOUR)),
        ]
        if settings.redis_url:
            loops.append(
                asyncio.create_task(
                    listen(settings.redis_url, lambda found: desk.offer(found) or ahead.offer(found))
                )
            )
        log.info("worker.ready", owner=owner, concurrency=settings.worker_concurrency)
        await ending.wait()
        log.info("worker.stopping")
        grace = settings.http_timeout_seconds + 5
        stopping = time.monotonic()
        left = await desk.close(grace) + await ahead.close(1.0)
        if aside:
            await asyncio.wait(aside, timeout=max(0.0, grace - (time.monotonic() - stopping)))
        for task in loops:
            task.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
        log.info("worker.stopped", left=left)


def _obey_signals(ending: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(name, ending.set)


def _desk(gateway: Gateway, courier: HttpCourier, owner: str, ending: asyncio.Event) -> Desk:
    async def work(submission: UUID) -> None:
        while await submit.run(gateway, courier, submission, owner) and not ending.is_set():
            pass

    return Desk(work, gateway.settings.worker_concurrency)


def _ahead(gateway: Gateway) -> Desk:
    """Where documents are built that are the buyer's at once, when the desk is full: nobody at a till waits
    for an authority that is slow with others.
    """

    async def work(submission: UUID) -> None:
        await freezing.ahead(gateway, submission)

    return Desk(work, _AHEAD)


async def _look(gateway: Gateway, desk: Desk, ahead: Desk) -> int:
    """Offer what is due to the desk; how much of it was taken. While it is full, what somebody waits for is
    at least built.
    """
    taken = sum(desk.offer(found) for found in await recover.due(gateway, desk.free))
    if not desk.free:
        taken += sum(ahead.offer(found) for found in await recover.unbuilt(gateway, ahead.free))
    return taken


async def _forever(
    name: str,
    ending: asyncio.Event,
    settings: Settings,
    once: Callable[[], Awaitable[int]],
    seconds: float = _LOOK,
) -> None:
    """Do it again and again: at once after a full catch, else after a pause; an outage only makes it wait."""
    while not ending.is_set():
        caught = 0
        try:
            caught = await once()
        except Unavailable as error:
            log.warning("store.away", loop=name, error=str(error))
        except Exception:
            log.exception("loop.failed", loop=name)
        pause = _SHORTEST if caught else max(_SHORTEST, settings.scaled(seconds))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ending.wait(), pause * random.uniform(0.75, 1.25))


async def _kept_alive(loop: Beside, gateway: Gateway, ending: asyncio.Event) -> None:
    while not ending.is_set():
        try:
            await loop(gateway, ending)
        except Exception:
            log.exception("loop.failed", loop=getattr(loop, "__name__", "beside"))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ending.wait(), _LOOK)
