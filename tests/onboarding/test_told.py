"""What subscribers are told of registrations: in order, delivered, listed, and held to the log."""

import asyncio
import json
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from flows.house import House
from onboarding import saudi
from tallystick.flows import fsck, notify
from tallystick.flows.administer import EndpointBody, sellers
from tallystick.flows.administer.endpoints import create_webhook_endpoint
from tallystick.flows.onboarding import asking
from tallystick.flows.onboarding.expiring import remind
from tallystick.flows.read import tenant_events
from tallystick.keys import raw_public
from tallystick.sandbox.server import Running
from tallystick.store import migrate
from tallystick.webhooks.deliver import deliver
from tallystick.webhooks.guard import Guard
from tallystick.webhooks.sender import Sender
from tallystick.worker.courier import HttpCourier


async def lived(home: House, courier: HttpCourier, sandbox: Running) -> Any:
    """A unit that was refused, enrolled, warned of its end, and renewed; a subscriber hears of it."""
    hook = EndpointBody(url=sandbox.consumer("erp"))
    await create_webhook_endpoint(home.app, home.caller, hook)
    await saudi.admin(sandbox, "fatoora/habits", lifetime_days=5)
    unit = await saudi.unit(home, sandbox)
    await saudi.given(home, unit, "000000")
    await saudi.steps(home, courier)
    await saudi.given(home, unit, await saudi.code(sandbox))
    await saudi.steps(home, courier)
    await remind(home.worker)
    await asking.renew(home.app, home.caller, unit)
    await saudi.given(home, unit, await saudi.code(sandbox))
    await saudi.steps(home, courier)
    assert (await saudi.looked(home, unit)).state == "done"
    return unit


TOLD = [
    "registration.step_required",
    "registration.step_required",
    "registration.completed",
    "certificate.expiring",
    "registration.step_required",
    "registration.completed",
]


async def delivered(home: House) -> None:
    """Every delivery that may go goes."""
    guard = Guard(tuple(range(1, 65_536)), True)
    async with Sender(guard, 5) as sender:
        while claimed := await notify.claim(home.worker, 10, 30):
            for delivery in claimed:
                assert (await deliver(home.worker, sender, delivery)).good


async def checked(home: House, url: str, folder: Path) -> list[str]:
    """What the checker finds, with the journals of the subscriber and of the authority at hand."""
    report = await fsck.run(
        url,
        webhook_key=raw_public(home.worker.keyring.publics["webhook"]),
        consumer_journal=folder / "consumer.jsonl",
        sandbox_journal=folder / "authority.jsonl",
    )
    return [f"{finding.what} ({finding.where})" for finding in report.findings]


async def test_each_turn_is_told_in_order_and_arrives(
    home: House, courier: HttpCourier, sandbox: Running
) -> None:
    unit = await lived(home, courier, sandbox)
    await delivered(home)

    arrived = [json.loads(str(event["body"])) for event in sandbox.arrivals.events]
    assert [each["type"] for each in arrived] == TOLD
    assert [each["sequence"] for each in arrived] == list(range(1, len(TOLD) + 1))
    assert {each["data"]["registration_id"] for each in arrived} == {str(unit)}
    refused = arrived[1]["data"]
    assert refused["rules"] == ["Invalid-OTP"]
    assert "OTP" in refused["detail"]


async def test_the_tenants_events_list_them_beside_those_of_invoices(
    home: House, courier: HttpCourier, sandbox: Running
) -> None:
    await lived(home, courier, sandbox)
    await home.post(saudi.invoice("SA-1"))
    await home.worker.store.hot.execute("SELECT pg_sleep(0.2)")

    page = await tenant_events(home.app, home.caller, None, 50, None)

    assert [json.loads(bytes(each))["type"] for each in page.data] == [*TOLD, "invoice.accepted"]


async def test_the_checker_finds_nothing_in_a_whole_life(
    home: House, courier: HttpCourier, sandbox: Running, worker_database_url: str, tmp_path: Path
) -> None:
    await lived(home, courier, sandbox)
    await home.work(courier, (await home.post(saudi.invoice("SA-1"))).invoice_id)
    await delivered(home)

    assert await checked(home, worker_database_url, tmp_path) == []


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        ("UPDATE registration SET event_seq = event_seq + 1", "counts"),
        (
            """UPDATE webhook_event SET type = 'registration.failed'
               WHERE seq = 3 AND subject = 'registration'""",
            "its type is",
        ),
        (
            """UPDATE webhook_event SET body = convert_to(replace(convert_from(body, 'UTF8'), '"unit":null',
               '"unit":"x"'), 'UTF8') WHERE subject = 'registration' AND seq = 3""",
            "its data is not what the log gives",
        ),
        ("UPDATE webhook_event SET subject = 'invoice' WHERE seq = 1", "it belongs to somebody else"),
    ],
)
async def test_the_checker_sees_what_somebody_changed(
    home: House,
    courier: HttpCourier,
    sandbox: Running,
    worker_database_url: str,
    database_url: str,
    tmp_path: Path,
    damage: str,
    what: str,
) -> None:
    await lived(home, courier, sandbox)
    owner = await asyncpg.connect(database_url)
    try:
        await owner.execute("ALTER TABLE webhook_event DISABLE TRIGGER webhook_event_append_only")
        await owner.execute(damage)
    finally:
        await owner.close()

    found = await checked(home, worker_database_url, tmp_path)

    assert any(what in each for each in found), found


async def test_a_house_with_onboardings_goes_back_a_migration_and_forth(
    home: House, courier: HttpCourier, sandbox: Running, database_url: str
) -> None:
    await lived(home, courier, sandbox)
    page = await sellers.sellers(home.app, home.caller, 1, None)
    other = await saudi.unit(home, sandbox, name="new", owner=page.data[0])
    assert (await saudi.row(home, other))["state"] == "new"
    for gateway in (home.app, home.worker):
        await gateway.store.close()

    await asyncio.to_thread(migrate.downgrade, database_url, "0001")
    await asyncio.to_thread(migrate.upgrade, database_url)
    await asyncio.to_thread(migrate.check, database_url)

    owner = await asyncpg.connect(database_url)
    try:
        rows = await owner.fetch("SELECT state FROM registration ORDER BY id")
        assert [row["state"] for row in rows] == ["active", "paused"]
        left = "SELECT count(*) FROM webhook_event WHERE type LIKE 'registration.%'"
        assert await owner.fetchval(left) == 0
    finally:
        await owner.close()
