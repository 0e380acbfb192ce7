"""Houses with a second judge of our own making, and looks at what became of their invoices."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec

from flows.house import House, enrol, fixture, house
from tallystick.flows import fsck
from tallystick.sandbox import Running
from tallystick.settings import Settings
from tallystick.worker.courier import HttpCourier
from unit.official.publisher import SLOW

__all__ = ["TEXT", "UBL", "all_over", "built", "free_port", "numbered", "opened", "sent", "sound", "told"]

OVER = {"done", "rejected"}
UBL = "urn:oasis:names:specification:ubl:schema:xsd"
RULE = '<assert id="{id}" flag="{flag}" test="not(starts-with(cbc:ID, \'{start}\')) or {test}"/>'
TEXT = (
    '<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt2">'
    f'<ns prefix="inv" uri="{UBL}:Invoice-2"/><ns prefix="cbc" uri="{UBL}:CommonBasicComponents-2"/>'
    '<pattern><rule context="inv:Invoice">'
    + RULE.format(id="OWN-1", flag="fatal", start="REFUSED", test="false()")
    + RULE.format(id="OWN-2", flag="warning", start="DOUBTED", test="false()")
    + RULE.format(id="OWN-3", flag="fatal", start="SLOW", test=SLOW)
    + "</rule></pattern></schema>"
)


@asynccontextmanager
async def opened(settings: Settings, point: Running, **more: Any) -> AsyncIterator[tuple[House, HttpCourier]]:
    async with (
        house(msgspec.structs.replace(settings, **more)) as home,
        HttpCourier(settings.access_point_hosts) as courier,
    ):
        await enrol(home, point.phoss, "phoss-ap")
        yield home, courier


def numbered(start: str, **changes: Any) -> bytes:
    return fixture("peppol", "standard", invoice_number=f"{start}-{uuid4().hex[:8]}", **changes)


def sent(point: Running, body: bytes) -> int:
    """How often the access point took the invoice in."""
    lines = httpx.get(f"{point.url}/admin/journal").json()
    entries = lines["entries"] if isinstance(lines, dict) else lines
    number = json.loads(body)["invoice_number"]
    return len(
        [each for each in entries if each.get("number") == number and each.get("event") == "processed"]
    )


async def told(home: House, invoice: UUID) -> list[dict[str, Any]]:
    """The events of an invoice, as subscribers get them."""
    query = "SELECT body FROM webhook_event WHERE invoice_id = $1 ORDER BY seq"
    return [json.loads(row["body"]) for row in await home.rows(query, invoice)]


async def built(home: House, invoice: UUID) -> None:
    """Wait until its document stands."""
    names: list[str] = []
    async with asyncio.timeout(10):
        while "document.built" not in names:
            await asyncio.sleep(0.05)
            names = await home.events_of(invoice)


async def sound(home: House) -> None:
    """The checker finds nothing."""
    url = home.worker.settings.worker_database_url
    assert url is not None
    assert [str(each) for each in (await fsck.run(url)).findings] == []


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def all_over(home: House, *invoices: UUID) -> None:
    """Wait until the authority has judged them all."""
    waiting = set(invoices)
    async with asyncio.timeout(30):
        while waiting:
            await asyncio.sleep(0.05)
            over = [each for each in waiting if (await home.submission_of(each))["state"] in OVER]
            waiting -= set(over)
