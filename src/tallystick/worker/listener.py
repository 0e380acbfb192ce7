"""arq's side: hears wake-ups and hands them to the desk. When Redis dies it is built anew, over and over."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

import structlog
from arq.worker import Worker, func
from redis.exceptions import RedisError

from tallystick.worker.wake import JOB, QUEUE, address, deserialize, serialize

__all__ = ["listen"]

log = structlog.get_logger("tallystick.worker")
_PAUSE: Final = 0.5  # seconds between two tries to reach Redis


async def listen(url: str, offer: Callable[[UUID], bool]) -> None:
    """Offer every submission that Redis names, until cancelled. Redis may come, go and forget."""

    async def look(context: dict[str, Any], *submissions: str) -> None:
        for submission in submissions:
            with contextlib.suppress(ValueError):
                offer(UUID(submission))

    while True:
        worker: Worker | None = None
        try:
            worker = _worker(url, look)
            await worker.async_run()
        except (RedisError, OSError, TimeoutError) as error:
            log.info("redis.away", error=type(error).__name__)
        finally:
            if worker is not None:
                with contextlib.suppress(RedisError, OSError, AttributeError):
                    await worker.close()
        await asyncio.sleep(_PAUSE)


def _worker(url: str, look: Any) -> Worker:
    return Worker(
        functions=[func(look, name=JOB, keep_result=0, max_tries=10_000)],
        queue_name=QUEUE,
        redis_settings=address(url),
        job_serializer=serialize,
        job_deserializer=deserialize,
        handle_signals=False,
        poll_delay=0.02,
        queue_read_limit=2000,
        max_jobs=100,
        job_timeout=90,
        keep_result=0,
        health_check_interval=3600,
        log_results=False,
        burst=False,
    )
