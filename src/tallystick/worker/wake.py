"""A wake-up through Redis: "look at these". Losing, doubling or delaying one changes only latency."""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

import msgspec
from arq.connections import ArqRedis, RedisSettings, create_pool
from redis.exceptions import RedisError

__all__ = ["JOB", "QUEUE", "Waker", "address", "connect", "deserialize", "serialize"]

JOB: Final = "look"
QUEUE: Final = "tallystick:wake"
_PATIENCE = 0.05  # seconds an accepted POST waits for Redis, at most
_PAUSE = 1.0  # seconds during which a Redis that failed is left alone


def serialize(job: dict[str, Any]) -> bytes:
    """The job as MessagePack: a queue that others can write to must not be able to run code here."""
    return msgspec.msgpack.encode(job)


def deserialize(body: bytes) -> dict[str, Any]:
    """The job of these bytes. Raises msgspec.DecodeError."""
    return msgspec.msgpack.decode(body, type=dict[str, Any])


async def connect(url: str) -> ArqRedis:
    """A pool for arq on `url`, also on a unix socket. Raises RedisError or OSError when nobody answers."""
    return await create_pool(
        address(url),
        job_serializer=serialize,
        job_deserializer=deserialize,
        default_queue_name=QUEUE,
    )


def address(url: str) -> RedisSettings:
    """Say `url` in arq's way (redis, rediss or unix); it never waits for a server that is not there."""
    return replace(RedisSettings.from_dsn(url), conn_retries=0, conn_timeout=1)


class Waker:
    """Wakes a worker. Never raises, never waits longer than 50 ms, leaves a dead Redis alone for a second."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._pool: ArqRedis | None = None
        self._not_before = 0.0
        self.lost = 0

    async def wake(self, submissions: Sequence[UUID]) -> None:
        """Tell a worker to look at these; on any trouble count them in `lost` and go on."""
        if time.monotonic() < self._not_before:
            self.lost += len(submissions)
            return
        try:
            async with asyncio.timeout(_PATIENCE):
                if self._pool is None:
                    self._pool = await connect(self._url)
                await self._pool.enqueue_job(JOB, *map(str, submissions), _queue_name=QUEUE)
        except (RedisError, OSError, TimeoutError):
            self.lost += len(submissions)
            self._not_before = time.monotonic() + _PAUSE

    async def close(self) -> None:
        """Give the connections back."""
        if self._pool is not None:
            with contextlib.suppress(RedisError, OSError):
                await self._pool.aclose()
