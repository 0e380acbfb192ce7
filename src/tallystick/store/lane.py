"""The busiest statement's own connections.

Taking a connection from asyncpg's pool and handing it back costs as much as using it. These stay out between
two statements and go from one caller straight to the next who waits; whatever looks wrong goes back to the
pool, which knows what to do with it.
"""

import asyncio
from collections import deque
from typing import Any, Final

import asyncpg

__all__ = ["Lane"]

MOST_USES: Final = 10_000  # then the pool has a connection back for a moment, and may renew it


class Lane:
    """At most `most` connections of the pool; with none of its own it asks the pool every time."""

    def __init__(self, pool: Any, most: int) -> None:
        self._pool = pool
        self._most = most
        self._held = 0
        self._idle: list[Any] = []
        self._uses: dict[Any, int] = {}
        self._turns: deque[asyncio.Future[Any]] = deque()
        self._closed = False

    async def fetchrow(self, query: str, *values: Any) -> Any:
        """The first row of a statement that is a transaction of its own."""
        if self._most < 1:
            return await self._pool.fetchrow(query, *values)
        connection = await self._take()
        try:
            row = await connection.fetchrow(query, *values)
        except BaseException as error:
            await self._done(connection, sound=isinstance(error, asyncpg.PostgresError))
            raise
        await self._done(connection, sound=True)
        return row

    async def close(self) -> None:
        """Give back what nobody uses; the rest follows as soon as it is free."""
        self._closed = True
        while self._idle:
            await self._give_back(self._idle.pop())

    async def _take(self) -> Any:
        while True:
            if self._idle:
                connection = self._idle.pop()
                if alive(connection):
                    return connection
                await self._give_back(connection)
            elif self._held < self._most:
                return await self._borrow()
            elif (connection := await self._turn()) is not None:
                return connection

    async def _borrow(self) -> Any:
        self._held += 1
        try:
            connection = await self._pool.acquire()
        except BaseException:
            self._held -= 1
            self._pass_on(None)
            raise
        self._uses[connection] = 0
        return connection

    async def _turn(self) -> Any:
        """A connection from whoever is done with it; None when there may be a new one."""
        turn: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._turns.append(turn)
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._hand_on(turn.result())
            raise

    def _hand_on(self, connection: Any) -> None:
        if not self._pass_on(connection) and connection is not None:
            self._idle.append(connection)

    def _pass_on(self, connection: Any) -> bool:
        """Hand it to the first who waits. False when nobody does."""
        while self._turns:
            turn = self._turns.popleft()
            if not turn.done():
                turn.set_result(connection)
                return True
        return False

    async def _done(self, connection: Any, *, sound: bool) -> None:
        uses = self._uses[connection] = self._uses[connection] + 1
        if not sound or self._closed or uses >= MOST_USES or not alive(connection):
            await self._give_back(connection)
        else:
            self._hand_on(connection)

    async def _give_back(self, connection: Any) -> None:
        self._held -= 1
        del self._uses[connection]
        self._pass_on(None)
        await self._pool.release(connection)


def alive(connection: Any) -> bool:
    """Whether the connection still stands. One that broke has gone back to its pool by itself."""
    try:
        return not connection.is_closed()
    except asyncpg.InterfaceError:
        return False
