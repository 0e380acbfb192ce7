"""The lane never loses a connection: whatever happens to a caller, all others are served."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from tallystick.store import Store
from tallystick.store.lane import Lane

HELD = 2
PID = "SELECT pg_backend_pid(), pg_sleep(0.01)"


@pytest.fixture
async def store(app_database_url: str) -> AsyncIterator[Store]:
    """A store whose lane has two connections."""
    opened = await Store.open(app_database_url, pool_size=HELD + 2)
    yield opened
    await opened.close()


async def pids(lane: Lane, times: int = 8) -> set[int]:
    """The backends that many callers at once are served by."""
    return {row[0] for row in await asyncio.gather(*(lane.fetchrow(PID) for _ in range(times)))}


async def test_many_callers_share_the_lane_and_leave_connections_to_others(store: Store) -> None:
    served, other = await asyncio.gather(pids(store.lane, 50), store.hot.fetchval(PID))
    assert len(served) == HELD and other not in served
    assert await pids(store.lane) == served


async def test_who_waits_first_is_served_first(store: Store) -> None:
    order: list[int] = []

    async def call(number: int) -> None:
        await store.lane.fetchrow("SELECT pg_sleep(0.005)")
        order.append(number)

    await asyncio.gather(*(call(number) for number in range(12)))
    assert all(abs(place - number) < HELD for place, number in enumerate(order))


async def test_a_refused_statement_does_not_cost_the_connection(store: Store) -> None:
    before = await pids(store.lane)
    for _ in range(5):
        with pytest.raises(asyncpg.UndefinedTableError):
            await store.lane.fetchrow("SELECT * FROM nothing")
    assert await pids(store.lane) <= before


async def test_a_connection_that_is_gone_is_replaced(store: Store) -> None:
    before = await pids(store.lane)
    for pid in before:
        assert await store.hot.fetchval("SELECT pg_terminate_backend($1, 5000)", pid)
    for _ in range(HELD):  # one that has not noticed yet fails, and is thrown away
        await asyncio.gather(*(store.lane.fetchrow(PID) for _ in range(HELD)), return_exceptions=True)
    after = await pids(store.lane)
    assert len(after) == HELD and not after & before


async def test_a_connection_that_breaks_in_a_statement_is_replaced(store: Store) -> None:
    (breaking,) = await pids(store.lane, 1)
    call = asyncio.create_task(store.lane.fetchrow("SELECT pg_sleep(30)"))
    waiting = asyncio.gather(*(pids(store.lane, 5) for _ in range(3)))
    await asyncio.sleep(0.1)
    assert await store.hot.fetchval("SELECT pg_terminate_backend($1, 5000)", breaking)
    with pytest.raises((asyncpg.AdminShutdownError, asyncpg.ConnectionDoesNotExistError)):
        await call
    await asyncio.wait_for(waiting, 5)
    found = await pids(store.lane)
    assert len(found) == HELD and breaking not in found


async def test_callers_that_give_up_cost_nobody_a_connection(store: Store) -> None:
    for _ in range(10):
        calls = [asyncio.create_task(store.lane.fetchrow("SELECT pg_sleep(0.02)")) for _ in range(8)]
        await asyncio.sleep(0.01)
        for call in calls[::2]:
            call.cancel()
        found = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 10)
        assert [isinstance(one, asyncio.CancelledError) for one in found] == [True, False] * 4
    assert len(await asyncio.wait_for(pids(store.lane), 5)) == HELD


async def test_who_gives_up_in_the_moment_of_his_turn_hands_it_on(store: Store) -> None:
    lane = store.lane
    first = [asyncio.create_task(lane.fetchrow("SELECT pg_sleep(0.05)")) for _ in range(HELD)]
    await asyncio.sleep(0.02)
    leaving, staying = (asyncio.create_task(lane.fetchrow(PID)) for _ in range(2))
    await asyncio.sleep(0)
    first[0].add_done_callback(lambda _: leaving.cancel())  # runs before the one whose turn it is
    await asyncio.gather(*first)
    assert (await asyncio.wait_for(staying, 5))[0]
    await asyncio.gather(leaving, return_exceptions=True)
    assert len(await asyncio.wait_for(pids(lane), 5)) == HELD


async def test_a_pool_too_small_to_share_is_asked_every_time(app_database_url: str) -> None:
    store = await Store.open(app_database_url, pool_size=2)
    try:
        served = await pids(store.lane)
        both = await asyncio.wait_for(asyncio.gather(*(store.hot.fetchval(PID) for _ in range(4))), 5)
        assert set(both) <= served | set(both) and len(served) <= 2
    finally:
        await store.close()


async def test_closing_waits_for_what_is_under_way(app_database_url: str) -> None:
    store = await Store.open(app_database_url, pool_size=HELD + 2)
    await pids(store.lane)
    call = asyncio.create_task(store.lane.fetchrow("SELECT pg_sleep(0.2), 7"))
    await asyncio.sleep(0.05)
    await asyncio.wait_for(store.close(), 3)
    assert (await call)[1] == 7
    with pytest.raises(asyncpg.InterfaceError):
        await store.lane.fetchrow(PID)


class Counted:
    """A pool that counts what is taken out of it."""

    def __init__(self, pool: Any) -> None:
        self.pool = pool
        self.release = pool.release
        self.taken = 0

    async def acquire(self) -> Any:
        self.taken += 1
        return await self.pool.acquire()


async def test_a_worn_connection_goes_back_to_the_pool(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tallystick.store.lane.MOST_USES", 3)
    pool = Counted(store.hot)
    lane = Lane(pool, 1)
    for _ in range(12):
        await lane.fetchrow(PID)
    await lane.close()
    assert pool.taken == 4
