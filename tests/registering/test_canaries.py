"""No credential, no key and no token of a session is written down anywhere, whatever the portal answers.

A life is lived with secrets that occur nowhere else, under a portal that errs in every way; the keys that are
made on the way are found from the portal's side. Then everything that was written is searched for them.
"""

import io
import zipfile
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg
import pytest
import redis

from registering.installation import Seller
from registering.test_cancel import TRUCK
from tallystick.sandbox.irp.answers import Reply
from tallystick.sandbox.irp.call import Call, header
from tallystick.sandbox.irp.desk import Desk
from tallystick.sandbox.irp.routes import _response as response
from tallystick.sandbox.irp.sealing import sealed as seal
from tallystick.sandbox.irp.sessions import Sessions
from tallystick.sandbox.server import running

CLIENT = {"client_id": "canary-client-4f19", "client_secret": "canary-client-secret-93ab77"}
USER = {"username": "canary_user_71cc", "password": "canary-Password#55d0e1"}
ERRORS = (
    *("expired", "revoked", "retry", "2176", "auth-config", "wrong-session-key", "wrong-key", "dupirn"),
    *("5002", "sync-gstin", "ewb-4014"),
)
FAULTS = ("html:200", "truncated", "garbage", "500", "403", *(f"answer:{name}" for name in ERRORS))


def spellings(secret: bytes) -> Iterator[bytes]:
    """The ways in which a careless program writes a secret down."""
    yield from (secret, secret.hex().encode(), secret.hex().upper().encode(), secret[::-1])
    for encoded in (b64encode(secret), urlsafe_b64encode(secret)):
        yield encoded.rstrip(b"=")
    yield quote(secret, safe="").encode()


async def stored(url: str) -> list[tuple[str, bytes]]:
    """Every row of every table: bytes as they are, all else as text."""
    connection = await asyncpg.connect(url)
    try:
        found = []
        for (table,) in await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
            for row in await connection.fetch(f'SELECT * FROM "{table}"'):
                values = (v if isinstance(v, bytes) else str(v).encode() for v in row.values())
                found.append((table, b" ".join(values)))
        return found
    finally:
        await connection.close()


def answers_of(seller: Seller, invoice: str) -> Iterator[bytes]:
    """All that the API has to say of an invoice, its receipt unpacked."""
    for part in ("", "/events", "/attempts", "/artifacts", "/log", "/acts"):
        answer = seller.http.get(f"/v1/invoices/{invoice}{part}")
        assert answer.status_code == 200, answer.text
        yield f"{answer.headers} {answer.text}".encode()
    yield from seller.kept(invoice)
    receipt = seller.http.get(f"/v1/invoices/{invoice}/receipt")
    assert receipt.status_code == 200, receipt.text
    with zipfile.ZipFile(io.BytesIO(receipt.content)) as archive:
        yield from (archive.read(name) for name in archive.namelist())


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> dict[bytes, str]:
    """The keys and tokens of every session, and the keys of every login, as the portal comes to know them.

    It repeats in each of its errors what the caller told it, and the session's key.
    """
    noted: dict[bytes, str] = {}
    opened = Sessions.opened

    def sealed(key: bytes, app_key: bytes) -> str:
        noted.update({key: "key of a session", app_key: "key of a login"})
        return seal(key, app_key)

    def given(self: Sessions, *args: Any, **more: Any) -> Any:
        session, fresh = opened(self, *args, **more)
        noted[session.token.encode()] = "token"
        return session, fresh

    def careless(desk: Desk, call: Call, reply: Reply) -> Any:
        said = [
            header(call.headers, name) for name in ("client_id", "client_secret", "user_name", "auth_token")
        ]
        said += [call.text(name) for name in ("UserName", "Password", "AppKey")]
        noted.update({b64decode(said[-1]): "key of a refused login"} if said[-1] and reply.errors else {})
        said += [b64encode(call.session.key).decode()] if call.session else []
        reply.errors = [(code, " ".join((text, *said))) for code, text in reply.errors]
        return response(desk, call, reply)

    monkeypatch.setattr("tallystick.sandbox.irp.login.sealed", sealed)
    monkeypatch.setattr(Sessions, "opened", given)
    monkeypatch.setattr("tallystick.sandbox.irp.routes._response", careless)
    return noted


@pytest.fixture
def seller(stranger: Seller, known: dict[bytes, str], tmp_path: Path) -> Iterator[Seller]:
    """A seller at a portal in this very process, whose credentials occur nowhere else."""
    port = int(stranger.here.settings.access_point_hosts[1].rpartition(":")[2])
    stranger.journal = tmp_path / "authority.jsonl"
    with running(stranger.journal, port=port) as sandbox:
        stranger.sandbox_url = sandbox.url
        stranger.admin("irp/nic1/clients", **CLIENT)
        user = {"gstin": stranger.gstin, "user_name": USER["username"], "password": USER["password"]}
        stranger.admin("irp/nic1/users", **user)
        stranger.enrol(secrets=CLIENT | USER)
        yield stranger


def lived(seller: Seller) -> list[str]:
    """One life: every fault in a document's way and in a login's, acts, a wrong password; its invoices."""
    invoices = []
    for fault in FAULTS:
        seller.order(fault)
        invoices.append(seller.post(wait=False).json()["id"])
        seller.until(invoices[-1], "registered", "rejected", "held", "conflict")
        mended(seller)
    for fault in ("html:200", "answer:1005", "garbage", "503", "answer:1010"):
        seller.admin("irp/nic1/revoke", gstin=seller.gstin)
        seller.order(fault, operation="auth")
        invoices.append(seller.post(wait=False).json()["id"])
        seller.until(invoices[-1], "registered", "held")
        mended(seller)
        seller.until(invoices[-1], "registered")
    invoices.append(refused_login(seller))
    seller.act(invoices[-1], "eway_bill", TRUCK)
    seller.cancel(invoices[-1])
    return invoices


def refused_login(seller: Seller) -> str:
    """An invoice whose login was refused once the portal had read it; then the password is set right."""
    user = {"gstin": seller.gstin, "user_name": USER["username"]}
    seller.admin("irp/nic1/users", **user, password="another")
    seller.admin("irp/nic1/revoke", gstin=seller.gstin)
    invoice = str(seller.post(wait=False).json()["id"])
    seller.until(invoice, "held")
    seller.admin("irp/nic1/users", **user, password=USER["password"])
    seller.change(state="active")
    seller.until(invoice, "registered")
    return invoice


def mended(seller: Seller) -> None:
    """The registration works again, if it was halted."""
    if seller.http.get(f"/v1/registrations/{seller.registration}").json()["state"] != "active":
        seller.change(state="active")


def found(hidden: Mapping[bytes, str], places: Mapping[str, list[bytes]]) -> Iterator[tuple[str, str, bytes]]:
    """Which secret stands where, and what stands before it."""
    for secret, name in hidden.items():
        for spelled in spellings(secret):
            for place, texts in places.items():
                for text in texts:
                    at = text.find(spelled)
                    if at >= 0:
                        yield name, place, text[max(0, at - 80) : at + len(spelled)]


def queued(url: str) -> bytes:
    """All that the queue holds."""
    with redis.Redis.from_url(url) as client:
        return b" ".join(key + b" " + (client.dump(key) or b"") for key in client.keys("*"))


@pytest.mark.timeout(240)
def test_no_credential_no_key_and_no_token_is_written_down(seller: Seller, known: dict[bytes, str]) -> None:
    settings = seller.here.settings
    assert settings.redis_url is not None
    while_at_it = queued(settings.redis_url)
    invoices = lived(seller)
    hidden = known | {text.encode(): name for name, text in (CLIENT | USER).items()}
    paths = ("", "/process")
    answers = [seller.http.get(f"/v1/registrations/{seller.registration}{path}").content for path in paths]
    answers += [seller.http.get(path).content for path in ("/v1/registrations", "/v1/events", "/metrics")]
    answers += [said for invoice in invoices for said in answers_of(seller, invoice)]
    rows = seller.behind.run(stored(seller.here.servers.database_url))
    logs = [path.read_bytes() for path in seller.here.folder.glob("*.log")]
    webhooks = (seller.here.folder / "consumer.jsonl").read_bytes()

    assert len(known) >= 3 * 4  # of several sessions: a token, its key, and the keys of its logins
    assert len(invoices) == len(set(invoices)) >= 20
    assert any(b"(***" in said or b"(secret)" in said for said in answers), "nothing careless was heard"
    places = {"queue": [while_at_it, queued(settings.redis_url)], "logs": logs, "webhooks": [webhooks]}
    places |= {"answers": answers, "rows": [row for _, row in rows]}
    assert len(rows) > 500
    assert list(found(hidden, places)) == []


def test_the_search_itself_finds_what_is_there() -> None:
    secret = bytes(range(200, 232))

    for written in (secret, b64encode(secret), secret.hex().encode(), urlsafe_b64encode(secret)):
        assert any(spelled in b"before " + written + b" after" for spelled in spellings(secret))
    assert not any(spelled in b"nothing of it" for spelled in spellings(secret))
