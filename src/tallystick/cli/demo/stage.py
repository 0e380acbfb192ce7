"""What the demo runs on: servers, three processes of ours, a tenant. All of it ends with the demo."""

import contextlib
import dataclasses
import fcntl
import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Final, TypeAlias

import httpx
from msgspec import Struct, structs

from tallystick.cli.printing import Failure, say
from tallystick.cli.surroundings import orderly
from tallystick.settings import Settings, load

__all__ = ["Stage", "stage"]

Process: TypeAlias = "subprocess.Popen[bytes]"

SCALE: Final = Decimal("0.005")
"""Every delay of retries, breakers and webhooks takes so much of its time: the same code, in seconds."""

START_SECONDS: Final = 60.0
FAREWELL_SECONDS: Final = 10.0
LINES_OF_A_LOG: Final = 15


class Stage(Struct, frozen=True, kw_only=True):
    """Where everything is. `key` is an API key of the demo's tenant, `home` the folder of this demo."""

    home: Path
    api: str
    sandbox: str
    tenant: str
    key: str


@contextlib.contextmanager
def stage(run: str) -> Iterator[Stage]:
    """Everything up and answering; down again at the end, however the block ends.

    Raises Failure when a process does not start, or another demo is on this stage.
    """
    settings = load()
    if settings.environment == "production":
        raise Failure("the demo is for trials: it does not run in production")
    home = settings.data_directory / "demo"
    with orderly(), alone(home), servers(settings, home) as found, children(found, home) as running:
        tenant, key = owner(found, run)
        urls = found.public_url, f"http://{found.access_point_hosts[0]}"
        probes = {"serve": f"{urls[0]}/readyz", "sandbox": f"{urls[1]}/healthz"}
        await_answers(probes, running, home)
        yield Stage(home=home, api=urls[0], sandbox=urls[1], tenant=tenant, key=key)


@contextlib.contextmanager
def alone(home: Path) -> Iterator[None]:
    """One demo at a time in one folder: a worker of another one would carry off our invoices."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failure(f"another demo runs in {home}: end it first") from None
        yield


@contextlib.contextmanager
def servers(settings: Settings, home: Path) -> Iterator[Settings]:
    """The settings of the demo's processes, on servers of its own unless addresses are given."""
    from tallystick import embedded

    with embedded.addresses(settings.database_url, settings.redis_url, data_dir=home) as found:
        api_port, sandbox_port = free_port(settings.port), free_port(0)
        yield structs.replace(
            settings.with_addresses(**dataclasses.asdict(found)),
            host="127.0.0.1",
            port=api_port,
            public_url=f"http://127.0.0.1:{api_port}",
            access_point_hosts=(f"127.0.0.1:{sandbox_port}",),
            delay_scale=SCALE,
            webhook_allow_private=True,
            worker_concurrency=8,
        )


def processes(settings: Settings, home: Path) -> dict[str, list[str]]:
    """Our processes and their arguments."""
    port = settings.access_point_hosts[0].rpartition(":")[2]
    journals = ["--journal", str(home / "sandbox.jsonl"), "--consumer-journal", str(home / "consumer.jsonl")]
    return {"sandbox": ["--port", port, *journals], "serve": [], "worker": []}


@contextlib.contextmanager
def children(settings: Settings, home: Path) -> Iterator[dict[str, Process]]:
    """Our processes by name. They end with us, all at once: by then their standard input is closed."""
    running: dict[str, Process] = {}
    try:
        for name, words in processes(settings, home).items():
            running[name] = started(name, words, settings, home)
        yield running
    finally:
        for process in running.values():
            if process.stdin is not None:
                process.stdin.close()
            process.terminate()
        for process in running.values():
            farewell(process)


def started(name: str, words: list[str], settings: Settings, home: Path) -> Process:
    """A process of ours, logging into the demo's folder."""
    command = [sys.executable, "-P", "-m", "tallystick", name, *words, "--until-input-ends"]
    with log_of(home, name).open("wb") as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            env=settings.environment_of_a_child(),
            start_new_session=True,
        )


def farewell(process: Process) -> None:
    """Wait for a process that was told to end; make it end when it does not listen."""
    try:
        process.wait(FAREWELL_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def owner(settings: Settings, run: str) -> tuple[str, str]:
    """A new tenant and an API key of his, as the operator makes them on the command line."""
    import asyncio

    from tallystick.cli.surroundings import at_head
    from tallystick.flows.administer.keys import create_api_key, create_tenant
    from tallystick.flows.gateway import open_gateway

    async def made() -> tuple[str, str]:
        async with open_gateway(settings) as gateway:
            tenant = await create_tenant(gateway, f"Demo {run}")
            key = await create_api_key(gateway, tenant, name="demo", mode="test", scopes=["admin"])
            return str(tenant), key.key

    at_head(settings)
    return asyncio.run(made())


def await_answers(probes: dict[str, str], running: dict[str, Process], home: Path) -> None:
    """Wait until each probe answers 200. Raises Failure with the end of the log of a process that fails."""
    deadline = time.monotonic() + START_SECONDS
    with httpx.Client(trust_env=False, timeout=5) as client:
        for name, url in probes.items():
            while not answers(client, url):
                ended = [other for other, process in running.items() if process.poll() is not None]
                if ended or time.monotonic() > deadline:
                    raise Failure(did_not_start(ended[0] if ended else name, home))
                time.sleep(0.05)


def did_not_start(name: str, home: Path) -> str:
    """That a process did not start, and the end of its log."""
    lines = log_of(home, name).read_text(errors="replace").splitlines()
    return f"`{name}` did not start:\n" + "\n".join(lines[-LINES_OF_A_LOG:])


def answers(client: httpx.Client, url: str) -> bool:
    """Whether the URL answers 200."""
    try:
        return client.get(url).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def free_port(wish: int) -> int:
    """The port, if nobody listens there, else another one."""
    import socket

    for port in (wish, 0):
        with socket.socket() as trial, contextlib.suppress(OSError):
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(("127.0.0.1", port))
            found: int = trial.getsockname()[1]
            if port != wish:
                say(f"port {wish} is taken: the API listens on {found}")
            return found
    raise Failure("there is no free port on 127.0.0.1")


def log_of(home: Path, name: str) -> Path:
    """Where a process logs."""
    return home / f"{name}.log"
