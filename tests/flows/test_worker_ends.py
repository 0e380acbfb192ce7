"""A worker that is told to end finishes what is under way, and leaves nobody in doubt."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from flows.house import enrol, fixture, house, settings_for
from tallystick.flows.administer import EndpointBody, endpoints
from tallystick.settings import Settings
from tallystick.webhooks.deliver import loop
from tallystick.worker import service

SECONDS = 1.0  # until the other side answers


class Slow:
    """A server that takes a whole request, says so, and answers a good while later."""

    def __init__(self) -> None:
        self.heard = asyncio.Event()
        self.answered = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                await reader.readexactly(int(line.partition(b":")[2]))
        self.heard.set()
        await asyncio.sleep(SECONDS)
        with contextlib.suppress(OSError):
            writer.write(b"HTTP/1.1 503 Later\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            self.answered += 1
        writer.close()


@asynccontextmanager
async def slow() -> AsyncIterator[tuple[Slow, str]]:
    handler = Slow()
    server = await asyncio.start_server(handler, "127.0.0.1", 0)
    yield handler, f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


async def worked_until(heard: asyncio.Event, settings: Settings) -> float:
    """Run a worker, tell it to end as soon as the other side has its request; seconds it took to end."""
    ending = asyncio.Event()
    worker = asyncio.create_task(service.serve(settings, ending, beside=(loop,)))
    await asyncio.wait_for(heard.wait(), 20)
    began = asyncio.get_running_loop().time()
    ending.set()
    await worker
    return asyncio.get_running_loop().time() - began


async def test_a_submission_under_way_is_settled_before_the_worker_ends(
    tmp_path: Path, app_database_url: str, worker_database_url: str
) -> None:
    async with slow() as (point, host):
        settings = settings_for(tmp_path, app_database_url, worker_database_url, [host])
        async with house(settings) as home:
            await enrol(home, f"http://{host}", "phoss-ap")
            invoice = (await home.post(fixture("peppol", "standard"))).invoice_id
            seconds = await worked_until(point.heard, settings)
            row = await home.submission_of(invoice)

            assert row["state"] in {"retry_wait", "unknown"}
            assert row["lease_until"] is None
            assert "authority.response" in await home.events_of(invoice)
            assert seconds < settings.http_timeout_seconds + 5


async def test_a_delivery_under_way_is_written_down_before_the_worker_ends(
    tmp_path: Path, app_database_url: str, worker_database_url: str
) -> None:
    async with slow() as (consumer, host):
        settings = settings_for(tmp_path, app_database_url, worker_database_url, webhook_allow_private=True)
        async with house(settings) as home:
            await endpoints.create_webhook_endpoint(
                home.app, home.caller, EndpointBody(url=f"http://{host}/hook")
            )
            await home.post(fixture("default", "consumer"))
            await worked_until(consumer.heard, settings)
            found = await home.rows("SELECT state, attempts, last_status FROM webhook_delivery ORDER BY seq")

            assert (found[0]["state"], found[0]["attempts"], found[0]["last_status"]) == ("queued", 1, 503)
