"""Subscribers hear of every change: signed, in order per invoice, under the same id on every try."""

import asyncio
import json
from base64 import b64decode
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks import Webhook

from flows.house import House, fixture, house, settings_for
from flows.test_submit import Silence
from tallystick.flows import notify
from tallystick.flows.administer import EndpointBody, NewEndpoint, endpoints
from tallystick.sandbox import Running, running
from tallystick.webhooks.deliver import deliver
from tallystick.webhooks.guard import Guard
from tallystick.webhooks.sender import Sender

LATER = "UPDATE webhook_delivery SET next_at = now() + interval '1 h' WHERE attempts > 0 RETURNING 1"
DUE = "UPDATE webhook_delivery SET next_at = clock_timestamp() WHERE state = 'queued' RETURNING 1"


@pytest.fixture(scope="module")
def point() -> Iterator[Running]:
    with running() as opened:
        yield opened


@pytest.fixture
async def home(tmp_path: Path, app_database_url: str, worker_database_url: str) -> AsyncIterator[House]:
    settings = settings_for(tmp_path, app_database_url, worker_database_url, webhook_allow_private=True)
    async with house(settings) as opened:
        yield opened


async def subscribed(home: House, url: str, *events: str) -> NewEndpoint:
    """An endpoint that wants these events, or all."""
    body = EndpointBody(url=url, events=list(events) or ["*"])
    return await endpoints.create_webhook_endpoint(home.app, home.caller, body)


async def finished(home: House) -> UUID:
    """An invoice with two events: accepted, and not required."""
    accepted = await home.post(fixture("default", "consumer", invoice_number=f"W-{uuid4().hex[:8]}"))
    await home.work(Silence(), accepted.invoice_id)
    return accepted.invoice_id


async def pump(home: House, rounds: int = 6) -> None:
    """Try whatever is queued, now, `rounds` times over."""
    async with Sender(Guard((), allow_private=True), 2) as sender:
        for _ in range(rounds):
            await home.rows(DUE)
            for delivery in await notify.claim(home.worker, 50, 30):
                await deliver(home.worker, sender, delivery)


def arrivals(point: Running, name: str) -> list[dict[str, Any]]:
    """What the consumer heard, in order."""
    found = httpx.get(f"{point.url}/admin/consumer/{name}").json()
    listed: list[dict[str, Any]] = found["arrivals"] if isinstance(found, dict) else found
    return listed


def misbehave(point: Running, name: str, fault: str, times: int) -> None:
    httpx.post(f"{point.url}/admin/consumer/{name}", json={"fault": fault, "times": times}).raise_for_status()


def types(heard: list[dict[str, Any]]) -> list[str]:
    return [json.loads(each["body"])["type"] for each in heard]


async def test_events_arrive_in_order_and_both_signatures_hold(home: House, point: Running) -> None:
    name = uuid4().hex
    endpoint = await subscribed(home, point.consumer(name))
    await finished(home)

    await pump(home)

    heard = arrivals(point, name)
    assert types(heard) == ["invoice.accepted", "authority.not_required"]
    raw = b64decode(endpoints.public_key(home.app.keyring).removeprefix("whpk_"))
    for each in heard:
        headers = {k.lower(): v for k, v in each["headers"].items()}
        Webhook(endpoint.secret).verify(each["body"], headers)
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{each['body']}".encode()
        marks = dict(mark.split(",", 1) for mark in headers["webhook-signature"].split(" "))
        Ed25519PublicKey.from_public_bytes(raw).verify(b64decode(marks["v1a"]), signed)


async def test_a_failing_event_holds_back_only_its_own_invoice(home: House, point: Running) -> None:
    name = uuid4().hex
    await subscribed(home, point.consumer(name))
    first = await finished(home)
    misbehave(point, name, "500", 1)
    async with Sender(Guard((), allow_private=True), 2) as sender:
        for delivery in await notify.claim(home.worker, 50, 30):
            await deliver(home.worker, sender, delivery)
    await home.rows(LATER)
    second = await finished(home)
    async with Sender(Guard((), allow_private=True), 2) as sender:
        for _ in range(4):
            for delivery in await notify.claim(home.worker, 50, 30):
                await deliver(home.worker, sender, delivery)

    good = [json.loads(e["body"])["data"]["invoice_id"] for e in arrivals(point, name) if e["accepted"]]
    assert good == [str(second), str(second)]
    await pump(home)
    ordered = [json.loads(e["body"]) for e in arrivals(point, name) if e["accepted"]]
    of_first = [e["sequence"] for e in ordered if e["data"]["invoice_id"] == str(first)]
    assert of_first == [1, 2]


async def test_every_try_carries_the_same_id_and_a_time_of_its_own(home: House, point: Running) -> None:
    name = uuid4().hex
    await subscribed(home, point.consumer(name), "invoice.accepted")
    misbehave(point, name, "503", 2)
    await finished(home)

    await pump(home)

    heard = arrivals(point, name)
    assert len(heard) == 3
    assert len({e["webhook_id"] for e in heard}) == 1
    assert [e["accepted"] for e in heard] == [False, False, True]
    assert len({e["body"] for e in heard}) == 1


async def test_an_endpoint_hears_only_what_it_asked_for(home: House, point: Running) -> None:
    name = uuid4().hex
    await subscribed(home, point.consumer(name), "authority.not_required")
    await finished(home)

    await pump(home)

    assert types(arrivals(point, name)) == ["authority.not_required"]


async def test_gone_switches_the_endpoint_off_and_holds_what_waits(home: House, point: Running) -> None:
    name = uuid4().hex
    await subscribed(home, point.consumer(name))
    misbehave(point, name, "410", 1)
    await finished(home)

    await pump(home)

    states = {row["state"] for row in await home.rows("SELECT state FROM webhook_delivery")}
    assert states == {"held"}
    assert (await home.rows("SELECT state FROM webhook_endpoint"))[0]["state"] == "disabled"


async def test_a_dead_workers_delivery_goes_again_under_the_same_id(home: House, point: Running) -> None:
    name = uuid4().hex
    await subscribed(home, point.consumer(name), "invoice.accepted")
    await finished(home)
    lost = await notify.claim(home.worker, 50, 30)
    await home.rows(
        "UPDATE webhook_delivery SET lease_until = clock_timestamp() - interval '1 s' RETURNING 1"
    )

    await pump(home)

    heard = arrivals(point, name)
    assert [e["webhook_id"] for e in heard] == [str(lost[0].event_id)]
    assert not await notify.settle(home.worker, lost[0], 200, None, None)


async def test_ten_failures_end_it_and_the_next_event_may_go(home: House, point: Running) -> None:
    name = uuid4().hex
    await subscribed(home, point.consumer(name))
    misbehave(point, name, "500", 10)
    await finished(home)

    await pump(home, rounds=14)

    rows = await home.rows("SELECT seq, state, attempts FROM webhook_delivery ORDER BY seq")
    assert [(r["seq"], r["state"], r["attempts"]) for r in rows] == [(1, "failed", 10), (2, "delivered", 1)]


async def test_two_workers_deliver_each_event_once(home: House, point: Running) -> None:
    name = uuid4().hex
    await subscribed(home, point.consumer(name))
    await asyncio.gather(*(finished(home) for _ in range(10)))

    await asyncio.gather(*(pump(home) for _ in range(4)))

    heard = arrivals(point, name)
    assert len(heard) == 20
    assert len({e["webhook_id"] for e in heard}) == 20


def test_the_schedule_takes_ten_tries_over_three_days() -> None:
    delays = [notify.delay_after(n, 0.5) for n in range(1, 12)]

    assert delays[9] is None
    assert sum(d for d in delays[:9] if d is not None) > 70 * 3600
    assert notify.delay_after(1, 0.0, asked=900) == 900
