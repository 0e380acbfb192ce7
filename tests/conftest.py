"""What every test may ask for: real servers, a fresh migrated database, an empty queue, the shared shelf.

Servers are started once per test process (one per xdist worker), without fsync. DATABASE_URL and REDIS_URL
win over them: then the tests make and drop their databases there, and use a numbered Redis database.
"""

import asyncio
import os
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest
import redis
from hypothesis import HealthCheck, settings

from tallystick import embedded
from tallystick.store import migrate

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
MIGRATION_LOCK = 7_254_119  # roles belong to the whole cluster: one migration at a time

settings.register_profile("tallystick", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tallystick")

Answer = TypeVar("Answer")


def _complete(work: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer:
    """Run a coroutine to its end in a loop of its own, whatever loop the test uses."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work()).result()


def _named(url: str, database: str) -> str:
    return urlsplit(url)._replace(path=f"/{database}").geturl()


async def _execute(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def _clone(admin: str, template: str, name: str) -> None:
    """Copy the template; a connection to it that is just closing is waited for."""
    for attempt in range(50):
        try:
            return await _execute(admin, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        except asyncpg.ObjectInUseError:
            if attempt == 49:
                raise
            await asyncio.sleep(0.1)
    raise AssertionError("not reached")


async def _drop(admin: str, name: str) -> None:
    """Drop a database, whoever is connected; a vacuum of the server, which nobody may end, is waited for."""
    for attempt in range(100):
        try:
            return await _execute(admin, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        except (asyncpg.InsufficientPrivilegeError, asyncpg.ObjectInUseError):
            if attempt == 99:
                raise
            await asyncio.sleep(0.1)
    raise AssertionError("not reached")


async def _migrated(admin: str, name: str) -> None:
    """A new database at the newest migration."""
    await _execute(admin, f'CREATE DATABASE "{name}"')
    connection = await asyncpg.connect(admin)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", MIGRATION_LOCK)
        await asyncio.to_thread(migrate.upgrade, _named(admin, name))
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def servers() -> Iterator[embedded.Addresses]:
    """PostgreSQL and Redis for this test process."""
    given = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")
    with embedded.addresses(*given, fsync=False) as found:
        yield found


@pytest.fixture(scope="session")
def template_database(servers: embedded.Addresses) -> Iterator[str]:
    """Name of a migrated database nobody connects to; every test gets a copy of it."""
    name = f"tallystick_template_{uuid4().hex[:12]}"
    try:
        _complete(lambda: _migrated(servers.database_url, name))
        yield name
    finally:
        _complete(lambda: _drop(servers.database_url, name))


@pytest.fixture
def database_name(servers: embedded.Addresses, template_database: str) -> Iterator[str]:
    """Name of this test's own database, migrated and empty."""
    name = f"tallystick_test_{uuid4().hex[:12]}"
    _complete(lambda: _clone(servers.database_url, template_database, name))
    yield name
    _complete(lambda: _drop(servers.database_url, name))


@pytest.fixture
def database_url(servers: embedded.Addresses, database_name: str) -> str:
    """This test's database for its owner (migrations, and looking behind the curtain)."""
    return _named(servers.database_url, database_name)


@pytest.fixture
def app_database_url(servers: embedded.Addresses, database_name: str) -> str:
    """This test's database for the API's role, or the given URL where the role is taken at start-up."""
    return _named(servers.app_database_url or servers.database_url, database_name)


@pytest.fixture
def worker_database_url(servers: embedded.Addresses, database_name: str) -> str:
    """This test's database for the worker's role, or the given URL where the role is taken at start-up."""
    return _named(servers.worker_database_url or servers.database_url, database_name)


@pytest.fixture
def redis_url(servers: embedded.Addresses) -> str:
    """An empty Redis database; numbered by test process, so that given servers can be shared."""
    number = 1 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 15
    address = servers.redis_url.partition("?")[0]
    if address.startswith("unix:"):
        url = f"{address}?db={number}"
    else:
        url = urlsplit(address)._replace(path=f"/{number}").geturl()
    with redis.Redis.from_url(url) as client:
        client.flushdb()
    return url


@pytest.fixture(scope="session")
def shared() -> Path:
    """The shelf with the official files and their judges, beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip("no ../shared beside this checkout: the official rules cannot judge here")
    return SHARED


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the checkout."""
    return ROOT
