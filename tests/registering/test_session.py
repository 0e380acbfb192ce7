"""One session for all workers: one login in the life of a token, nothing lost when it ends in mid-flight."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from flows.house import House, fixture, house, settings_for
from prove.portals import CREDENTIAL, portal_settings
from registering.installation import Seller, today
from tallystick.flows import submit
from tallystick.flows.administer import RegistrationBody, SellerBody, registrations, sellers
from tallystick.flows.administer.bodies import RegistrationChange
from tallystick.flows.gateway import Gateway, open_gateway
from tallystick.sandbox.server import Running, running
from tallystick.worker.courier import HttpCourier

WORKERS = 30


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Running]:
    """The portals, beside no installation."""
    with running(tmp_path / "authority.jsonl") as found:
        yield found


@pytest.fixture
async def home(
    tmp_path: Path, app_database_url: str, worker_database_url: str, sandbox: Running
) -> AsyncIterator[House]:
    """A house with a registration at NIC1."""
    host = sandbox.url.removeprefix("http://")
    more = {"database_pool_size": 2}
    async with house(settings_for(tmp_path, app_database_url, worker_database_url, [host], **more)) as opened:
        number = "29AABCT4821K1Z4"
        owner = SellerBody(name="Tungabhadra Instruments", country_code="IN", tax_identifier=number)
        body = RegistrationBody(
            seller_id=(await sellers.create_seller(opened.app, opened.caller, owner)).id,
            strategy="in_irp",
            endpoint=sandbox.irp(),
            settings=await portal_settings(sandbox.url),
            secrets=CREDENTIAL,
        )
        await registrations.create_registration(opened.app, opened.caller, body)
        yield opened


def logins(sandbox: Running) -> list[dict[str, Any]]:
    """What the portal tells of logins."""
    return [event for event in sandbox.point.journal.events if event["event"] == "login"]


async def posted(home: House, count: int, prefix: str) -> list[UUID]:
    """Invoices, and the ids of their submissions."""
    found = []
    for number in range(count):
        body = fixture("in_irp", "standard", invoice_number=f"{prefix}/{number}", issue_date=today())
        accepted = await home.post(body)
        found.append((await home.submission_of(accepted.invoice_id))["id"])
    return found


async def worked(gateways: list[Gateway], courier: HttpCourier, work: list[UUID]) -> None:
    """One submission for each of the workers, all at once, until each is at its end."""

    async def one(gateway: Gateway, submission: UUID) -> None:
        for _ in range(60):
            await gateway.store.hot.execute(
                "UPDATE submission SET next_at = clock_timestamp() WHERE id = $1 AND next_at IS NOT NULL",
                submission,
            )
            while await submit.run(gateway, courier, submission, "test"):
                pass
            query = "SELECT state FROM submission WHERE id = $1"
            if await gateway.store.hot.fetchval(query, submission) == "done":
                return
            await asyncio.sleep(0.05)

    await asyncio.gather(*(one(*pair) for pair in zip(gateways, work, strict=True)))


@pytest.fixture
async def gateways(home: House) -> AsyncIterator[list[Gateway]]:
    """Thirty workers' gateways."""
    async with AsyncExitStack() as stack:
        settings = home.worker.settings
        yield [await stack.enter_async_context(open_gateway(settings, "worker")) for _ in range(WORKERS)]


async def test_thirty_workers_make_one_login_in_each_life_of_a_token(
    home: House, sandbox: Running, gateways: list[Gateway]
) -> None:
    async with HttpCourier(home.worker.settings.access_point_hosts) as courier:
        for life in range(1, 3):
            await worked(gateways, courier, await posted(home, WORKERS, f"L{life}"))
            assert [event["fresh"] for event in logins(sandbox)] == [True] * life
            # its last minutes have begun: for us, who count from its end, and for the portal
            await home.worker.store.hot.execute("UPDATE registration_session SET expires_at = now()")
            assert sandbox.desk is not None
            sandbox.desk.clock.offset += 3600 - 500

    rows = await home.rows("SELECT DISTINCT state, verdict FROM submission")
    assert [tuple(row) for row in rows] == [("done", "registered")]
    assert len({event["token"] for event in logins(sandbox)}) == 2


async def test_thirty_workers_with_a_wrong_password_try_it_once(
    home: House, sandbox: Running, gateways: list[Gateway]
) -> None:
    (row,) = await home.rows("SELECT id FROM registration")
    wrong = RegistrationChange(secrets={**CREDENTIAL, "password": "not-the-password"})
    await registrations.change_registration(home.app, home.caller, row["id"], wrong)
    work = await posted(home, WORKERS, "W")

    async with HttpCourier(home.worker.settings.access_point_hosts) as courier:
        pairs = zip(gateways, work, strict=True)
        await asyncio.gather(*(submit.run(gateway, courier, one, "test") for gateway, one in pairs))

    refused = [event for event in sandbox.point.journal.events if event.get("operation") == "auth"]
    assert [event["codes"] for event in refused] == [["1019"]]
    states = await home.rows("SELECT DISTINCT state, parked_reason FROM submission")
    assert {tuple(each) for each in states} == {("parked", "halted")}


def test_a_session_ends_before_the_portal_ends_it(seller: Seller) -> None:
    began = time.time()
    seller.registered()

    ends = "SELECT registration_id, extract(epoch FROM expires_at) FROM registration_session"
    left = float(dict(seller.rows(ends))[UUID(seller.registration)]) - began
    assert 3600 - 600 <= left <= 3600 - 420  # in the last ten minutes, and seven before the end


@pytest.mark.parametrize("ending", ["expired", "revoked"])
def test_a_token_that_ends_in_mid_flight_loses_no_invoice_and_costs_one_login(
    seller: Seller, ending: str
) -> None:
    seller.registered()
    time.sleep(1.1)  # a portal counts seconds: the next session ends later than this one
    seller.order(f"answer:{ending}")

    with ThreadPoolExecutor(8) as many:
        found = list(many.map(lambda _: seller.registered(), range(16)))

    assert len({one["authority_reference"] for one in found}) == 16
    assert len(seller.events("processed")) == 17
    assert [event["fresh"] for event in seller.events("login")] == [True, True]


def test_a_session_that_ended_between_two_invoices_costs_one_login(seller: Seller) -> None:
    seller.registered()
    time.sleep(1.1)
    assert seller.admin("irp/nic1/revoke", gstin=seller.gstin) == {"ended": 1}

    with ThreadPoolExecutor(8) as many:
        found = list(many.map(lambda _: seller.registered(), range(8)))

    assert {seller.agrees(one["id"]) for one in found} == {"registered"}
    assert len(seller.events("login")) == 2


def test_a_wrong_password_halts_the_registration_and_locks_nobody_out(stranger: Seller) -> None:
    stranger.enrol(secrets={"password": "not-the-password"})
    invoices = [stranger.post(wait=False).json()["id"] for _ in range(6)]
    for invoice in invoices:
        stranger.until(invoice, "held")
    time.sleep(1.5)  # dozens of the worker's looks

    tried = [event for event in stranger.events() if event["operation"] == "auth"]
    assert len(tried) == 1, "each try is one step to a locked account"
    assert tried[0]["codes"] == ["1019"]
    found = stranger.http.get(f"/v1/registrations/{stranger.registration}").json()
    assert found["state"] == "paused"
    assert "1019" in found["paused_reason"]

    stranger.change(secrets=CREDENTIAL, state="active")
    for invoice in invoices:
        stranger.until(invoice, "registered")
    assert len(stranger.events("login")) == 1


def tried(seller: Seller) -> Any:
    """What became of a login on request."""
    path = f"/v1/registrations/{seller.registration}"
    assert seller.http.post(f"{path}:test").status_code == 202
    end = time.monotonic() + 15
    while True:
        found = seller.http.get(f"{path}/process").json()
        if found["state"] in ("done", "failed"):
            return found
        assert time.monotonic() < end, found
        time.sleep(0.1)


def test_a_login_can_be_tried_on_request(seller: Seller) -> None:
    assert tried(seller)["detail"] == "Logged in."

    seller.registered()
    assert len(seller.events("login")) == 1


def test_who_is_refused_at_the_trial_is_told_why(stranger: Seller) -> None:
    stranger.enrol(secrets={"client_secret": "wrong"})

    found = tried(stranger)

    assert found["state"] == "failed"
    assert "1010" in found["detail"]


async def test_a_portal_that_lets_nobody_in_is_left_alone(home: House, sandbox: Running) -> None:
    order = {"fault": "503", "times": None, "match": {"dialect": "irp", "operation": "auth"}}
    async with httpx.AsyncClient(trust_env=False) as client:
        (await client.post(f"{sandbox.url}/admin/faults", json=order)).raise_for_status()
        work = await posted(home, 16, "D")
        async with HttpCourier(home.worker.settings.access_point_hosts) as courier:
            for one in work:
                await submit.run(home.worker, courier, one, "test")
            tried = len([event for event in sandbox.point.journal.events if event["event"] == "fault"])
            assert 5 <= tried <= 8, "one for each document, while the portal is down"
            await client.delete(f"{sandbox.url}/admin/faults")
            await worked([home.worker] * len(work), courier, work)

    assert len(logins(sandbox)) == 1
    rows = await home.rows("SELECT DISTINCT state, verdict FROM submission")
    assert [tuple(row) for row in rows] == [("done", "registered")]
