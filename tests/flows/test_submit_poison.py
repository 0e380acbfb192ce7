"""Whose fault a failure is: an outage of ours costs nothing, a strategy that cannot be worked with ends."""

import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from httpx import Request

from flows.house import House, fixture, house, settings_for
from flows.test_submit import Silence
from tallystick.flows import claiming, recover, settling
from tallystick.flows.errors import Unavailable
from tallystick.flows.gateway import Gateway
from tallystick.strategies import Registry
from tallystick.strategy import Conversation, Document, Enrolment, Outcome, Verdict

LOST = "UPDATE submission SET lease_until = now() - interval '1 s' WHERE state = 'in_flight' RETURNING 1"


class Replaced:
    """A strategy of the house with some of its verbs taken over."""

    def __init__(self, found: Any, **verbs: Any) -> None:
        self.__dict__.update(verbs)
        self._found = found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._found, name)


def replace(gateway: Gateway, monkeypatch: pytest.MonkeyPatch, **verbs: Any) -> None:
    """Let the worker find the default strategy with these verbs."""
    found = Replaced(gateway.strategies.by_name("default"), **verbs)
    monkeypatch.setattr(Registry, "by_name", lambda _self, _name: found)


@pytest.fixture
async def home(tmp_path: Path, app_database_url: str, worker_database_url: str) -> AsyncIterator[House]:
    async with house(settings_for(tmp_path, app_database_url, worker_database_url)) as opened:
        yield opened


@pytest.mark.parametrize("loss", [OSError("gone"), asyncpg.InterfaceError("connection is closed")])
async def test_a_database_lost_while_freezing_is_no_failure_of_the_document(
    home: House, monkeypatch: pytest.MonkeyPatch, loss: Exception
) -> None:
    accepted = await home.post(fixture("default", "consumer"))

    async def lost(*_: Any) -> None:
        raise loss

    with monkeypatch.context() as patched:
        patched.setattr(claiming, "keep", lost)
        for _ in range(3):
            with pytest.raises(Unavailable):
                await home.work(Silence(), accepted.invoice_id)
    row = await home.submission_of(accepted.invoice_id)
    assert (row["state"], row["crashes"]) == ("queued", 0)

    assert (await home.work(Silence(), accepted.invoice_id))["state"] == "done"


async def test_a_request_that_cannot_be_written_down_ends_as_a_dead_letter(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def submit(document: Document, enrolment: Enrolment) -> Conversation:
        yield Request("POST", "https://ap.example.com/", content=iter([b"never", b"whole"]))
        return Outcome(verdict=Verdict.UNKNOWN)

    accepted = await home.post(fixture("default", "consumer"))
    replace(home.worker, monkeypatch, submit=submit)

    row = await home.work(Silence(), accepted.invoice_id, times=3)

    assert (row["state"], row["dead_reason"]) == ("dead", "internal")


async def test_one_that_cannot_be_recovered_does_not_hold_up_the_others(
    home: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = [
        (await home.post(fixture("default", "consumer", invoice_number=name))).invoice_id for name in "AB"
    ]
    stuck = "UPDATE submission SET state = 'in_flight', lease_until = now() - interval '1 s' RETURNING 1"
    await home.rows(stuck)
    bad = (await home.submission_of(first))["id"]
    write_state = settling.write_state

    async def failing(db: Any, seen: Any, *rest: Any, **more: Any) -> None:
        if seen.id == bad:
            raise LookupError("a row that nobody foresaw")
        await write_state(db, seen, *rest, **more)

    monkeypatch.setattr(recover, "write_state", failing)
    await recover.recover(home.worker)

    assert (await home.submission_of(first))["state"] == "in_flight"
    assert (await home.submission_of(second))["state"] == "retry_wait"


async def test_work_of_a_strategy_that_is_not_installed_waits_for_it(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    accepted = await home.post(fixture("default", "consumer"))
    with monkeypatch.context() as patched:
        patched.setattr(home.worker.strategies, "_names", {})
        row = await home.work(Silence(), accepted.invoice_id)
    assert (row["state"], row["parked_reason"], row["crashes"]) == ("parked", "halted", 0)

    assert (await home.work(Silence(), accepted.invoice_id))["state"] == "done"


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    logging.disable()
    yield
    logging.disable(logging.NOTSET)
