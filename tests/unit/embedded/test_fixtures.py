"""The shared fixtures: every test has its own database and an empty queue."""

import asyncpg
import pytest
import redis


@pytest.mark.parametrize("turn", [1, 2])
async def test_a_database_belongs_to_one_test(database_url: str, turn: int) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute("CREATE TABLE only_mine ()")  # would exist on the second turn
    await connection.close()


@pytest.mark.parametrize("turn", [1, 2])
def test_a_queue_is_empty(redis_url: str, turn: int) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("left", "behind")


async def test_the_app_role_reaches_the_same_database(database_url: str, app_database_url: str) -> None:
    names = []
    for url in (database_url, app_database_url):
        connection = await asyncpg.connect(url)
        names.append(await connection.fetchval("SELECT current_database()"))
        await connection.close()
    assert names[0] == names[1]
