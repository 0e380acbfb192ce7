"""`cancel` and `act` against an API that runs: what the authority did is said, and what cannot be done."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api.serving import served
from cli.running import Said, run
from flows.acting import Acting, acting_house, played, registry
from flows.house import House
from flows.test_unlike_authority import posted
from tallystick import strategies
from tallystick.flows.administer.keys import create_api_key
from tallystick.worker.courier import HttpCourier


@pytest.fixture
async def authority() -> AsyncIterator[tuple[Acting, str]]:
    async with played() as opened:
        yield opened


@pytest.fixture
async def home(
    tmp_path: Path,
    app_database_url: str,
    worker_database_url: str,
    authority: tuple[Acting, str],
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[House]:
    known = registry()
    monkeypatch.setattr(strategies, "load", lambda: known)
    async with acting_house(tmp_path, app_database_url, worker_database_url, authority[1]) as opened:
        yield opened


@pytest.fixture
async def words(home: House, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[str, ...]]:
    """Where the API is and with which key."""
    made = await create_api_key(home.app, home.caller.tenant_id, name="t", mode="test", scopes=("admin",))
    serving = served(home.app.settings)
    running = await asyncio.to_thread(serving.__enter__)
    yield ("--url", running.url, "--key", made.key)
    await asyncio.to_thread(serving.__exit__, None, None, None)


async def test_acts_are_asked_for_by_number_and_their_end_is_said(
    home: House, words: tuple[str, ...]
) -> None:
    async def said(*more: str) -> Said:
        return await asyncio.to_thread(run, *more, *words)

    accepted = await posted(home)
    number = json.loads(accepted.body)["invoice_number"]
    early = await said("cancel", number, "--reason", "mistake")
    async with HttpCourier(home.worker.settings.access_point_hosts) as courier:
        await home.work(courier, accepted.invoice_id)
        asked = await said("act", number, "transport", '{"vehicle": "FJ 417"}', "--json")
        await home.work(courier, accepted.invoice_id, kind="transport")
        again = await said("act", str(accepted.invoice_id), "transport", '{"vehicle": "FJ 417"}')
        cancelling = asyncio.create_task(said("cancel", number, "--reason", "mistake", "--wait", "20"))
        for _ in range(200):
            await asyncio.sleep(0.05)
            if await home.rows("SELECT 1 FROM submission WHERE kind = 'cancel'"):
                await home.work(courier, accepted.invoice_id, kind="cancel")
                break
        refused = await cancelling
    wrong = await said("cancel", number, "--reason", "whim")
    unknown = await said("act", number, "frame")
    nonsense = await said("act", number, "transport", "{")

    assert (early.status, "still under way" in early.err) == (1, True)
    assert (asked.status, json.loads(asked.out)["status"]) == (0, "processing")
    assert (again.status, again.out.split()[2]) == (0, "done")
    assert json.loads(asked.out)["id"] == again.out.split()[1]
    assert (refused.status, "refused (rejected" in refused.out, "A-7" in refused.err) == (1, True, True)
    assert (wrong.status, "/reason" in wrong.err) == (1, True)
    assert (unknown.status, "allowed: cancel, transport" in unknown.err) == (1, True)
    assert nonsense.status == 2
