"""`post` and `receipt` against a gateway that runs: API, worker and sandbox as processes."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from cli.running import run
from cli.terminal import Terminal

ROOT = Path(__file__).parents[2]
BAD = ROOT / "fixtures/peppol/refused_wrong_sums/invoice.json"
ENROL = """
SELLER=$(curl -s $API/v1/sellers -H "$AUTH" -H "$JSON" -d '{
  "name": "Saimaa Precision Oy", "country_code": "FI", "tax_identifier": "FI27348915"}' | cut -d'"' -f4)
curl -sf $API/v1/registrations -H "$AUTH" -H "$JSON" -o enrolled.json -d '{
  "seller_id": "'$SELLER'", "strategy": "peppol",
  "endpoint": "http://127.0.0.1:8090/phase4", "settings": {"adapter": "phase4"}, "secrets": {"token": "x"}}'
"""
START = """
API=http://127.0.0.1:8080; JSON="Content-Type: application/json"
KEY=$(./dev run keys create --tenant Example); AUTH="Authorization: Bearer $KEY"
"""


@pytest.fixture
def key(
    tmp_path: Path,
    database_url: str,
    app_database_url: str,
    worker_database_url: str,
    redis_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[str]:
    """A key of a tenant with a registered seller, while everything runs."""
    environment = {
        "DATABASE_URL": database_url,
        "TALLYSTICK_APP_DATABASE_URL": app_database_url,
        "TALLYSTICK_WORKER_DATABASE_URL": worker_database_url,
        "REDIS_URL": redis_url,
        "TALLYSTICK_KEY_DIRECTORY": str(tmp_path / "keys"),
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
        yield terminal.run(START + ENROL + 'echo "$KEY"').strip()


@pytest.mark.slow
def test_documents_are_posted_and_proved(key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("post", ROOT / "fixtures/demo/invoice.json").status == 2  # no key
    assert run("post", ROOT / "fixtures/demo/invoice.json", "--key", "ts_test_wrong").status == 1
    monkeypatch.setenv("TALLYSTICK_API_KEY", key)

    ubl = ROOT / "fixtures/peppol/export/wire.xml"
    said = run("post", ROOT / "fixtures/demo/invoice.json", ubl, "--wait", "30", "--json")
    assert said.status == 0, said.err
    first, second = map(json.loads, said.out.splitlines())
    assert {first["status"], second["status"]} == {"issued"}
    assert (first["invoice_number"], second["invoice_number"]) == ("MY-0001", "SP-2026-0144")

    again = run("post", ROOT / "fixtures/demo/invoice.json", "--json")
    assert (again.status, json.loads(again.out)["id"]) == (0, first["id"])
    taken = run("post", ROOT / "fixtures/demo/invoice.json", "--idempotency-key", "another")
    assert taken.status == 1
    assert "409" in taken.err

    refused = run("post", BAD)
    assert refused.status == 1
    assert "/document_totals/total_amount_with_tax: BR-CO-15: " in refused.err
    assert "expected 550.55, actual 551.00" in refused.err

    fetched = run("receipt", "MY-0001", "-o", tmp_path / "r.zip")
    assert fetched.status == 0, fetched.err
    by_id = run("receipt", first["id"])
    assert Path(by_id.out.strip()).read_bytes() == (tmp_path / "r.zip").read_bytes()
    ledger = json.loads(run("keys", "show", "--json").out)["ledger"]
    assert run("verify", tmp_path / "r.zip", "--key", ledger).status == 0
    assert run("receipt", "NOBODYS-1").status == 1

    replayed = run("replay", first["id"])
    assert (replayed.status, "done" in replayed.err) == (1, True)  # only a dead letter is sent again
    found = run("fsck")
    assert (found.status, found.out.strip()) == (0, "clean")


def test_nobody_at_the_address_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("--url", "http://127.0.0.1:1", "--key", "ts_test_x")
    said = run("post", ROOT / "fixtures/demo/invoice.json", *words)
    assert (said.status, "does not answer" in said.err) == (1, True)
    assert run("receipt", "MY-0001", *words).status == 1
