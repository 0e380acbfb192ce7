"""A worker is killed at every point of a step, and after every step; the next one goes on."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from uuid import UUID

import pytest

from flows.house import House
from onboarding import saudi
from tallystick.flows.crashpoint import POINTS
from tallystick.flows.onboarding import asking
from tallystick.sandbox.server import Running
from tallystick.settings import variable
from tallystick.worker.courier import HttpCourier
from thorough import paired

STEPS = 8
ENDED = ("done", "failed", "waiting_code")


class Worker:
    """A worker as a process of its own, that may be told where to die."""

    def __init__(self, home: House, folder: Path) -> None:
        settings = home.worker.settings
        self._folder = folder
        self._environment = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": settings.worker_database_url or "",
            "REDIS_URL": os.environ.get("REDIS_URL", "redis://127.0.0.1:1"),
            variable("key_directory"): str(settings.key_directory),
            variable("access_point_hosts"): ",".join(settings.access_point_hosts),
            variable("delay_scale"): "0.01",
            variable("http_timeout_seconds"): "5",
            variable("lease_seconds"): "8",
        }

    async def dies(self, point: str, seconds: float = 20) -> bool:
        """Whether a worker that is to die there does; it is gone in any case."""
        with (self._folder / "worker.log").open("ab") as out:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-c",
                "import asyncio; from tallystick.settings import load; from tallystick.worker import service;"
                "asyncio.run(service.serve(load()))",
                env={**self._environment, variable("crashpoint"): point},
                stdout=out,
                stderr=out,
            )
        try:
            async with asyncio.timeout(seconds):
                return await process.wait() == -signal.SIGKILL
        except TimeoutError:
            process.kill()
            await process.wait()
            return False


@pytest.fixture
def worker(home: House, tmp_path: Path) -> Worker:
    return Worker(home, tmp_path)


async def lease_ends(home: House) -> None:
    """As if the dead worker's lease had run out."""
    await home.worker.store.hot.execute(
        """UPDATE registration_process SET lease_until = clock_timestamp() - interval '1 second'
           WHERE state = 'running'"""
    )


async def finished(home: House, courier: HttpCourier, sandbox: Running, unit: UUID) -> None:
    """The onboarding goes on until its end, with new codes where it wants them."""
    for _ in range(5):
        await lease_ends(home)
        await saudi.steps(home, courier, rounds=2)
        found = await saudi.looked(home, unit)
        if found.state == "waiting_code":
            await saudi.given(home, unit, await saudi.code(sandbox))
    assert (await saudi.looked(home, unit)).state == "done"


async def issues(home: House, courier: HttpCourier, number: str) -> None:
    """The unit's credential, key and certificate belong together: a document is accepted under them."""
    posted = await home.post(saudi.invoice(number))
    row = await home.work(courier, posted.invoice_id, times=2)
    assert row["state"] == "done", dict(row)


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_killed_after_every_step_it_takes_each_step_once(
    home: House, courier: HttpCourier, sandbox: Running, worker: Worker
) -> None:
    unit = await saudi.unit(home, sandbox)
    await saudi.given(home, unit, await saudi.code(sandbox))

    for step in range(1, STEPS + 1):
        assert await worker.dies("onboard.settled"), f"step {step}"
        assert (await saudi.looked(home, unit)).steps == step

    assert (await saudi.looked(home, unit)).state == "done"
    asked = [each for each in await saudi.entries(home, unit) if each["event"] == "onboarding.request"]
    assert len(asked) == STEPS
    await issues(home, courier, "SA-1")


POINTS_OF_A_STEP = [point for point in POINTS if point.startswith("onboard.")]


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize(("point", "turn"), paired(POINTS_OF_A_STEP, [1, 2, 8]))
async def test_killed_at_a_point_of_a_step_the_next_worker_goes_on(
    home: House, courier: HttpCourier, sandbox: Running, worker: Worker, point: str, turn: int
) -> None:
    unit = await saudi.unit(home, sandbox)
    await saudi.given(home, unit, await saudi.code(sandbox))

    assert await worker.dies(f"{point}:{turn}")
    before = await saudi.entries(home, unit)
    await finished(home, courier, sandbox, unit)

    codes = [
        each
        for each in await saudi.entries(home, unit)
        if each["event"] == "onboarding.request" and each["data"]["stage"] == "compliance"
    ]
    spent = turn == 1 and point in ("onboard.claimed", "onboard.heard", "onboard.settling")
    assert len(codes) == (2 if spent else 1), "a code goes out once, and no code is asked for in vain"
    assert (await saudi.entries(home, unit))[: len(before)] == before
    await issues(home, courier, "SA-1")


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize("point", ["onboard.heard", "onboard.settling", "onboard.settled"])
async def test_a_renewal_that_is_killed_leaves_the_unit_with_one_whole_credential(
    home: House, courier: HttpCourier, sandbox: Running, worker: Worker, point: str
) -> None:
    unit = await saudi.enrolled(home, courier, sandbox)
    await saudi.admin(sandbox, "fatoora/habits", renewal="428")
    await issues(home, courier, "SA-1")
    await asking.renew(home.app, home.caller, unit)
    await saudi.given(home, unit, await saudi.code(sandbox))

    assert await worker.dies(point)
    await finished(home, courier, sandbox, unit)

    await issues(home, courier, "SA-2")
