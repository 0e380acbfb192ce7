"""One transaction of one tenant, whose outages are told as `Unavailable`."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar
from uuid import UUID

from tallystick.flows.errors import Refused, Unavailable
from tallystick.flows.gateway import Gateway
from tallystick.store.errors import StoreUnavailable
from tallystick.store.retry import reason
from tallystick.store.rows import Connection

__all__ = ["persistently", "within"]

T = TypeVar("T")


@asynccontextmanager
async def within(gateway: Gateway, tenant_id: UUID) -> AsyncIterator[Connection]:
    """The tenant's transaction: commits at the end, rolls back on any exception. Raises Unavailable."""
    try:
        async with gateway.store.tenant(tenant_id) as connection:
            yield connection
    except Refused:
        raise
    except StoreUnavailable:
        raise Unavailable from None
    except Exception as error:
        if reason(error) is None:
            raise
        raise Unavailable from error


async def persistently(gateway: Gateway, work: Callable[[], Awaitable[T]]) -> T:
    """The answer of `work`, one transaction that may be repeated, tried a few times. Raises Unavailable."""
    try:
        return await gateway.store.retrying(work)
    except StoreUnavailable as error:
        raise Unavailable from error
