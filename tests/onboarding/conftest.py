"""A sandbox, a house before it, a courier between them."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from flows.house import House, house, settings_for
from tallystick.sandbox.server import Running, running
from tallystick.worker.courier import HttpCourier


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Running]:
    """The authority, its journal in `authority.jsonl`."""
    with running(tmp_path / "authority.jsonl", consumer_journal=tmp_path / "consumer.jsonl") as found:
        yield found


@pytest.fixture
async def home(
    tmp_path: Path, app_database_url: str, worker_database_url: str, sandbox: Running
) -> AsyncIterator[House]:
    """A house that may speak to the sandbox."""
    host = sandbox.url.removeprefix("http://")
    settings = settings_for(
        tmp_path,
        app_database_url,
        worker_database_url,
        [host],
        webhook_allow_private=True,
        webhook_ports=(int(host.rpartition(":")[2]),),
    )
    async with house(settings) as opened:
        yield opened


@pytest.fixture
async def courier(home: House) -> AsyncIterator[HttpCourier]:
    """The worker's courier."""
    async with HttpCourier(home.worker.settings.access_point_hosts) as opened:
        yield opened
