"""The gateway from inside, for operators: no API key, every tenant in sight."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from tallystick.cli.printing import USAGE, Failure
from tallystick.cli.surroundings import at_head, servers

if TYPE_CHECKING:
    from tallystick.flows.gateway import Gateway
    from tallystick.settings import Settings

__all__ = ["all_tenants", "in_the_gateway", "is_id", "known_tenant", "rows_of_all", "tenant_of"]

T = TypeVar("T")


def in_the_gateway(work: "Callable[[Gateway, Settings], Awaitable[T]]") -> T:
    """What the work returns, done in an open gateway of the API's role."""
    from tallystick.flows.gateway import open_gateway

    async def inside(settings: "Settings") -> T:
        async with open_gateway(settings) as gateway:
            return await work(gateway, settings)

    with servers() as settings:
        at_head(settings)
        return asyncio.run(inside(settings))


async def rows_of_all(settings: "Settings", table: str, **where: Any) -> Any:
    """The rows of a table that match, whoever's they are, by id: the worker's role sees them."""
    from tallystick.store import Store, rows

    store = await Store.open(settings.worker_database_url or settings.database_url or "", "worker", 1)
    try:
        async with store.everyone() as connection:
            return await rows.slice_of(connection, table, where, limit=100_000)
    finally:
        await store.close()


async def all_tenants(settings: "Settings") -> Any:
    """The rows of all tenants, oldest first."""
    return await rows_of_all(settings, "tenant")


async def tenant_of(settings: "Settings", wanted: str) -> UUID | None:
    """The tenant of that id or name. Raises Failure for a name that several have, or an unknown id."""
    found = [row["id"] for row in await all_tenants(settings) if wanted in (str(row["id"]), row["name"])]
    if len(found) > 1:
        raise Failure(f"{len(found)} tenants are called {wanted}: give the id", USAGE)
    if not found and is_id(wanted):
        raise Failure(f"there is no tenant {wanted}")
    return found[0] if found else None


async def known_tenant(settings: "Settings", wanted: str) -> UUID:
    """The tenant of that id or name. Raises Failure when there is none."""
    found = await tenant_of(settings, wanted)
    if found is None:
        raise Failure(f"there is no tenant {wanted}")
    return found


def is_id(text: str) -> bool:
    """Whether the text is a UUID."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True
