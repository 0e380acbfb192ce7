"""The sandbox as one application and one process: both dialects, the consumer, the admin calls."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from litestar import Litestar, Request, Response
from litestar.datastructures import State

from tallystick.sandbox import admin, consumer, fatoora, irp, phase4, phoss
from tallystick.sandbox.access_point import AccessPoint
from tallystick.sandbox.journal import Journal
from tallystick.sandbox.wire import Protocol, misbehave

_BODY_LIMIT = 100 * 1024 * 1024
_START_SECONDS = 20.0


def create(
    journal: Path | None,
    *,
    consumer_journal: Path | None = None,
    token: str | None = None,
    duplicates: str = "again",
    refusal: str = "receiver",
) -> Litestar:
    """The application. A journal that exists is read first: what it names is remembered.

    token: what `X-Token` must hold; None accepts any. duplicates, refusal: see `AccessPoint`.
    """
    point = AccessPoint(Journal(journal), duplicates=duplicates, refusal=refusal)
    arrivals = Journal(consumer_journal)
    tax_authority = fatoora.Fatoora(point.journal)
    folder = None if journal is None else journal.with_name(f"{journal.name}.keys")
    desk = irp.Desk(point.journal, point.faults, folder)
    point.faults.answers |= fatoora.ANSWERS | irp.ANSWERS

    async def close() -> None:
        point.journal.close()
        arrivals.close()

    return Litestar(
        route_handlers=[
            *(phoss.router(), phase4.router(), consumer.router(), admin.router()),
            *fatoora.routers(),
            *irp.routers(),
        ],
        middleware=[misbehave],
        state=State(
            {"point": point, "arrivals": arrivals, "token": token, "fatoora": tax_authority, "irp": desk}
        ),
        request_max_body_size=_BODY_LIMIT,
        on_shutdown=[close],
        openapi_config=None,
        logging_config=None,
        exception_handlers={UnicodeDecodeError: _unreadable, RecursionError: _unreadable},
    )


def _unreadable(_: Request[Any, Any, Any], error: Exception) -> Response[dict[str, str]]:
    """The answer to a JSON body that is no text, or nested beyond all sense."""
    return Response({"error": f"the body cannot be read ({type(error).__name__})"}, status_code=400)


def _configured(app: Litestar) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=Protocol,
        lifespan="on",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=30,
    )


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(256)
    return listener


def _url(host: str, listener: socket.socket) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{listener.getsockname()[1]}"


def endpoints(url: str) -> dict[str, str]:
    """Everything that stands at this base URL, by name; capitals stand for what the caller chooses."""
    saudi = {
        f"fatoora {word}": fatoora.address(url, word) for word in ("sandbox", "simulation", "production")
    }
    indian = {f"irp {portal}": f"{url}/irp/{portal}" for portal in ("nic1", "nic2", "irp6")}
    return {
        "url": url,
        "phoss-ap": f"{url}/phoss-ap",
        "phase4": f"{url}/phase4",
        **saudi,
        **indian,
        "consumer": f"{url}/consumer/NAME",
        "admin": f"{url}/admin/faults",
    }


def serve(
    host: str = "127.0.0.1",
    port: int = 0,
    journal_path: Path | None = None,
    token: str | None = None,
    *,
    consumer_journal_path: Path | None = None,
    duplicates: str = "again",
    refusal: str = "receiver",
    ready: Callable[[str], None] | None = None,
) -> None:
    """Run the sandbox until SIGINT or SIGTERM. Port 0 takes a free one; `ready` is told the base URL."""
    app = create(
        journal_path,
        consumer_journal=consumer_journal_path,
        token=token,
        duplicates=duplicates,
        refusal=refusal,
    )
    listener = _listening(host, port)
    if ready is not None:
        ready(_url(host, listener))
    uvicorn.Server(_configured(app)).run(sockets=[listener])


@dataclass(frozen=True, slots=True)
class Running:
    """A sandbox in this process. `url` is its base; adapters append `/phoss-ap` or `/phase4`."""

    url: str
    point: AccessPoint
    arrivals: Journal
    desk: irp.Desk | None = None

    @property
    def phoss(self) -> str:
        """Endpoint of the phoss-ap dialect."""
        return f"{self.url}/phoss-ap"

    @property
    def phase4(self) -> str:
        """Endpoint of the phase4 dialect."""
        return f"{self.url}/phase4"

    def fatoora(self, environment: str = "simulation") -> str:
        """Endpoint of the Saudi platform in an environment, by its segment or its common name.

        Raises KeyError for an environment that there is not.
        """
        return fatoora.address(self.url, environment)

    def irp(self, portal: str = "nic1") -> str:
        """Endpoint of an invoice registration portal (`nic1`, `nic2`, `irp6`, each also `-production`)."""
        return f"{self.url}/irp/{portal}"

    def consumer(self, name: str) -> str:
        """Where webhooks for a consumer are to be sent."""
        return f"{self.url}/consumer/{name}"


@contextmanager
def running(
    journal: Path | None = None,
    *,
    consumer_journal: Path | None = None,
    token: str | None = None,
    duplicates: str = "again",
    refusal: str = "receiver",
    host: str = "127.0.0.1",
    port: int = 0,
) -> Iterator[Running]:
    """The sandbox in a thread, over real TCP, gone when the block is left. For tests and the demo.

    Raises RuntimeError when it does not start within 20 s.
    """
    app = create(
        journal, consumer_journal=consumer_journal, token=token, duplicates=duplicates, refusal=refusal
    )
    listener = _listening(host, port)
    server = uvicorn.Server(_configured(app))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True, name="sandbox")
    thread.start()
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not server.started:
            if not thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError("the sandbox did not start")
            time.sleep(0.01)
        yield Running(_url(host, listener), app.state.point, app.state.arrivals, app.state.irp)
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()
