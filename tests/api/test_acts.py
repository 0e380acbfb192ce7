"""Acts over HTTP: asked for, waited for, refused with what to do instead, read again, received."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from api.conftest import Actor
from api.corpus import JSON
from conformance import clearing
from flows.acting import Acting, acting_house, audit, played
from flows.house import House
from flows.test_unlike_authority import posted
from tallystick.api import create_app
from tallystick.flows import receipt
from tallystick.flows.administer.keys import create_api_key
from tallystick.ledger import verifier
from tallystick.worker.courier import HttpCourier

CANCEL = {"reason": "mistake", "remark": "Wrong buyer"}


@pytest.fixture
async def authority() -> AsyncIterator[tuple[Acting, str]]:
    async with played() as opened:
        yield opened


@pytest.fixture
async def home(
    tmp_path: Path, app_database_url: str, worker_database_url: str, authority: tuple[Acting, str]
) -> AsyncIterator[House]:
    async with acting_house(tmp_path, app_database_url, worker_database_url, authority[1]) as opened:
        yield opened


@pytest.fixture
async def courier(home: House) -> AsyncIterator[HttpCourier]:
    async with HttpCourier(home.worker.settings.access_point_hosts) as opened:
        yield opened


@pytest.fixture
async def who(home: House) -> AsyncIterator[Actor]:
    """The house's tenant at the API."""
    app = create_app(home.app.settings, home.app)
    up, down = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with app.lifespan():
            up.set()
            await down.wait()

    life = asyncio.create_task(live())
    await up.wait()
    made = await create_api_key(home.app, home.caller.tenant_id, name="t", mode="test", scopes=("admin",))
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as opened:
        yield Actor(opened, home.caller.tenant_id, made.key)
    down.set()
    await life


@pytest.fixture
async def path(home: House, courier: HttpCourier) -> str:
    """The path of an invoice in force."""
    accepted = await posted(home)
    await home.work(courier, accepted.invoice_id)
    return f"/v1/invoices/{accepted.invoice_id}"


async def worked(home: House, courier: HttpCourier, path: str, kind: str = "cancel") -> None:
    from uuid import UUID

    await home.work(courier, UUID(path.rpartition("/")[2]), kind=kind)


async def test_an_invoice_is_cancelled_while_the_caller_waits(
    home: House, courier: HttpCourier, who: Actor, path: str
) -> None:
    async def worker() -> None:
        for _ in range(100):
            await asyncio.sleep(0.02)
            if await home.rows("SELECT 1 FROM submission WHERE kind = 'cancel'"):
                await worked(home, courier, path)
                return

    working = asyncio.create_task(worker())
    answer = await who.post(f"{path}:cancel", json=CANCEL, headers={"Prefer": "wait=10"})
    await working

    assert (answer.status_code, answer.headers["preference-applied"]) == (201, "wait=10")
    act = answer.json()
    assert (act["status"], act["verdict"], act["request"]) == ("done", "cancelled", CANCEL)
    assert answer.headers["location"] == act["links"]["self"] == f"{path}/acts/{act['id']}"
    shown = (await who.get(path)).json()
    assert (shown["status"], shown["actions"], shown["cancellation"]["act"]) == ("cancelled", [], act["id"])
    assert (await who.get(f"{path}/acts")).json() == {"data": [act]}
    read = await who.get(f"{path}/acts/{act['id']}")
    assert read.json() == act
    again = await who.get(f"{path}/acts/{act['id']}", headers={"If-None-Match": read.headers["etag"]})
    assert again.status_code == 304
    listed = (await who.get("/v1/invoices?status=cancelled&authority_status=cancelled")).json()["data"]
    assert [each["links"]["self"] for each in listed] == [path]


async def test_both_spellings_of_cancel_are_one_act_and_a_key_repeats_the_answer(
    home: House, who: Actor, path: str
) -> None:
    headers = {"Idempotency-Key": f"k-{uuid4().hex}"}
    first = await who.post(f"{path}:cancel", json=CANCEL, headers=headers)
    second = await who.post(f"{path}/acts/cancel", json=CANCEL, headers=headers)
    third = await who.post(f"{path}/acts/cancel", json=CANCEL)
    other = await who.post(f"{path}:cancel", json={"reason": "duplicate"}, headers=headers)

    assert (first.status_code, second.status_code, third.status_code) == (201, 201, 200)
    assert second.headers["idempotency-replayed"] == "true"
    assert first.content == second.content
    assert third.json()["id"] == first.json()["id"]
    assert (other.status_code, other.json()["code"]) == (422, "idempotency/key-reused")
    assert await audit(home) == []


async def test_what_cannot_be_done_says_what_can(
    home: House, courier: HttpCourier, who: Actor, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = f"/v1/invoices/{(await posted(home)).invoice_id}"
    early = await who.post(f"{waiting}:cancel", json=CANCEL)
    assert (early.status_code, early.json()["code"], early.json()["retryable"]) == (
        409,
        "state/under-way",
        True,
    )
    assert int(early.headers["retry-after"]) >= 1

    unknown = await who.post(f"{path}/acts/frame", json={})
    assert (unknown.status_code, unknown.json()["code"]) == (409, "state/illegal-transition")
    assert unknown.json()["allowed_actions"] == ["cancel", "transport"]

    wrong = await who.post(f"{path}:cancel", json={"reason": "whim", "why": 1})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "request/invalid-body")
    assert [fault["pointer"] for fault in wrong.json()["errors"]] == ["/why", "/reason"]

    monkeypatch.setattr(clearing, "WINDOW", timedelta(0))
    late = await who.post(f"{path}:cancel", json=CANCEL)
    assert (late.status_code, late.json()["errors"][0]["hint"]) == (422, "Issue a credit note.")

    for spelled in (f"{path}/acts/Cancel", f"{path}/acts/a%20b", f"/v1/invoices/{uuid4()}:cancel"):
        assert (await who.post(spelled, json=CANCEL)).status_code == 404, spelled
    assert (await who.get(f"{path}/acts/{uuid4()}")).status_code == 404
    assert await home.rows("SELECT 1 FROM submission WHERE kind <> 'issue'") == []


async def test_the_receipt_of_a_cancelled_invoice_holds_the_act_and_verifies(
    home: House, courier: HttpCourier, who: Actor, path: str, tmp_path: Path
) -> None:
    from uuid import UUID

    invoice = UUID(path.rpartition("/")[2])
    await who.post(f"{path}/acts/transport", json={"vehicle": "FJ 417"})
    await worked(home, courier, path, "transport")
    before = await receipt.receipt(home.app, home.caller, invoice)
    await who.post(f"{path}/acts/transport", json={"vehicle": "FJ 418"})
    open_ = await receipt.receipt(home.app, home.caller, invoice)
    await worked(home, courier, path, "transport")
    after = await receipt.receipt(home.app, home.caller, invoice)

    words = []
    for name, content in {"before": before, "open": open_, "after": after}.items():
        file = tmp_path / f"{name}.zip"
        file.write_bytes(content)
        words.append(verified(home, file))
    assert words == ["complete", "open", "complete"]
    import io
    import zipfile

    names = zipfile.ZipFile(io.BytesIO(after)).namelist()
    assert sum(name.endswith("act.json") for name in names) == 2


def verified(home: House, file: Path) -> str:
    """The verifier's first word, run as an officer would run it."""
    import subprocess
    import sys

    from tallystick.flows.published import public_keys

    script = Path(verifier.__file__)
    done = subprocess.run(
        [sys.executable, "-I", str(script), str(file), "--key", public_keys(home.app).ledger],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.split()[0].rstrip(":,.") if done.stdout else done.stderr


async def test_garbage_bodies_are_refused_before_anything_is_looked_up(who: Actor, path: str) -> None:
    bodies: list[tuple[bytes, int]] = [
        (b"{", 400),
        (b"[]", 422),
        (b'{"reason":"mistake","reason":"duplicate"}', 422),
        (b'{"reason":"mis\\u0000take"}', 422),
        (b"\xff", 400),
    ]
    for body, status in bodies:
        answer = await who.post(f"{path}:cancel", content=body, headers={"Content-Type": "application/json"})
        found: dict[str, Any] = answer.json()
        assert (answer.status_code, found["status"]) == (status, status), body


async def test_no_hostile_body_is_an_act(home: House, who: Actor, path: str) -> None:
    for act in ("cancel", "transport", "frame"):
        for what, body in JSON.items():
            headers = {"Content-Type": "application/json"}
            answer = await who.post(f"{path}/acts/{act}", content=body, headers=headers)
            assert 400 <= answer.status_code < 500, f"{act}: {what}: {answer.status_code}"
    assert await home.rows("SELECT 1 FROM submission WHERE kind <> 'issue'") == []
