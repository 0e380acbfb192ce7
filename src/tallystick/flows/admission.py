"""Back-pressure: more than the workers can carry is refused at the door, never accepted and dropped.

What waits is counted per tenant, anew every few seconds and between that by what this process accepted,
so a burst cannot run far past the limit.
"""

import math
import time
from typing import Final
from uuid import UUID

from tallystick.settings import Settings
from tallystick.store import Store, backlog

__all__ = ["Admission"]

FRESH_SECONDS: Final = 5.0
MOST_TENANTS: Final = 10_000


class Count:
    """What waits for one tenant, as known since `at` (monotonic seconds)."""

    __slots__ = ("at", "overdue", "waiting")

    def __init__(self, at: float, waiting: int, overdue: float) -> None:
        self.at = at
        self.waiting = waiting
        self.overdue = overdue


class Admission:
    """Who may bring more. Limits are `max_queued_per_tenant` and `max_oldest_due_seconds`."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._most = settings.max_queued_per_tenant
        self._oldest = settings.max_oldest_due_seconds
        self._counts: dict[UUID, Count] = {}

    async def wait(self, tenant: UUID) -> int:
        """How many seconds the tenant should wait before bringing more; 0 when it is welcome now."""
        known = self._counts.get(tenant)
        if known is None or time.monotonic() - known.at > FRESH_SECONDS:
            known = await self._look(tenant)
        if known.waiting >= self._most or known.overdue > self._oldest:
            return math.ceil(FRESH_SECONDS)
        return 0

    def add(self, tenant: UUID) -> None:
        """One more was accepted."""
        known = self._counts.get(tenant)
        if known is not None:
            known.waiting += 1

    async def _look(self, tenant: UUID) -> Count:
        started = time.monotonic()
        waiting, overdue = await backlog(self._store, tenant, self._most + 1)
        if len(self._counts) >= MOST_TENANTS:
            self._counts.clear()
        made = self._counts[tenant] = Count(started, waiting, overdue)
        return made
