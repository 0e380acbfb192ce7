"""The API behind real HTTP, in a thread with an event loop of its own."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import uvicorn
from msgspec import Struct

from tallystick.api import create_app
from tallystick.flows.administer.keys import create_api_key, create_tenant
from tallystick.flows.gateway import open_gateway
from tallystick.settings import Settings

__all__ = ["Served", "served"]


class Served(Struct):
    """Where it listens, and a key that may do everything."""

    url: str
    key: str
    tenant: UUID


class Thread(uvicorn.Server):
    """A server that says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = threading.Event()

    async def startup(self, sockets: object = None) -> None:
        await super().startup(None)
        self.up.set()


async def keyed(settings: Settings) -> tuple[UUID, str]:
    async with open_gateway(settings, "app") as gateway:
        tenant = await create_tenant(gateway, "a tenant")
        made = await create_api_key(gateway, tenant, name="test", mode="test", scopes=("admin",))
    return tenant, made.key


@contextmanager
def served(settings: Settings) -> Iterator[Served]:
    """The API on a free port of the loopback."""
    tenant, key = asyncio.run(keyed(settings))
    config = uvicorn.Config(
        create_app(settings), host="127.0.0.1", port=0, log_config=None, access_log=False, lifespan="on"
    )
    server = Thread(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    if not server.up.wait(30) or not server.started:
        raise RuntimeError("the API did not start")
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Served(f"http://127.0.0.1:{port}", key, tenant)
    finally:
        server.should_exit = True
        thread.join(30)
