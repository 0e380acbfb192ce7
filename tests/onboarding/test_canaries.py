"""A whole life with real processes: its codes, credentials and keys are nowhere but where they belong."""

import asyncio
import io
import json
import re
import zipfile
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from msgspec import Struct

from cli.terminal import Terminal
from onboarding import saudi
from onboarding.relay import Relay, relaying
from onboarding.test_units import everything_stored
from onboarding.watching import watching
from tallystick.flows.onboarding.vault import SIGNER, place
from tallystick.keys import Keyring
from tallystick.sandbox.server import Running
from unit.sandbox.fatoora.egs import Unit

ONBOARD = f"""./dev run onboard sa_zatca --name "{saudi.NAME}" --country SA --tax-identifier {saudi.VAT} \\
    --environment simulation --unit till-1 --endpoint $ENDPOINT --set registered_address=RRRD2929 \\
    --set business_category=Retail --set organization_unit=Riyadh"""


class Life(Struct, kw_only=True):
    """The installation while it lives. `keys` are private keys that were in use, PEM."""

    terminal: Terminal
    sandbox: Running
    authority: Relay
    gateway: Relay
    keys: set[str]
    printed: list[str]
    database_url: str

    def run(self, commands: str, **environment: str) -> str:
        """What the commands print, errors too; and the keys that are in use now are remembered."""
        self.terminal.environment |= environment
        found = self.terminal.run(f"exec 2>&1\n{commands}")
        self.printed.append(found)
        self.keys |= asyncio.run(keys_of(self.database_url, self.terminal.folder / "keys"))
        return found

    def admin(self, path: str, **body: Any) -> Any:
        """Ask the sandbox's operator."""
        return asyncio.run(saudi.admin(self.sandbox, path, **body))

    def code(self) -> str:
        """A fresh code."""
        return asyncio.run(saudi.code(self.sandbox))

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """The gateway's answer."""
        headers = {"Authorization": f"Bearer {self.terminal.environment['TALLYSTICK_API_KEY']}"}
        headers |= more.pop("headers", {})
        return httpx.request(method, self.gateway.url + path, headers=headers, trust_env=False, **more)

    def post(self, number: str, kind: str = "b2c", **changes: Any) -> httpx.Response:
        """An invoice; the answer when it is settled or seconds are over."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": number, "Prefer": "wait=4"}
        body = saudi.invoice(number, kind, **{"registration": "till-1", **changes})
        return self.ask("POST", "/v1/invoices", content=body, headers=headers)


async def keys_of(url: str, folder: Path) -> set[str]:
    """Every private key that is wrapped anywhere, opened as only the worker can."""
    connection = await asyncpg.connect(url)
    try:
        where = "WHERE signer_wrapped IS NOT NULL"
        columns = "SELECT tenant_id, id, signer_wrapped FROM"
        active = await connection.fetch(f"{columns} registration {where}")
        underway = await connection.fetch(f"{columns} registration_process {where}")
    finally:
        await connection.close()
    unwrap = Keyring.open(folder).unwrap
    found = [unwrap(row[2], f"{row[0]}|registration|{row[1]}|signer".encode()) for row in active]
    found += [unwrap(row[2], place(row[0], row[1], SIGNER)) for row in underway]
    return {key.reveal() for key in found}


@pytest.fixture
def life(
    tmp_path: Path,
    database_url: str,
    app_database_url: str,
    worker_database_url: str,
    redis_url: str,
    sandbox: Running,
) -> Iterator[Life]:
    """API and worker as processes, a relay before each side."""
    environment = {
        "DATABASE_URL": database_url,
        "TALLYSTICK_APP_DATABASE_URL": app_database_url,
        "TALLYSTICK_WORKER_DATABASE_URL": worker_database_url,
        "REDIS_URL": redis_url,
        "TALLYSTICK_KEY_DIRECTORY": str(tmp_path / "keys"),
        "TALLYSTICK_DELAY_SCALE": "0.02",
        "TALLYSTICK_LOG_LEVEL": "debug",
    }
    terminal = Terminal(tmp_path, environment)
    with ExitStack() as stack:
        authority = stack.enter_context(relaying(sandbox.url))
        gateway = stack.enter_context(relaying(f"http://127.0.0.1:{terminal.api}"))
        terminal.environment |= {
            "TALLYSTICK_ACCESS_POINT_HOSTS": authority.host,
            "TALLYSTICK_PUBLIC_URL": gateway.url,
            "ENDPOINT": f"{authority.url}/e-invoicing/simulation",
        }
        terminal.sandbox = int(sandbox.url.rpartition(":")[2])
        for name in ("serve", "worker"):
            stack.enter_context(terminal.background(f"./dev run {name}"))
        terminal.await_readiness()
        yield Life(
            terminal=terminal,
            sandbox=sandbox,
            authority=authority,
            gateway=gateway,
            keys=set(),
            printed=[],
            database_url=database_url,
        )


def lived(life: Life) -> None:
    """Refused, enrolled, at work, refused again, paused, back, renewed, and a unit of another system."""
    key = life.terminal.run("./dev run keys create --tenant Example").strip()
    life.terminal.environment["TALLYSTICK_API_KEY"] = key
    fed = "printf '%s\\n' \"$CODE\" | "
    refused = life.run(f"{fed}{ONBOARD} || true", CODE="000000")
    assert "Invalid-OTP" in refused
    life.authority.echoes, life.authority.echoed = 1, "/compliance"
    life.run(f"{fed}{ONBOARD} || true", CODE=life.code())  # its answer says back the code and the request
    life.authority.echoed = "/invoices/"
    assert ": active, until" in life.run(fed + ONBOARD, CODE=life.code())

    worked(life)

    life.admin("fatoora/habits", renewal="428")
    unit = life.ask("GET", "/v1/registrations").json()["data"][0]["id"]
    assert ": active, until" in life.run(f"{fed}./dev run renew {unit}", CODE=life.code())
    assert life.post("RENEWED").json()["qr"]

    taken_over(life)


def worked(life: Life) -> None:
    """Documents: taken, refused by us and by them, in doubt with all said back, under a dead credential."""
    assert life.post("GOOD").json()["qr"]
    assert life.post("CLEARED", "b2b").json()["authority_status"] == "cleared"
    assert life.post("BAD", currency_code="XXX").status_code == 422
    life.authority.echoes = 2
    assert life.post("ECHO", "b2b").status_code == 201
    fault = {"match": {"dialect": "fatoora", "number": "REFUSED"}, "fault": "reject:BR-KSA-17", "times": 1}
    life.admin("faults", **fault)
    assert life.post("REFUSED", "b2b").json()["authority_status"] == "rejected"
    halted = {"match": {"dialect": "fatoora", "number": "HALTED"}, "fault": "answer:any-401", "times": 1}
    life.admin("faults", **halted)
    life.post("HALTED", "b2b")
    paused = life.ask("GET", "/v1/registrations").json()["data"][0]
    assert paused["state"] == "paused", paused
    back = life.ask(
        "PATCH", f"/v1/registrations/{paused['id']}", json={"state": "active"}, headers={"If-Match": "*"}
    )
    assert back.status_code == 200, back.text


def taken_over(life: Life) -> None:
    """A unit of another system comes in, and goes on."""
    unit = Unit(life.sandbox.url).enrol()
    assert unit.report().status_code == 200
    assert unit.production is not None
    pem = unit.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    files = {"key.pem": pem, "token.txt": unit.production.token, "secret.txt": unit.production.secret}
    for name, text in files.items():
        (life.terminal.folder / name).write_text(text)
    seller = life.ask("GET", "/v1/sellers").json()["data"][0]["id"]
    body = {
        "seller_id": seller,
        "strategy": "sa_zatca",
        "environment": "simulation",
        "unit": "till-2",
        "endpoint": life.terminal.environment["ENDPOINT"],
        "settings": saudi.SETTINGS,
    }
    made = life.ask("POST", "/v1/registrations", json=body).json()["id"]
    said = life.run(
        f"""./dev run takeover {made} --private-key key.pem --secret token=token.txt \\
            --secret secret=secret.txt --given icv={unit.icv} --given last_hash={unit.pih}"""
    )
    assert ": active, until" in said
    assert life.post("TAKEN", registration="till-2").json()["qr"]


def answered(life: Life) -> None:
    """Ask for everything that can be asked for; the relay remembers the answers."""
    for invoice in life.ask("GET", "/v1/invoices", params={"limit": 200}).json()["data"]:
        path = f"/v1/invoices/{invoice['id']}"
        for part in ("", "/attempts", "/log", "/receipt", "/qr.svg"):
            life.ask("GET", path + part)
        for artifact in life.ask("GET", f"{path}/artifacts").json()["data"]:
            if "href" in artifact:
                life.ask("GET", artifact["href"])
    for registration in life.ask("GET", "/v1/registrations").json()["data"]:
        path = f"/v1/registrations/{registration['id']}"
        for part in ("", "/process", "/log"):
            life.ask("GET", path + part)
    for path in ("/v1/events", "/v1/keys", "/v1/sellers", "/metrics"):
        life.ask("GET", path, params={"limit": 200} if path == "/v1/events" else {})


def hidden(life: Life) -> tuple[set[str], set[str]]:
    """What must not be found: the codes, and every other secret that there was."""
    codes, secrets = set(), set()
    for call in life.authority.calls:
        if "otp" in call.headers:
            codes.add(call.headers["otp"])
        kind, _, basic = call.headers.get("authorization", "").partition(" ")
        if kind == "Basic":
            secrets |= {basic, *b64decode(basic).decode().split(":", 1)}
        if call.answer[:1] == b"{":
            body = json.loads(call.answer)
            body = body.get("value") or body
            secrets |= {body[name] for name in ("binarySecurityToken", "secret") if body.get(name)}
    return codes, secrets


def spellings(secret: str) -> Iterator[str]:
    """The ways in which a careless program writes a secret down, at any place in a base64 text too.

    A token is its public certificate once more in base64, as it stands inside of every encoded invoice: only
    one that stands by itself is one.
    """
    raw = secret.encode()
    if is_token(secret):
        yield from (f'"{secret[:60]}', f" {secret[:60]}", f"'{secret[:60]}", f"={secret[:60]}")
        return
    yield from (secret[:60], secret[-60:], raw.hex()[:80])
    for before in range(3):
        yield b64encode(bytes(before) + raw)[4:84].decode().rstrip("=")[:-2]


def is_token(secret: str) -> bool:
    """Whether it is a certificate's text in base64."""
    return secret.startswith(b64encode(b"MII").decode())


def halves(pem: str) -> Iterator[str]:
    """The lines of a private key but the last (which holds of its public half alone), and its number."""
    key: Any = serialization.load_pem_private_key(pem.encode(), None)
    number = key.private_numbers().private_value
    first, second, _ = (line for line in pem.splitlines() if "--" not in line)
    yield from (first, second)
    yield from (f"{number:064x}", str(number))


def unpacked(body: bytes) -> str:
    """An answer as text; what a receipt holds, one after the other."""
    if body[:2] != b"PK":
        return body.decode("latin-1")
    with zipfile.ZipFile(io.BytesIO(body)) as receipt:
        return "\n".join(receipt.read(name).decode("latin-1") for name in receipt.namelist())


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="looks for arguments in /proc")
def test_no_secret_is_anywhere_after_a_whole_life(life: Life, redis_url: str) -> None:
    with watching(redis_url) as seen:
        lived(life)
        answered(life)
    codes, secrets = hidden(life)
    places = {
        "stored": asyncio.run(everything_stored(life.database_url)),
        "logged": "".join(path.read_text("latin-1") for path in life.terminal.folder.glob("*.log")),
        "printed": "\n".join(life.printed),
        "answered": "\n".join(call.said + unpacked(call.answer) for call in life.gateway.calls),
        "seen": "\n".join(seen),
    }

    assert len(codes) == 4 and len(secrets) >= 15 and len(life.keys) >= 3, "not a whole life"
    found = [
        f"{spelling[:12]}… is {place}: {around(text, spelling)}"
        for place, text in places.items()
        for secret in secrets
        for spelling in spellings(secret)
        if spelling in text
    ]
    found += [
        f"a key is {place}"
        for place, text in places.items()
        for key in life.keys
        for spelling in halves(key)
        if spelling in text
    ]
    found += [
        f"the code {code} is {place}"
        for place, text in places.items()
        for code in codes
        if re.search(rf"(?<![0-9A-Za-z.+/]){code}(?![0-9A-Za-z+/])", text)
    ]
    assert found == []
    looked_everywhere(places, secrets)


def around(text: str, spelling: str) -> str:
    """What stands before it."""
    at = text.index(spelling)
    return text[max(0, at - 120) : at]


def looked_everywhere(places: dict[str, str], secrets: set[str]) -> None:
    """The search saw what it should have: traces that are not secret stand in each place."""
    certificates = {b64decode(text).decode()[:80] for text in secrets if is_token(text)}
    assert any(text in places["stored"] for text in certificates)
    assert "worker.ready" in places["logged"]
    assert "Invalid-OTP" in places["printed"]
    assert any(text in places["answered"] for text in certificates)
    assert "-m tallystick takeover" in places["seen"]
    assert "queue " in places["seen"]
    assert "***" in places["stored"], "no request with a credential is on record at all"
