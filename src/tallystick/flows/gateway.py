"""What every flow is handed: the store, the strategies, the settings, the keys, and a bell for the worker."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final
from uuid import UUID

from tallystick import strategies
from tallystick.flows.admission import Admission
from tallystick.flows.crashpoint import arm
from tallystick.flows.errors import Unavailable
from tallystick.flows.regimes import Explorer
from tallystick.flows.remembering import Registrations
from tallystick.keys import Keyring
from tallystick.settings import Settings
from tallystick.store import Store, StoreError, StoreUnavailable
from tallystick.store.connecting import Role
from tallystick.strategies import Registry

if TYPE_CHECKING:
    from tallystick.flows.bench import Bench

__all__ = ["Gateway", "Waker", "open_gateway"]

Waker = Callable[[Sequence[UUID]], Awaitable[None]]

WAKE_SECONDS: Final = 0.05
WAKE_PAUSE: Final = 0.005  # between two rings of a busy process: those who wait are named in one
WAKES_AT_ONCE: Final = 1000
logger = logging.getLogger(__name__)


class Gateway:
    """One installation as one process sees it. `wakes_lost` counts bells that could not be rung; `bench` is
    the second judge, which only a worker has.
    """

    def __init__(
        self,
        *,
        store: Store,
        strategies: Registry,
        settings: Settings,
        keyring: Keyring,
        wake: Waker | None = None,
        bench: "Bench | None" = None,
    ) -> None:
        self.store = store
        self.strategies = strategies
        self.settings = settings
        self.keyring = keyring
        self.admission = Admission(store, settings)
        self.registrations = Registrations(store)
        self._explorer = Explorer(strategies)
        self.bench = bench
        self.wakes_lost = 0
        self._waker = wake
        self._unrung: list[UUID] = []
        self._ringing: asyncio.Task[None] | None = None

    @property
    def explorer(self) -> Explorer:
        """What the loaded strategies know."""
        if self._explorer.registry is not self.strategies:
            self._explorer = Explorer(self.strategies)
        return self._explorer

    def use_waker(self, wake: Waker | None) -> None:
        """Ring this bell from now on."""
        self._waker = wake

    def wake(self, submission_id: UUID) -> None:
        """Tell the workers that there is something to do. Returns at once, never fails.

        It is a courtesy: a worker finds the submission by itself as well. A ring gets 50 ms; what is wanted
        meanwhile is in the next one.
        """
        if self._waker is None:
            return
        if len(self._unrung) >= WAKES_AT_ONCE:
            self.wakes_lost += 1
            return
        self._unrung.append(submission_id)
        if self._ringing is None:
            self._ringing = asyncio.create_task(self._ring())

    async def _ring(self) -> None:
        """Ring until nobody waits."""
        try:
            while self._unrung and self._waker is not None:
                named, self._unrung = self._unrung, []
                await self._ring_once(self._waker, named)
                if self._unrung:
                    await asyncio.sleep(WAKE_PAUSE)
        finally:
            self._ringing = None

    async def _ring_once(self, waker: Waker, named: Sequence[UUID]) -> None:
        try:
            async with asyncio.timeout(WAKE_SECONDS):
                await waker(named)
        except Exception as error:  # noqa: BLE001 -- whatever failed, the worker finds them by itself
            self.wakes_lost += len(named)
            logger.debug("wake lost: %s", type(error).__name__)

    async def close(self) -> None:
        """Ring for those who wait (at most 50 ms a ring) and close the store."""
        if self._ringing is not None:
            await asyncio.gather(self._ringing, return_exceptions=True)
        if self.bench is not None:
            await self.bench.close()
        await self.store.close()


def _bench(settings: Settings) -> "Bench":
    """The second judge of a worker; nobody else loads what it needs."""
    from tallystick.flows.bench import Bench

    return Bench(settings)


@asynccontextmanager
async def open_gateway(
    settings: Settings, role: Role = "app", *, wake: Waker | None = None
) -> AsyncIterator[Gateway]:
    """The gateway for `app` (the API) or `worker`; closed at the end.

    Only the worker's holds the keys that open secrets and sign documents. Keys are made in development only.
    Raises Unavailable when the database does not answer, StoreError, KeyringError or StrategyConflict when
    something must be mended first.
    """
    own = settings.app_database_url if role == "app" else settings.worker_database_url
    url = own or settings.database_url
    arm(settings.crashpoint)
    if url is None:
        raise StoreError("no database: set DATABASE_URL, or start the embedded one")
    create = settings.environment == "development"
    opener = Keyring.open_for_api if role == "app" else Keyring.open
    keyring = opener(settings.key_directory, create=create)
    registry = strategies.load()
    try:
        store = await Store.open(url, role, settings.database_pool_size)
    except StoreUnavailable as error:
        raise Unavailable from error
    bench = _bench(settings) if role == "worker" else None
    gateway = Gateway(
        store=store, strategies=registry, settings=settings, keyring=keyring, wake=wake, bench=bench
    )
    try:
        yield gateway
    finally:
        await gateway.close()
