"""A submission goes from claim to settlement, whatever the authority does."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx import Request, Response

from flows.house import House, fixture, house, settings_for


class Silence:
    """A courier for strategies that speak to nobody."""

    async def send(self, request: Request, seconds: float) -> Response:
        raise AssertionError(f"nobody should be asked, but {request.url} was")


@pytest.fixture
async def home(tmp_path: Path, app_database_url: str, worker_database_url: str) -> AsyncIterator[House]:
    async with house(settings_for(tmp_path, app_database_url, worker_database_url)) as opened:
        yield opened


async def test_a_document_no_authority_wants_is_signed_stored_and_done(home: House) -> None:
    accepted = await home.post(fixture("default", "consumer"))

    row = await home.work(Silence(), accepted.invoice_id)

    assert (row["state"], row["verdict"]) == ("done", "not_required")
    assert await home.events_of(accepted.invoice_id) == [
        "invoice.accepted",
        "document.built",
        "authority.not_required",
    ]


async def test_two_workers_at_once_do_the_work_once(home: House) -> None:
    accepted = await home.post(fixture("default", "consumer"))

    await asyncio.gather(*(home.work(Silence(), accepted.invoice_id) for _ in range(8)))

    assert (await home.events_of(accepted.invoice_id)).count("document.built") == 1
