"""An open store of each role, and rows to put into it."""

from collections.abc import AsyncIterator

import pytest

from tallystick.store import Store


@pytest.fixture
async def app(app_database_url: str) -> AsyncIterator[Store]:
    """The API's store."""
    store = await Store.open(app_database_url, "app", pool_size=8)
    yield store
    await store.close()


@pytest.fixture
async def worker(worker_database_url: str) -> AsyncIterator[Store]:
    """The worker's store."""
    store = await Store.open(worker_database_url, "worker", pool_size=4)
    yield store
    await store.close()
