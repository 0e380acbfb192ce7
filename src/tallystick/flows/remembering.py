"""Registrations as they were found a moment ago: a busy seller's are not looked up for every invoice.

Only what was found is remembered, and only for two seconds; a change in this process is seen at once. The
worker asks the database itself before anything is sent.
"""

import time
from typing import Final
from uuid import UUID

from tallystick.store import FoundRegistration, Store, find_registrations

__all__ = ["Registrations"]

FRESH_SECONDS: Final = 2.0
MOST: Final = 10_000

Asked = tuple[UUID, str, tuple[str, ...], str | None, str | None]


class Registrations:
    """The registrations of sellers, by tenant, strategy, environments and identifiers."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[Asked, tuple[float, list[FoundRegistration]]] = {}

    async def find(
        self, tenant: UUID, strategy: str, environments: tuple[str, ...], tax: str | None, legal: str | None
    ) -> list[FoundRegistration]:
        """The seller's registrations with the strategy, not retired. Raises StoreUnavailable."""
        asked = (tenant, strategy, environments, tax, legal)
        known = self._known.get(asked)
        if known is not None and time.monotonic() - known[0] < FRESH_SECONDS:
            return known[1]
        started = time.monotonic()
        found = await find_registrations(
            self._store,
            tenant,
            strategy=strategy,
            environments=environments,
            tax_identifier=tax,
            legal_identifier=legal,
        )
        if found:
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[asked] = (started, found)
        return found

    def forget(self) -> None:
        """Something was changed: look everything up again."""
        self._known.clear()
