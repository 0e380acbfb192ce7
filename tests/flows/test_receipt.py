"""The receipt of a real invoice, out of the real database, is checked by the stand-alone verifier."""

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest

from flows.house import House, fixture, house, settings_for
from flows.test_submit import Silence
from tallystick.flows.errors import NotFound
from tallystick.flows.published import public_keys, verifier
from tallystick.flows.receipt import receipt
from tallystick.ledger.receipt import verifier_digest


@pytest.fixture
async def home(tmp_path: Path, app_database_url: str, worker_database_url: str) -> AsyncIterator[House]:
    async with house(settings_for(tmp_path, app_database_url, worker_database_url)) as opened:
        yield opened


def said_of(tmp_path: Path, home: House, body: bytes) -> str:
    """What the verifier of the product prints for this receipt, in a bare interpreter."""
    (tmp_path / "receipt.zip").write_bytes(body)
    (tmp_path / "verify.py").write_bytes(verifier())
    command = ["-I", "-S", "verify.py", "receipt.zip", "--key", public_keys(home.app).ledger]
    return subprocess.run(
        [sys.executable, *command], cwd=tmp_path, capture_output=True, text=True, check=False
    ).stdout


async def test_a_finished_invoice_gives_a_complete_receipt(home: House, tmp_path: Path) -> None:
    accepted = await home.post(fixture("default", "consumer"))
    await home.work(Silence(), accepted.invoice_id)

    body = await receipt(home.app, home.caller, accepted.invoice_id)

    assert said_of(tmp_path, home, body).startswith("complete: ")
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        names = archive.namelist()
        assert hashlib.sha256(archive.read("verify.py")).hexdigest() == verifier_digest()
        page = archive.read("summary.html").decode()
        summary = json.loads(archive.read("summary.json"))
    assert {name.partition("-")[2] for name in names if name.startswith("objects/")} == {
        "invoice.json",
        "wire.json",
        "invoice.jws",
        "outcome.json",
    }
    assert (summary["authority_status"], summary["entries"]) == ("not_required", 3)
    assert "No authority needs to see this document" in page


async def test_an_invoice_under_way_gives_an_open_receipt(home: House, tmp_path: Path) -> None:
    accepted = await home.post(fixture("default", "consumer"))

    body = await receipt(home.app, home.caller, accepted.invoice_id)

    assert said_of(tmp_path, home, body).startswith("open: ")


async def test_the_same_story_gives_the_same_file(home: House) -> None:
    accepted = await home.post(fixture("default", "consumer"))

    once = await receipt(home.app, home.caller, accepted.invoice_id)

    assert await receipt(home.app, home.caller, accepted.invoice_id) == once


async def test_strangers_get_no_receipt(home: House) -> None:
    accepted = await home.post(fixture("default", "consumer"))
    stranger = msgspec.structs.replace(home.caller, tenant_id=uuid4())

    with pytest.raises(NotFound):
        await receipt(home.app, stranger, accepted.invoice_id)
