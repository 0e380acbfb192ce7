"""A whole installation of real processes that may be killed: servers, API, workers, sandbox, and a client.

Everything that happens to it is drawn from one seed; what really happened is counted, not assumed.
"""

import asyncio
import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import msgspec
from msgspec import Struct, field

from prove.grounds import PEPPOL, Ground, prepared
from tallystick import embedded
from tallystick.flows import fsck
from tallystick.keys import Keyring, raw_public
from tallystick.settings import Settings
from tallystick.store import migrate

ROOT = Path(__file__).parents[2]
LEASE, TIMEOUT = 4.5, 1.2
OVER = "('done', 'rejected', 'conflict', 'dead')"
UNFINISHED = f"""SELECT (SELECT count(*) FROM submission WHERE state NOT IN {OVER})
                      + (SELECT count(*) FROM webhook_delivery WHERE state IN ('queued', 'in_flight'))"""
STATES = "SELECT state, count(*) FROM submission GROUP BY state"
LATE = "SELECT count(*) FROM compliance_log WHERE stream_kind = 'system'"


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def alive(pid: int) -> bool:
    """Whether the process is still there."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


class Nursery:
    """The process that forks the others (see `prove.nursery`)."""

    def __init__(self, folder: Path) -> None:
        self._log = (folder / "nursery.log").open("ab")
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("nursery.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=os.environ | {"PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT / "tests")))},
        )

    def spawn(self, **order: Any) -> int:
        """A new process; its id."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """End every child, and the nursery."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(20)
        self._process.stdout.close()
        self._log.close()


class Field(Struct, kw_only=True):
    """The installation. `pids` by name; `happened` counts what was done to it."""

    folder: Path
    settings: Settings
    servers: embedded.Servers
    nursery: Nursery
    sandbox_port: int
    ground: Ground = PEPPOL
    sabotage: str = "nothing"
    naps: float = 0.0
    api_key: str = ""
    pids: dict[str, int] = field(default_factory=dict)
    happened: Counter[str] = field(default_factory=Counter)

    @property
    def sandbox_url(self) -> str:
        return f"http://127.0.0.1:{self.sandbox_port}"

    def start(self, name: str) -> None:
        """Start (again) the process of this name: `api`, `sandbox` or `worker-N`."""
        self.pids[name] = self.spawn(name)

    def spawn(self, name: str, **changes: Any) -> int:
        """Start a process of this name with changed settings; nobody starts it again. Its id."""
        settings = msgspec.structs.replace(self.settings, **changes)
        return self.nursery.spawn(
            role=name.partition("-")[0],
            log=str(self.folder / f"{name}.log"),
            environment=settings.environment_of_a_child(),
            sabotage=self.sabotage,
            naps=self.naps,
            port=self.sandbox_port,
            journal=str(self.folder / "authority.jsonl"),
            consumer_journal=str(self.folder / "consumer.jsonl"),
        )

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to the process of this name."""
        os.kill(self.pids[name], number)

    def stop(self, name: str) -> None:
        """Kill the process of this name; nobody starts it again."""
        self.kill(name)
        del self.pids[name]

    async def supervise(self) -> None:
        """Start again whatever ended by itself (as it may when its database is away), as a system would."""
        while True:
            await asyncio.sleep(0.2)
            for name, pid in list(self.pids.items()):
                if not alive(pid):
                    self.start(name)
                    self.happened["restarted"] += 1

    async def query(self, query: str) -> list[Any]:
        """Look at the database, patiently: it may just be coming up."""
        for attempt in range(60):
            try:
                connection = await asyncpg.connect(self.settings.worker_database_url)
                try:
                    return list(await connection.fetch(query))
                finally:
                    await connection.close()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                if attempt == 59:
                    raise
                await asyncio.sleep(0.25)
        raise AssertionError("not reached")

    async def drained(self, seconds: float) -> float | None:
        """Seconds until nothing was left to do; None when that took longer than `seconds`."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            if (await self.query(UNFINISHED))[0][0] == 0:
                return time.monotonic() - began
            await asyncio.sleep(0.2)
        return None

    async def check(self, patience: float = 5.0) -> fsck.Report:
        """What the checker says, with every journal at hand."""
        publics = Keyring.open(self.settings.key_directory, create=False).publics
        url = self.settings.worker_database_url
        assert url is not None
        return await fsck.run(
            url,
            sandbox_journal=self.folder / "authority.jsonl",
            consumer_journal=self.folder / "consumer.jsonl",
            client_journal=self.folder / "client.jsonl",
            webhook_key=raw_public(publics["webhook"]),
            patience=patience,
        )

    async def fault(self, fault: str, every: int, **match: str) -> int:
        """Tell the sandbox to misbehave from now on; the order's number."""
        async with httpx.AsyncClient() as client:
            order = {"fault": fault, "every": every, "match": match}
            answer = await client.post(f"{self.sandbox_url}/admin/faults", json=order)
            answer.raise_for_status()
            number: int = answer.json()["id"]
            return number

    async def calm(self) -> Counter[str]:
        """End every standing order; how often each fault happened."""
        async with httpx.AsyncClient() as client:
            told = (await client.get(f"{self.sandbox_url}/admin/faults")).json()
            for rule in told["faults"]:
                await client.delete(f"{self.sandbox_url}/admin/faults/{rule['id']}")
            return Counter(told["fired"])


@contextlib.contextmanager
def _processes(
    folder: Path, sandbox_port: int, hosts: Sequence[str]
) -> Iterator[tuple[embedded.Servers, Nursery, Settings]]:
    with embedded.servers(fsync=True) as servers:
        nursery = Nursery(folder)
        try:
            settings = msgspec.structs.replace(
                Settings(),
                database_url=servers.database_url,
                app_database_url=servers.app_database_url,
                worker_database_url=servers.worker_database_url,
                redis_url=servers.redis_url,
                key_directory=folder / "keys",
                data_directory=folder / "data",
                port=free_port(),
                delay_scale=Decimal("0.01"),
                lease_seconds=LEASE,
                http_timeout_seconds=TIMEOUT,
                webhook_timeout_seconds=2.0,
                webhook_allow_private=True,
                webhook_ports=(sandbox_port,),
                access_point_hosts=(f"127.0.0.1:{sandbox_port}", *hosts),
                worker_concurrency=16,
                database_pool_size=6,
            )
            yield servers, nursery, settings
        finally:
            nursery.close()


@contextlib.asynccontextmanager
async def field_of(
    folder: Path,
    *,
    workers: int = 2,
    sabotage: str = "nothing",
    naps: float = 0.0,
    ground: Ground = PEPPOL,
    hosts: Sequence[str] = (),
) -> AsyncIterator[Field]:
    """An installation with a tenant, a seller, its registrations and a subscriber; all processes run.

    `hosts` are others than the sandbox that the worker may speak to.
    """
    port = free_port()
    (folder / "client.jsonl").touch()
    with _processes(folder, port, hosts) as (servers, nursery, settings):
        await asyncio.to_thread(migrate.upgrade, servers.database_url)
        opened = Field(
            folder=folder,
            settings=settings,
            servers=servers,
            nursery=nursery,
            sandbox_port=port,
            ground=ground,
            sabotage=sabotage,
            naps=naps,
        )
        opened.api_key = await prepared(ground, settings, opened.sandbox_url)
        for name in ("sandbox", "api", *(f"worker-{n}" for n in range(workers))):
            opened.start(name)
        await answering(f"{opened.sandbox_url}/healthz")
        await answering(f"http://127.0.0.1:{settings.port}/healthz")
        supervisor = asyncio.create_task(opened.supervise())
        try:
            if workers:
                await ground.ready(settings, opened.api_key)
            yield opened
        finally:
            supervisor.cancel()


async def answering(url: str, seconds: float = 30.0) -> None:
    """Wait until somebody answers there."""
    deadline = time.monotonic() + seconds
    async with httpx.AsyncClient() as client:
        while True:
            with contextlib.suppress(httpx.HTTPError):
                if (await client.get(url, timeout=2)).status_code == 200:
                    return
            assert time.monotonic() < deadline, f"nobody answers at {url}"
            await asyncio.sleep(0.05)


class Client(Struct, kw_only=True):
    """Posts invoices until each was answered 201, under one key each, and keeps a journal of the answers."""

    here: Field
    chance: random.Random
    suffixes: Mapping[str, float]
    prefix: str = "CH"
    posted: int = 0
    retried: int = 0

    async def post(self, count: int, seconds: float) -> None:
        """Post `count` invoices, evenly spread over `seconds`."""
        began = time.monotonic()
        limits = httpx.Limits(max_connections=16)
        async with httpx.AsyncClient(timeout=8, limits=limits, trust_env=False) as client:
            with (self.here.folder / "client.jsonl").open("a") as journal:
                tasks = []
                for turn in range(count):
                    await asyncio.sleep(max(0.0, began + seconds * turn / count - time.monotonic()))
                    tasks.append(asyncio.create_task(self._one(client, journal, turn)))
                await asyncio.gather(*tasks)

    async def _one(self, client: httpx.AsyncClient, journal: Any, turn: int) -> None:
        number = f"{self.prefix}-{turn:04d}{self._suffix()}"
        body, key = self.here.ground.body(turn, number), str(uuid4())
        headers = {
            "Authorization": f"Bearer {self.here.api_key}",
            "Idempotency-Key": key,
            "Content-Type": "application/json",
        }
        url = f"http://127.0.0.1:{self.here.settings.port}/v1/invoices"
        for _ in range(400):
            with contextlib.suppress(httpx.HTTPError):
                answer = await client.post(url, content=body, headers=headers)
                if answer.status_code == 201:
                    self.posted += 1
                    line = {"key": key, "status": 201, "invoice_id": answer.json()["id"], "number": number}
                    journal.write(json.dumps(line) + "\n")
                    journal.flush()
                    return
                assert answer.status_code in {409, 429, 500, 502, 503, 504}, answer.text
            self.retried += 1
            await asyncio.sleep(0.1)
        raise AssertionError(f"{number} was never accepted")

    def _suffix(self) -> str:
        drawn, total = self.chance.random(), 0.0
        for suffix, share in self.suffixes.items():
            total += share
            if drawn < total:
                return suffix
        return ""
