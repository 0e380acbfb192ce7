"""The desk: which submissions this worker is at, and how many at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import structlog

__all__ = ["Desk"]

log = structlog.get_logger("tallystick.worker")


class Desk:
    """Takes submissions, works on at most `limit` of them at once, each at most once at a time.

    Offers beyond the limit are refused: the database still has them, and the next look finds them.
    """

    def __init__(self, work: Callable[[UUID], Awaitable[None]], limit: int) -> None:
        self._work = work
        self._limit = limit
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._closed = False

    @property
    def free(self) -> int:
        """How many more submissions would be taken now."""
        return 0 if self._closed else max(0, self._limit - len(self._tasks))

    def offer(self, submission: UUID) -> bool:
        """Start on `submission`; false when it is being worked on, or there is no room."""
        if submission in self._tasks or not self.free:
            return False
        task = asyncio.create_task(self._run(submission), name=f"submission {submission}")
        self._tasks[submission] = task
        task.add_done_callback(lambda _: self._tasks.pop(submission, None))
        return True

    async def _run(self, submission: UUID) -> None:
        try:
            await self._work(submission)
        except Exception:
            log.exception("submission.failed", submission=str(submission))

    async def close(self, seconds: float) -> int:
        """Take nothing more and let what runs finish for `seconds`. How many had to be left."""
        self._closed = True
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=seconds)
        left = list(self._tasks.values())
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        return len(left)
