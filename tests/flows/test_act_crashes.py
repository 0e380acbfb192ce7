"""A worker is killed at every point of an act's and a poll's way; whoever comes next finishes it, once."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from flows.acting import Acting, acting_house, asked, audit, played
from flows.house import House
from flows.test_acts import in_force, resource
from flows.test_polls import DUE, news_of
from tallystick.flows import polling, recover
from tallystick.flows.crashpoint import POINTS
from tallystick.worker.courier import HttpCourier
from thorough import share

TESTS = Path(__file__).parents[1]
OF_ACTS = share((point for point in POINTS if point.startswith(("submit.", "send.", "recover."))), 2)
OF_POLLS = [point for point in POINTS if point.startswith("poll.")]
LEFT = """UPDATE submission SET lease_until = clock_timestamp() - interval '1 s'
          WHERE state = 'in_flight' RETURNING 1"""


@pytest.fixture
async def authority() -> AsyncIterator[tuple[Acting, str]]:
    async with played() as opened:
        yield opened


@pytest.fixture
async def home(
    tmp_path: Path, app_database_url: str, worker_database_url: str, authority: tuple[Acting, str]
) -> AsyncIterator[House]:
    async with acting_house(tmp_path, app_database_url, worker_database_url, authority[1]) as opened:
        yield opened


@pytest.fixture
async def courier(home: House) -> AsyncIterator[HttpCourier]:
    async with HttpCourier(home.worker.settings.access_point_hosts) as opened:
        yield opened


async def killed(home: House, what: str, point: str) -> bool:
    """Whether a worker of its own dies at the point over this."""
    settings = home.worker.settings
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent / "src")]),
        "DATABASE_URL": settings.database_url or "",
        "TALLYSTICK_WORKER_DATABASE_URL": settings.worker_database_url or "",
        "TALLYSTICK_KEY_DIRECTORY": str(settings.key_directory),
        "TALLYSTICK_ACCESS_POINT_HOSTS": ",".join(settings.access_point_hosts),
        "TALLYSTICK_DELAY_SCALE": "0.01",
        "TALLYSTICK_HTTP_TIMEOUT_SECONDS": "2",
        "TALLYSTICK_LEASE_SECONDS": "10",
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "flows.act_worker", what, point),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode in (0, -signal.SIGKILL), printed.decode()[-2000:]
    return process.returncode == -signal.SIGKILL


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_an_act_is_done_once_wherever_its_worker_dies(
    home: House, courier: HttpCourier, authority: tuple[Acting, str]
) -> None:
    survivors, wrong = [], []
    for number, point in enumerate(OF_ACTS, 1):
        invoice = await in_force(home, courier)
        made = await asked(home, invoice)
        if point.startswith("recover."):  # it needs somebody who was lost before it
            assert await killed(home, str(made.act_id), "submit.claimed")
            await home.rows(LEFT)
        if not await killed(home, str(made.act_id), point):
            survivors.append(point)
        await home.rows(LEFT)
        await recover.recover(home.worker)
        row = await home.work(courier, invoice, times=3, kind="cancel")
        shown = await resource(home, invoice)
        if (row["state"], shown["status"], authority[0].processed) != ("done", "cancelled", number):
            wrong.append((point, row["state"], shown["status"], authority[0].processed, number))
    assert (survivors, wrong) == ([], [])
    assert await audit(home) == []


@pytest.mark.slow
@pytest.mark.timeout(120)
async def test_news_is_believed_once_wherever_its_worker_dies(
    home: House, courier: HttpCourier, authority: tuple[Acting, str]
) -> None:
    survivors: list[str] = []
    invoices: list[UUID] = []
    for point in OF_POLLS:
        invoices.append(await in_force(home, courier))
        authority[0].news = [await news_of(home, each) for each in invoices]
        await home.rows(DUE)
        if not await killed(home, "poll", point):
            survivors.append(point)
        await home.rows(DUE)
        await polling.poll(home.worker, courier)

    assert survivors == []
    for invoice in invoices:
        assert (await resource(home, invoice))["status"] == "rejected"
        assert (await home.events_of(invoice)).count("authority.rejected") == 1
    assert await audit(home) == []
