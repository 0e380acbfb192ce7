"""A house with every kind of story in it, and the journals of the authority, a consumer and a client."""

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from httpx import Request, Response
from msgspec import Struct

from flows.house import House, enrol, fixture, house, settings_for
from tallystick.flows import fsck, notify, operate, recover
from tallystick.flows.administer import EndpointBody
from tallystick.flows.administer.endpoints import create_webhook_endpoint
from tallystick.flows.courier import MaybeSent
from tallystick.keys import raw_public
from tallystick.sandbox import Running, running
from tallystick.webhooks.deliver import deliver
from tallystick.webhooks.guard import Guard
from tallystick.webhooks.sender import Sender
from tallystick.worker.courier import HttpCourier

CLOSE = "UPDATE breaker SET state = 'closed', failures = 0, window_failures = 0 RETURNING 1"


MENDED = "UPDATE registration SET state = 'active', paused_reason = NULL RETURNING 1"
OLDER = "UPDATE submission SET created_at = created_at - interval '1 day' WHERE invoice_id = $1 RETURNING 1"


class Lost:
    """A courier that loses every answer."""

    async def send(self, request: Request, seconds: float) -> Response:
        raise MaybeSent("reset")


class Audited(Struct, kw_only=True):
    """The house, its surroundings, and the invoices by what is special about them."""

    home: House
    point: Running
    owner_url: str
    folder: Path
    invoices: dict[str, UUID]

    async def post(self, name: str, body: bytes, **more: Any) -> UUID:
        """Accept an invoice under a key of its own, and write the client's journal."""
        key = f"key-{name}"
        accepted = await self.home.post(body, key=key, **more)
        line = {
            "key": key,
            "status": 201,
            "invoice_id": str(accepted.invoice_id),
            "number": json.loads(body)["invoice_number"],
        }
        with (self.folder / "client.jsonl").open("a") as file:
            file.write(json.dumps(line) + "\n")
        self.invoices[name] = accepted.invoice_id
        return accepted.invoice_id

    async def tell(self, kinds: Iterable[str] | None = None) -> None:
        """Let every kind of story happen, and deliver what there is to tell."""
        async with HttpCourier(self.home.worker.settings.access_point_hosts) as courier:
            for kind in kinds or STORIES:
                await STORIES[kind](self, courier)
        await self.deliver()

    async def deliver(self) -> None:
        """Deliver until nothing is due."""
        gateway = self.home.worker
        async with Sender(Guard((urlsplit(self.point.url).port or 80,), True), 5) as sender:
            while claimed := await notify.claim(gateway, 50, 30):
                for delivery in claimed:
                    await deliver(gateway, sender, delivery)

    async def check(self, **more: Any) -> fsck.Report:
        """What the checker says, with every journal at hand."""
        given: dict[str, Any] = {
            "sandbox_journal": self.folder / "authority.jsonl",
            "consumer_journal": self.folder / "consumer.jsonl",
            "client_journal": self.folder / "client.jsonl",
            "webhook_key": raw_public(self.home.worker.keyring.publics["webhook"]),
        }
        url = self.home.worker.settings.worker_database_url
        assert url is not None
        return await fsck.run(url, **(given | more))


def numbered(suffix: str = "") -> bytes:
    return fixture("peppol", "standard", invoice_number=f"A-{uuid4().hex[:8]}{suffix}")


async def plain(self: Audited, courier: HttpCourier) -> None:
    await self.home.work(courier, await self.post("plain", numbered()))


async def unasked(self: Audited, courier: HttpCourier) -> None:
    await self.home.work(courier, await self.post("unasked", fixture("default", "consumer")))


async def dropped(self: Audited, courier: HttpCourier) -> None:
    await self.home.work(courier, await self.post("dropped", numbered("-X-process_then_drop")), times=2)


async def refused(self: Audited, courier: HttpCourier) -> None:
    body = numbered("-X-reject-BR-CO-15")
    first = await self.post("refused", body)
    await self.home.work(courier, first)
    again = await self.post("again", json.dumps(json.loads(body)).encode(), supersedes=first)
    await self.home.work(courier, again)


async def busy(self: Audited, courier: HttpCourier) -> None:
    await self.home.work(courier, await self.post("busy", numbered("-X-503-x2")), times=3)


async def crashed(self: Audited, courier: HttpCourier) -> None:
    """A worker is lost over it after its request was written."""
    invoice = await self.post("crashed", numbered())
    row = await self.home.submission_of(invoice)

    class Fatal:
        async def send(self, request: Request, seconds: float) -> Response:
            raise KeyboardInterrupt

    with suppress(KeyboardInterrupt):
        await self.home.work(Fatal(), invoice)
    await self.home.rows(
        "UPDATE submission SET lease_until = clock_timestamp() - interval '1 s' WHERE id = $1 RETURNING 1",
        row["id"],
    )
    assert await recover.recover(self.home.worker) == 1
    await self.home.work(courier, invoice, times=2)


async def died(self: Audited, courier: HttpCourier) -> None:
    """Nobody answers until it is a dead letter; an operator has it sent again."""
    invoice = await self.post("died", numbered())
    for _ in range(30):
        await self.home.rows(CLOSE)
        await self.home.rows(OLDER, invoice)
        row = await self.home.work(Lost(), invoice)
        if row["state"] == "dead":
            break
    assert row["state"] == "dead"
    await operate.replay(self.home.app, self.home.caller, invoice, "they are back")
    await self.home.rows(CLOSE)
    await self.home.work(courier, invoice, times=2)


async def parked(self: Audited, courier: HttpCourier) -> None:
    """The breaker is open when its turn comes."""
    invoice = await self.post("parked", numbered())
    row = await self.home.submission_of(invoice)
    await self.home.rows(
        """INSERT INTO breaker (authority, state, opened_at, probe_at) VALUES ($1, 'open', clock_timestamp(),
             clock_timestamp() + interval '1 hour') ON CONFLICT (authority) DO UPDATE SET state = 'open',
             probe_at = excluded.probe_at RETURNING 1""",
        row["authority"],
    )
    await self.home.work(courier, invoice)
    await self.home.rows(CLOSE)
    await self.home.work(courier, invoice)


ODD = (
    *(
        "pending-2",
        "failed-1",
        "give_up-1",
        "unreported",
        "duplicate",
        "late_reject",
        "garbage",
        "html",
        "empty",
    ),
    *("truncated", "429-1", "502", "stall-2.5", "before:stall-2.5", "404", "400", "301"),
)


async def odd(self: Audited, courier: HttpCourier) -> None:
    """Whatever else an access point can do, one after another, each until nothing more comes of it."""
    for fault in ODD:
        invoice = await self.post(f"odd-{fault}", numbered(f"-X-{fault}"))
        for _ in range(8):
            await self.home.rows(CLOSE)
            await self.home.rows(MENDED)
            row = await self.home.work(courier, invoice)
            if row["state"] in {"done", "rejected", "conflict", "dead"}:
                break


async def halted(self: Audited, courier: HttpCourier) -> None:
    """The access point refuses our credential; somebody mends it."""
    await self.home.rows(CLOSE)
    await self.home.rows(MENDED)
    first, second = await self.post("halted", numbered("-X-401")), await self.post("held", numbered())
    assert (await self.home.work(courier, first))["parked_reason"] == "halted"
    assert (await self.home.work(courier, second))["parked_reason"] == "halted"
    await self.home.rows(MENDED)
    for invoice in (first, second):
        row = await self.home.work(courier, invoice, times=2)
        assert row["state"] == "done", dict(row)


async def waiting(self: Audited, courier: HttpCourier) -> None:
    await self.post("waiting", numbered())


STORIES = {
    each.__name__: each
    for each in (plain, unasked, dropped, refused, busy, crashed, died, parked, odd, halted, waiting)
}


@asynccontextmanager
async def audited(folder: Path, owner_url: str, app_url: str, worker_url: str) -> AsyncIterator[Audited]:
    """The house with an access point and a consumer, and nothing in it yet."""
    journals = folder / "authority.jsonl", folder / "consumer.jsonl"
    (folder / "client.jsonl").touch()
    with running(journals[0], consumer_journal=journals[1]) as point:
        port = urlsplit(point.url).port or 80
        settings = settings_for(
            folder,
            app_url,
            worker_url,
            [urlsplit(point.url).netloc],
            webhook_allow_private=True,
            webhook_ports=(port,),
        )
        async with house(settings) as home:
            await enrol(home, point.phoss, "phoss-ap")
            for name in ("books", "shop"):
                await create_webhook_endpoint(home.app, home.caller, EndpointBody(url=point.consumer(name)))
            yield Audited(home=home, point=point, owner_url=owner_url, folder=folder, invoices={})


__all__ = ["STORIES", "Audited", "audited"]
