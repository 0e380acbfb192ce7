"""Acts with a real strategy at a stand-in that judges for itself: both sides tell the same in the end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import pytest
from msgspec import Struct

from flows.acting import asked, audit, fresh_key
from flows.house import House, fixture, house, settings_for
from flows.test_acts import resource
from tallystick.flows import polling, showing_acts
from tallystick.flows.administer import RegistrationBody, SellerBody, registrations, sellers
from tallystick.flows.administer.refusals import BadBody
from tallystick.flows.errors import UnderWay
from tallystick.sandbox import Running, running
from tallystick.worker.courier import HttpCourier

SELLER = "29AABCT4821K1Z4"
SECRETS = {
    "client_id": "tallystick-client",
    "client_secret": "tallystick-secret",
    "username": "tallystick",
    "password": "Tallystick@1",
}
CANCEL = {"reason": "data_entry", "remark": "Wrong buyer"}
NUMBERS = count(1)


class Portal(Struct):
    """The stand-in, seen from its administration, and its journal."""

    point: Running
    journal: Path

    def admin(self, method: str, path: str, content: Any = None) -> Any:
        answer = httpx.request(method, f"{self.point.url}/admin/{path}", json=content)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def statuses(self) -> list[str]:
        """Of every document that is registered there."""
        return [each["status"] for each in self.admin("GET", "irp/nic1/registered")]


@pytest.fixture
async def portal(tmp_path: Path) -> AsyncIterator[Portal]:
    journal = tmp_path / "journal.jsonl"
    with running(journal) as point:
        yield Portal(point, journal)


@pytest.fixture
async def home(
    tmp_path: Path, app_database_url: str, worker_database_url: str, portal: Portal
) -> AsyncIterator[House]:
    hosts = [urlsplit(portal.point.url).netloc]
    async with house(settings_for(tmp_path, app_database_url, worker_database_url, hosts)) as opened:
        seller = await sellers.create_seller(
            opened.app,
            opened.caller,
            SellerBody(name="Tungabhadra", country_code="IN", tax_identifier=SELLER),
        )
        described = portal.admin("GET", "irp/nic1")
        key = {"kid": described["kid"], "pem": described["certificate"]}
        await registrations.create_registration(
            opened.app,
            opened.caller,
            RegistrationBody(
                seller_id=seller.id,
                strategy="in_irp",
                endpoint=portal.point.irp(),
                settings={"public_key": described["auth_key"], "keys": [key], "multi_irp": True},
                secrets=SECRETS,
            ),
        )
        yield opened


@pytest.fixture
async def courier(home: House) -> AsyncIterator[HttpCourier]:
    async with HttpCourier(home.worker.settings.access_point_hosts) as opened:
        yield opened


async def registered(home: House, courier: HttpCourier) -> UUID:
    """A document of today that the portal has registered."""
    invoice = await waiting(home)
    row = await home.work(courier, invoice)
    assert row["state"] == "done", dict(row)
    return invoice


async def waiting(home: House) -> UUID:
    today = datetime.now(timezone(timedelta(hours=5, minutes=30))).date().isoformat()
    body = fixture("in_irp", "standard", invoice_number=f"TI/{next(NUMBERS)}", issue_date=today)
    return (await home.post(body)).invoice_id


async def ended(home: House, courier: HttpCourier, invoice: UUID, act: str) -> Any:
    """The act once it has ended."""
    row = await home.work(courier, invoice, times=3, kind=act)  # a session may have ended
    return await showing_acts.act(home.app, home.caller, invoice, row["id"])


async def test_a_document_is_cancelled_within_its_day_once(
    home: House, courier: HttpCourier, portal: Portal
) -> None:
    invoice = await registered(home, courier)
    first = await asked(home, invoice, given=CANCEL)
    again = await asked(home, invoice, given=CANCEL, key=fresh_key())
    act = await ended(home, courier, invoice, "cancel")
    third = await asked(home, invoice, given=CANCEL)

    assert first.act_id == again.act_id == third.act_id == act.id
    assert (act.status, act.verdict) == ("done", "cancelled")
    assert (await resource(home, invoice))["status"] == "cancelled"
    assert portal.statuses() == ["CNL"]
    assert await audit(home, portal.journal) == []


async def test_after_its_day_the_portal_or_we_say_no(
    home: House, courier: HttpCourier, portal: Portal
) -> None:
    invoice = await registered(home, courier)
    portal.admin("POST", "irp/clock", {"advance": 25 * 3600})
    await asked(home, invoice, given=CANCEL)
    act = await ended(home, courier, invoice, "cancel")
    assert (act.status, [fault.rule.id for fault in act.errors if fault.rule]) == ("refused", ["2270"])

    assert (await resource(home, invoice))["status"] == "issued"
    assert portal.statuses() == ["ACT"]
    assert await audit(home, portal.journal) == []


async def test_a_live_transport_document_is_in_the_way(
    home: House, courier: HttpCourier, portal: Portal
) -> None:
    invoice = await registered(home, courier)
    with pytest.raises(BadBody):
        await asked(home, invoice, "eway_bill", {"distance": "far"})
    await asked(home, invoice, "eway_bill", TRANSPORT)
    bill = await ended(home, courier, invoice, "eway_bill")
    assert (bill.status, bill.verdict) == ("done", "accepted"), bill
    number = bill.marks["eway_bill_number"]
    await asked(home, invoice, given=CANCEL)
    act = await ended(home, courier, invoice, "cancel")

    assert (act.status, act.verdict) == ("refused", "rejected")
    assert (number, portal.statuses()) == (bill.reference or number, ["ACT"])
    assert (await resource(home, invoice))["status"] == "issued"
    assert await audit(home, portal.journal) == []


TRANSPORT = {
    "mode": "1",
    "distance": 980,
    "vehicle_number": "KA01AB1234",
    "vehicle_type": "R",
}


async def test_a_cancellation_that_races_the_registration_waits_for_it(
    home: House, courier: HttpCourier, portal: Portal
) -> None:
    invoice = await waiting(home)
    await asyncio.gather(
        asyncio.create_task(home.work(courier, invoice)),
        asyncio.create_task(cancelled_with(home, courier, invoice)),
    )

    assert (await resource(home, invoice))["status"] == "cancelled"
    assert portal.statuses() == ["CNL"]
    assert await audit(home, portal.journal) == []


async def cancelled_with(home: House, courier: HttpCourier, invoice: UUID) -> None:
    for _ in range(300):
        with suppress(UnderWay):
            await asked(home, invoice, given=CANCEL)
            break
        await asyncio.sleep(0.02)
    await home.work(courier, invoice, kind="cancel")


async def test_a_number_that_lost_to_another_portal_is_rejected_in_time(
    home: House, courier: HttpCourier, portal: Portal
) -> None:
    invoice = await registered(home, courier)
    reference = (await resource(home, invoice))["authority_reference"]
    portal.admin("POST", "irp/reject", {"irn": reference})

    assert await polling.poll(home.worker, courier) == 1

    assert (await resource(home, invoice))["status"] == "rejected"
    assert await audit(home, portal.journal) == []


async def test_a_cancellation_that_one_side_does_not_know_of_is_named(
    home: House, courier: HttpCourier, portal: Portal, tmp_path: Path
) -> None:
    invoice, other = await registered(home, courier), await registered(home, courier)
    await asked(home, invoice, given=CANCEL)
    await ended(home, courier, invoice, "cancel")
    lines = portal.journal.read_text().splitlines()
    kept = [line for line in lines if '"event":"cancelled"' not in line.replace(" ", "")]
    assert len(lines) == len(kept) + 1
    reference = (await resource(home, other))["authority_reference"]
    forged = next(line for line in lines if line not in kept)
    mine = (await resource(home, invoice))["authority_reference"]
    silent, false = tmp_path / "silent.jsonl", tmp_path / "false.jsonl"
    silent.write_text("\n".join(kept) + "\n")
    false.write_text("\n".join([*lines, forged.replace(mine, reference)]) + "\n")

    told = [finding.what for journal in (silent, false) for finding in await audit(home, journal)]
    assert told == [
        "an act of ours cancelled it, and the authority did not",
        "the authority cancelled it, and no act of ours did",
    ]
