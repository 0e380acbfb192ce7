"""No secret is written down anywhere: not in a log line, a row, the queue, an answer or a receipt.

A whole life is lived with values that occur nowhere else, under an access point and a subscriber that say
back all they are told; then everything that was written is searched for them.
"""

import asyncio
import contextlib
import io
import json
import os
import signal
import sys
import zipfile
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
import redis

from flows.house import enrol, fixture, settings_for
from tallystick.api import create_app
from tallystick.flows import Caller, receipt
from tallystick.flows.administer.keys import create_api_key, create_tenant
from tallystick.flows.gateway import Gateway, open_gateway
from tallystick.flows.read import log as log_of
from tallystick.settings import Settings
from tallystick.worker.wake import Waker

TOKEN = "sandbox-token"  # what flows.house registers with the access point
ANSWERS = (b"503 Busy", b"200 OK", b"401 No", b"500 Oh", b"422 No")


class Echo:
    """A server that answers with all that it was told, head and body, under one status after the other."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        size = [
            line.partition(b":")[2] for line in head.lower().split(b"\r\n") if line.startswith(b"content-le")
        ]
        said = head + (await reader.readexactly(int(size[0])) if size else b"")
        self.heard.append(said)
        status = ANSWERS[len(self.heard) % len(ANSWERS)]
        body = json.dumps({"error": said.decode("latin-1"), "errors": [said.decode("latin-1")]}).encode()
        token = head.lower().partition(b"x-token: ")[2].partition(b"\r\n")[0]
        writer.write(
            b"HTTP/1.1 %b\r\nX-Said: %b\r\nContent-Length: %d\r\n\r\n" % (status, token, len(body)) + body
        )
        with contextlib.suppress(OSError):
            await writer.drain()
        writer.close()


@asynccontextmanager
async def echoing() -> AsyncIterator[tuple[Echo, str]]:
    echo = Echo()
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    yield echo, f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


def spellings(secret: str) -> Iterator[str]:
    """The ways in which a careless program writes a secret down."""
    raw = secret.encode()
    yield from (secret, raw.hex(), b64encode(raw).decode().rstrip("="), secret[::-1])


async def everything_stored(url: str) -> AsyncIterator[tuple[str, str]]:
    """Every row of every table as text: bytes both as they are and in hex."""
    connection = await asyncpg.connect(url)
    try:
        for (table,) in await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
            for row in await connection.fetch(f'SELECT * FROM "{table}"'):
                values = (v.decode("latin-1") if isinstance(v, bytes) else str(v) for v in row.values())
                yield table, " ".join(values)
    finally:
        await connection.close()


async def lived(
    settings: Settings, app: Gateway, host: str, echo: Echo, owner_url: str
) -> tuple[list[str], list[str], str]:
    """One life: good and bad requests, submissions, deliveries. The secrets there were, all answers, the
    worker's log.
    """
    tenant = await create_tenant(app, "Test tenant")
    made = await create_api_key(app, tenant, name="a key", mode="test", scopes=["admin"])
    caller = Caller(tenant_id=tenant, key_prefix=made.prefix, scopes=frozenset({"admin"}))
    home: Any = type("Home", (), {"app": app, "caller": caller})
    await enrol(home, f"http://{host}", "phoss-ap")
    answers = []
    web = create_app(settings, app)
    async with web.lifespan(), httpx.AsyncClient(
        transport=httpx.ASGITransport(app=web, raise_app_exceptions=False),
        base_url="http://gateway", headers={"Authorization": f"Bearer {made.key}"},
    ) as client:  # fmt: skip
        hook = await client.post("/v1/webhook-endpoints", json={"url": f"http://{host}/hook"})
        whsec = hook.json()["secret"]
        posted = []
        for number in range(3):
            body = fixture("peppol", "standard", invoice_number=f"S-{number}")
            headers = {"Idempotency-Key": f"key-{number}", "Content-Type": "application/json"}
            posted.append(await client.post("/v1/invoices", content=body, headers=headers))
        wrong = [made.key[:-1] + "!", made.key[:-1], made.key + "A", whsec, TOKEN, ""]
        answers += [
            await client.get("/v1/invoices", headers={"Authorization": f"Bearer {text}"}) for text in wrong
        ]
        for path in (
            "/v1/invoices",
            "/v1/registrations",
            "/v1/api-keys",
            "/v1/webhook-endpoints",
            "/metrics",
        ):
            answers.append(await client.get(path))
            answers.append(
                await client.post(
                    path, content=made.key.encode(), headers={"Content-Type": "application/json"}
                )
            )
        async with working(settings, owner_url) as worker:
            for _ in range(800):
                await asyncio.sleep(0.05)
                if len(echo.heard) >= 14:
                    break
        _, printed = await worker.communicate()
        assert len(echo.heard) >= 14
        for answer in posted:
            at = answer.headers["Location"]
            answers += [
                await client.get(f"{at}{part}") for part in ("", "/events", "/attempts", "/artifacts", "/log")
            ]
            with zipfile.ZipFile(io.BytesIO(await receipt.receipt(app, caller, UUID(at[-36:])))) as archive:
                answers += [httpx.Response(200, content=archive.read(name)) for name in archive.namelist()]
            assert (await log_of(app, caller, UUID(at[-36:]))).data
    keys = settings.key_directory
    secrets = [TOKEN, made.key, made.key[17:], whsec, whsec.removeprefix("whsec_")]
    secrets += [
        line
        for file in sorted(keys.glob("*.pem"))
        for line in file.read_text().splitlines()
        if "--" not in line
    ]
    assert not any(answer is hook for answer in answers)
    answers_told = [f"{answer.headers} {answer.text}" for answer in answers]
    return secrets, answers_told, printed.decode()


@asynccontextmanager
async def working(settings: Settings, owner_url: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A real worker's process; told to end when the block ends."""
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": owner_url,
        "REDIS_URL": str(settings.redis_url),
        "TALLYSTICK_WORKER_DATABASE_URL": str(settings.worker_database_url),
        "TALLYSTICK_KEY_DIRECTORY": str(settings.key_directory),
        "TALLYSTICK_ACCESS_POINT_HOSTS": ",".join(settings.access_point_hosts),
        "TALLYSTICK_WEBHOOK_ALLOW_PRIVATE": "true",
        "TALLYSTICK_DELAY_SCALE": "0.01",
        "TALLYSTICK_LOG_LEVEL": "debug",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tallystick", "worker", env=environment, stderr=asyncio.subprocess.PIPE
    )
    yield process
    process.send_signal(signal.SIGTERM)


async def test_no_secret_is_written_down_anywhere(
    tmp_path: Path,
    app_database_url: str,
    worker_database_url: str,
    database_url: str,
    redis_url: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    async with echoing() as (echo, host):
        settings = settings_for(
            tmp_path, app_database_url, worker_database_url, [host],
            webhook_allow_private=True, redis_url=redis_url, database_pool_size=4,
        )  # fmt: skip
        async with open_gateway(settings, "app", wake=Waker(redis_url).wake) as app:
            secrets, answers, printed = await lived(settings, app, host, echo, database_url)
    printed += "".join(capfd.readouterr())
    with redis.Redis.from_url(redis_url) as client:
        queued = " ".join(f"{key!r} {client.dump(key)!r}" for key in client.keys("*"))
    stored = [found async for found in everything_stored(database_url)]

    assert any(TOKEN.encode() in said for said in echo.heard), "the access point was never told the token"
    assert len(stored) > 50
    assert "worker.ready" in printed
    for secret in secrets:
        for text in spellings(secret):
            assert text not in printed
            assert text not in queued
            assert [table for table, row in stored if text in row] == []
            assert [answer[:300] for answer in answers if text in answer] == []
