"""No subscriber stands in another's way: not one that was switched off, not one that never answers."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from flows.house import House, fixture, house, settings_for
from tallystick.flows import notify
from tallystick.flows.administer import EndpointBody, EndpointChange, endpoints
from tallystick.store.webhook import PER_ENDPOINT


@pytest.fixture
async def home(tmp_path: Path, app_database_url: str, worker_database_url: str) -> AsyncIterator[House]:
    settings = settings_for(tmp_path, app_database_url, worker_database_url, webhook_allow_private=True)
    async with house(settings) as opened:
        yield opened


async def subscribed(home: House, name: str) -> UUID:
    body = EndpointBody(url=f"http://127.0.0.1:9/{name}")
    return (await endpoints.create_webhook_endpoint(home.app, home.caller, body)).id


async def posted(home: House, times: int) -> None:
    for _ in range(times):
        await home.post(fixture("default", "consumer", invoice_number=f"T-{uuid4().hex[:8]}"))


async def states(home: House, endpoint: UUID) -> list[Any]:
    found = await home.rows("SELECT state FROM webhook_delivery WHERE endpoint_id = $1", endpoint)
    return sorted(row["state"] for row in found)


async def test_what_returns_to_an_endpoint_switched_off_meanwhile_is_held(home: House) -> None:
    gone = await subscribed(home, "gone")
    await posted(home, 3)
    first, *others = await notify.claim(home.worker, 50, 30)
    await notify.settle(home.worker, first, 410, "HTTP 410", 5.0)
    for other in others:
        await notify.settle(home.worker, other, 503, "HTTP 503", 5.0)

    assert await states(home, gone) == ["held"] * 3


async def test_an_endpoint_switched_off_does_not_hold_up_the_others(home: House) -> None:
    off = await subscribed(home, "off")
    await posted(home, 4)
    await home.rows("UPDATE webhook_endpoint SET state = 'disabled' WHERE id = $1 RETURNING 1", off)
    well = await subscribed(home, "well")
    await posted(home, 1)
    await home.rows("UPDATE webhook_delivery SET state = 'queued', next_at = now() RETURNING 1")

    claimed = await notify.claim(home.worker, 2, 30)

    assert [delivery.endpoint_id for delivery in claimed] == [well]


async def test_what_waited_for_an_endpoint_switched_on_again_goes_in_its_order(home: House) -> None:
    endpoint = await subscribed(home, "again")
    await posted(home, 1)
    (delivery,) = await notify.claim(home.worker, 50, 30)
    await endpoints.change_webhook_endpoint(home.app, home.caller, endpoint, EndpointChange(state="disabled"))
    await notify.settle(home.worker, delivery, 503, "HTTP 503", 5.0)
    await endpoints.change_webhook_endpoint(home.app, home.caller, endpoint, EndpointChange(state="active"))

    (again,) = await notify.claim(home.worker, 50, 30)

    assert (again.event_id, again.attempts) == (delivery.event_id, 2)


async def test_an_endpoint_that_never_answers_leaves_room_for_the_others(home: House) -> None:
    slow = await subscribed(home, "slow")
    await posted(home, PER_ENDPOINT + 5)
    await home.rows("UPDATE webhook_endpoint SET events = '{}' WHERE id = $1 RETURNING 1", slow)
    quick = await subscribed(home, "quick")
    await posted(home, 1)

    first = await notify.claim(home.worker, 50, 30)
    second = await notify.claim(home.worker, 50, 30)

    assert [delivery.endpoint_id for delivery in first].count(slow) == PER_ENDPOINT
    assert quick in {delivery.endpoint_id for delivery in first}
    assert second == []
