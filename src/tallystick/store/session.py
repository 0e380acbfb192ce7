"""The open store: two small pools, one role, and the promise that no query runs outside its tenant.

`tenant` gives ordinary queries a transaction with the tenant set; `hot` are raw connections for statements
that are functions and set the tenant themselves. All settings are local to a transaction, so that connections
need no clean-up between uses.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar
from uuid import UUID

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from tallystick.store.connecting import Role, connector, session_settings
from tallystick.store.errors import StoreError, StoreUnavailable
from tallystick.store.lane import Lane
from tallystick.store.retry import persistently, reason

__all__ = ["Store"]

T = TypeVar("T")

CLOSE_SECONDS: Final = 5.0
EFFECTIVE: Final = """
SELECT current_user AS name, r.rolsuper AS superuser, r.rolbypassrls AS bypasses,
    to_regclass('public.compliance_log') IS NOT NULL AS migrated,
    CASE WHEN to_regclass('public.compliance_log') IS NOT NULL THEN
        has_table_privilege('public.compliance_log', 'UPDATE, DELETE, TRUNCATE') ELSE false END AS rewrites
FROM pg_roles r WHERE r.rolname = current_user
"""


class Store:
    """The database as one role sees it: `app` one tenant at a time, `worker` all of them.

    `hot` is an asyncpg pool for statements that must be fast; whatever it runs sets `app.tenant` itself.
    `lane` are those of its connections that the busiest statement keeps: all but two.
    """

    def __init__(self, role: Role, engine: AsyncEngine, hot: Any, pool_size: int = 0) -> None:
        self.role = role
        self.engine = engine
        self.hot = hot
        self.lane = Lane(hot, pool_size - 2)

    @classmethod
    async def open(cls, url: str, role: Role = "app", pool_size: int = 10) -> "Store":
        """Connect as `tallystick_app` or `tallystick_worker`, with at most 2 × `pool_size` connections.

        Raises StoreUnavailable when nobody answers, StoreError when the role could rewrite the log, sees past
        row security, or the database was never migrated.
        """
        settings = session_settings(url, role)
        engine = create_async_engine(
            "postgresql+asyncpg://",
            async_creator=connector(url, settings),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=5,
        )
        hot = asyncpg.create_pool(
            url,
            min_size=min(2, pool_size),
            max_size=pool_size,
            server_settings=settings,
            reset=untouched,
            max_inactive_connection_lifetime=300,
            timeout=5,
        )
        store = cls(role, engine, hot, pool_size)
        try:
            await hot
            await store.refuse_power()
        except BaseException as error:
            await store.close()
            if isinstance(error, StoreError) or reason(error) is None:
                raise
            raise StoreUnavailable(f"the database cannot be opened: {reason(error)}") from error
        return store

    async def refuse_power(self) -> None:
        """Raise StoreError unless the role is as weak as it must be."""
        found = await self.hot.fetchrow(EFFECTIVE)
        if not found["migrated"]:
            raise StoreError("the database has no tables: run the migrations first")
        if found["superuser"] or found["bypasses"]:
            raise StoreError(f"role {found['name']} is not bound by row security: use a lesser one")
        if found["rewrites"]:
            raise StoreError(f"role {found['name']} may change the log: use a lesser one")

    async def close(self) -> None:
        """Let go of every connection, after what is running (at most 5 s)."""
        await self.engine.dispose()
        if not self.hot._initialized:  # noqa: SLF001 -- asyncpg closes no pool that never opened
            return
        await self.lane.close()
        try:
            await asyncio.wait_for(self.hot.close(), CLOSE_SECONDS)
        except TimeoutError:
            self.hot.terminate()

    @asynccontextmanager
    async def tenant(self, tenant_id: UUID) -> AsyncIterator[AsyncConnection]:
        """One transaction that sees this tenant only. Commits at the end, rolls back on an exception."""
        async with self.engine.begin() as connection:
            await connection.execute(
                text("SELECT set_config('app.tenant', :tenant, true)"), {"tenant": str(tenant_id)}
            )
            yield connection

    @asynccontextmanager
    async def everyone(self) -> AsyncIterator[AsyncConnection]:
        """One transaction across tenants: the worker's. Raises StoreError for the app."""
        if self.role != "worker":
            raise StoreError("only the worker sees every tenant")
        async with self.engine.begin() as connection:
            yield connection

    async def find_api_key(self, prefix: str) -> dict[str, Any] | None:
        """The row of `api_key` with this prefix, whoever it belongs to; None when there is none."""
        row = await self.retrying(lambda: self.hot.fetchrow("SELECT * FROM find_api_key($1)", prefix))
        return None if row is None else dict(row)

    async def ping(self) -> str | None:
        """None when the database answers, else why it does not (one line, no address)."""
        try:
            await self.hot.fetchval("SELECT 1", timeout=2)
        except Exception as error:  # noqa: BLE001 -- whatever it is, the database did not answer
            return reason(error) or type(error).__name__
        return None

    async def retrying(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do the work, again (at most three times in all, with jitter) when it lost a race or its connection.

        The work must be one transaction and safe to repeat. Raises StoreUnavailable when it kept failing so.
        """
        return await persistently(work)


async def untouched(_connection: Any) -> None:
    """Nothing to reset: every setting was local to its transaction. Saves a round trip per use."""
