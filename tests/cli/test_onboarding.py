"""`onboard`, `renew`, `registrations` against a gateway that runs: API, worker and sandbox as processes."""

import asyncio
import json
from base64 import b64decode
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import asyncpg
import httpx
import pytest
import redis

from cli.running import run
from cli.terminal import Terminal
from tallystick.keys import Keyring

KEY = "./dev run keys create --tenant Example"
SETTINGS = [
    *("--set", "registered_address=RRRD2929"),
    *("--set", "business_category=Supply activities"),
    *("--set", "organization_unit=Riyadh Branch"),
]
WHO = [
    *("sa_zatca", "--name", "Maximum Speed Tech Supply LTD", "--country", "SA"),
    *("--tax-identifier", "399999999900003", "--environment", "simulation"),
]


@pytest.fixture
def sandbox(
    tmp_path: Path,
    database_url: str,
    app_database_url: str,
    worker_database_url: str,
    redis_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[str]:
    """The sandbox's address, while everything runs and the environment holds a key."""
    environment = {
        "DATABASE_URL": database_url,
        "TALLYSTICK_APP_DATABASE_URL": app_database_url,
        "TALLYSTICK_WORKER_DATABASE_URL": worker_database_url,
        "REDIS_URL": redis_url,
        "TALLYSTICK_KEY_DIRECTORY": str(tmp_path / "keys"),
        "TALLYSTICK_DELAY_SCALE": "0.1",
        "TALLYSTICK_LOG_LEVEL": "debug",
    }
    terminal = Terminal(tmp_path, environment)
    terminal.environment["TALLYSTICK_ACCESS_POINT_HOSTS"] = f"127.0.0.1:{terminal.sandbox}"
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TALLYSTICK_PORT", str(terminal.api))
    monkeypatch.chdir(tmp_path)
    with ExitStack() as terminals:
        for name in ("sandbox", "serve", "worker"):
            terminals.enter_context(terminal.background(f"./dev run {name}"))
        terminal.await_readiness()
        monkeypatch.setenv("TALLYSTICK_API_KEY", terminal.run(KEY).strip())
        yield f"http://127.0.0.1:{terminal.sandbox}"


def code(sandbox: str) -> bytes:
    """A fresh one-time code, as a pipe holds it."""
    answer = httpx.post(f"{sandbox}/admin/fatoora/otp", json={"environment": "simulation"}, trust_env=False)
    return f"{answer.json()['otp']}\n".encode()


@pytest.mark.slow
def test_one_command_and_one_code_lead_to_a_production_credential(
    sandbox: str, tmp_path: Path, database_url: str, redis_url: str
) -> None:
    address = ["--endpoint", f"{sandbox}/e-invoicing/simulation"]

    unfit = run("onboard", *WHO, *address, stdin=code(sandbox))
    assert unfit.status == 1
    assert "/settings/registered_address" in unfit.err

    refused = run("onboard", *WHO, *address, *SETTINGS, stdin=b"000000\n")
    assert refused.status == 1
    assert "Invalid-OTP" in refused.err
    assert "Get a new OTP" in refused.err

    used = code(sandbox)
    done = run("onboard", *WHO, *address, *SETTINGS, stdin=used)
    assert done.status == 0, done.err
    assert "simulation: active, until" in done.out
    assert "compliance" in done.err

    again = run("onboard", *WHO, *address, *SETTINGS)
    assert (again.status, again.out) == (0, done.out)

    id_ = done.out.split()[0]
    listed = [json.loads(line) for line in run("registrations", "list", "--json").out.splitlines()]
    assert [(row["id"], row["state"]) for row in listed] == [(id_, "active")]

    renewed = run("renew", id_, "--json", stdin=code(sandbox))
    assert renewed.status == 0, renewed.err
    assert json.loads(renewed.out)["state"] == "active"
    assert "renew, done" in run("registrations", "show", id_).out

    for each in httpx.get(f"{sandbox}/admin/fatoora/units", trust_env=False).json():
        revoked = {"environment": "simulation", "unit": each["unit"]}
        httpx.post(f"{sandbox}/admin/fatoora/revoke", json=revoked, trust_env=False)
    asyncio.run(paused(database_url))
    anew = run("onboard", *WHO, *address, *SETTINGS, stdin=code(sandbox))
    assert anew.status == 0, anew.err
    assert "simulation: active" in anew.out

    # six digits may stand in a time or a number by chance: the code is looked for where a value would stand
    codes = [mark + used.strip() for mark in (b" ", b'"', b"'", b"=", b":")]
    hidden = [*codes, *asyncio.run(opened(database_url, tmp_path / "keys"))]
    printed = b"".join(path.read_bytes() for path in tmp_path.glob("*.log")) + done.err.encode()
    with redis.Redis.from_url(redis_url) as client:
        queued = b" ".join(key + (client.dump(key) or b"") for key in client.keys("*"))
    assert b"worker.ready" in printed
    for text in hidden:
        assert text not in printed
        assert text not in queued


async def paused(url: str) -> None:
    """As if the authority had refused a document's credential."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("UPDATE registration SET state = 'paused', paused_reason = 'refused (401)'")
    finally:
        await connection.close()


async def opened(url: str, keys: Path) -> list[bytes]:
    """The credential and the key of the one registration, as only the worker can open them."""
    connection = await asyncpg.connect(url)
    try:
        row = await connection.fetchrow("SELECT * FROM registration")
    finally:
        await connection.close()
    owner = f"{row['tenant_id']}|registration|{row['id']}"
    unwrap = Keyring.open(keys).unwrap
    secrets = [
        unwrap(b64decode(text), f"{owner}|{name}".encode()).reveal_bytes()
        for name, text in json.loads(row["secrets_wrapped"]).items()
    ]
    pem = unwrap(row["signer_wrapped"], f"{owner}|signer".encode()).reveal_bytes()
    return [*secrets, *(line for line in pem.splitlines() if b"--" not in line)]
