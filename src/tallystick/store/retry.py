"""Which failures of the database are worth another try, and how often."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from tallystick.store.errors import StoreUnavailable

__all__ = ["TRIES", "persistently", "reason", "sqlstate", "worth_another_try"]

T = TypeVar("T")

TRIES: Final = 3
PAUSE: Final = 0.05  # seconds before the second try, four times that before the third, halved at random
AGAIN: Final = frozenset({"40001", "40P01", "TS001", "TS002"})  # lost a race: the next try sees the winner
GONE: Final = ("08", "57P0")  # connection lost; server stopping or starting
BUSY: Final = frozenset({"53300", "55P03", "57014", "25P03"})  # too many, lock or statement time-out


def sqlstate(error: BaseException) -> str:
    """The five characters of an error that came from PostgreSQL, wherever they hide; else ""."""
    seen: BaseException | None = error
    while seen is not None:
        state = getattr(seen, "sqlstate", None)
        if isinstance(state, str):
            return state
        seen = getattr(seen, "orig", None) or seen.__cause__
    return ""


def reason(error: BaseException) -> str | None:
    """Why the database is not available, in one line without data; None for any other kind of failure."""
    state = sqlstate(error)
    if state in AGAIN or state in BUSY or state.startswith(GONE):
        return f"SQLSTATE {state}"
    if isinstance(error, OSError | TimeoutError | PoolTimeout | InterfaceError | asyncpg.InterfaceError):
        return type(error).__name__
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return "connection lost"
    if isinstance(error, asyncpg.PostgresConnectionError | asyncpg.InternalClientError):
        return type(error).__name__  # the second: asyncpg met a connection that was just being cut
    return None


def worth_another_try(error: BaseException) -> bool:
    """Whether the same transaction may well succeed in a moment (a time-out would only repeat itself)."""
    state = sqlstate(error)
    return reason(error) is not None and state not in BUSY and not isinstance(error, PoolTimeout)


async def persistently(work: Callable[[], Awaitable[T]]) -> T:
    """The answer of `work`, tried at most three times. Raises StoreUnavailable, or what is no such
    failure.
    """
    for attempt in range(1, TRIES + 1):
        try:
            return await work()
        except Exception as error:
            why = reason(error)
            if why is None:
                raise
            if attempt == TRIES or not worth_another_try(error):
                raise StoreUnavailable(f"the database did not do it: {why}") from error
        await asyncio.sleep(PAUSE * 4 ** (attempt - 1) * random.uniform(0.5, 1))
    raise AssertionError("not reached")
