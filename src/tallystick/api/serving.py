"""Running the API: one process, one event loop, uvicorn on uvloop where there is one."""

import gc
import logging
from collections.abc import Callable
from typing import Any

import uvicorn

from tallystick import __version__
from tallystick.api.app import create_app
from tallystick.api.connection import Connection
from tallystick.api.logs import Forward, logger
from tallystick.flows.gateway import Waker
from tallystick.settings import Settings

__all__ = ["serve"]

DRAIN_SECONDS = 20
COLLECT_AFTER = (10_000, 20, 50)  # hardly anything of a request needs the collector


def serve(
    settings: Settings, *, wake: Waker | None = None, ready: Callable[[str], None] | None = None
) -> None:
    """Serve until SIGINT or SIGTERM; requests that are being answered get 20 seconds to end.

    `ready` is called with our URL once connections are taken. What start-up made is frozen out of the garbage
    collector: it never becomes garbage, and walking it costs every hundredth request its time.
    """
    logging.basicConfig(level=logging.WARNING, handlers=[Forward()], force=True)
    app = create_app(settings, wake=wake)
    app.on_startup.append(frozen)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        date_header=True,
        lifespan="on",
        timeout_graceful_shutdown=DRAIN_SECONDS,
        http=Connection,
        ws="none",
    )
    Announced(config, ready).run()


def frozen() -> None:
    """Keep what stands now out of every later garbage collection; collect what requests leave in bulk."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


class Announced(uvicorn.Server):
    """A server that says when it takes connections."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[str], None] | None) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: Any = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        if not self.started:
            return
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        logger.info("listening", host=host, port=port, version=__version__)
        if self._ready is not None:
            self._ready(f"http://{host}:{port}")
