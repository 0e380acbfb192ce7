"""The operator's commands on a real database: keys, tenants, settings, migrations, decisions, fsck."""

import json
from pathlib import Path
from uuid import uuid4

import pytest

from cli.running import Said, run
from tallystick import settings
from tallystick.store import migrate


@pytest.fixture(autouse=True)
def installation(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    database_url: str,
    app_database_url: str,
    worker_database_url: str,
    redis_url: str,
) -> None:
    """An installation of its own, by environment, as operators have it."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("TALLYSTICK_APP_DATABASE_URL", app_database_url)
    monkeypatch.setenv("TALLYSTICK_WORKER_DATABASE_URL", worker_database_url)
    monkeypatch.setenv("REDIS_URL", redis_url)
    monkeypatch.setenv("TALLYSTICK_KEY_DIRECTORY", str(tmp_path / "keys"))
    monkeypatch.setenv("TALLYSTICK_DATA_DIRECTORY", str(tmp_path / "data"))


def created(*words: str) -> dict[str, str]:
    said = run("keys", "create", "--json", *words)
    assert said.status == 0, said.err
    found: dict[str, str] = json.loads(said.out)
    return found


def test_a_new_name_makes_a_tenant_and_a_known_one_does_not() -> None:
    first, second = created("--tenant", "Example Ltd"), created("--tenant", "Example Ltd")
    by_id = created("--tenant", first["tenant"])
    assert first["tenant"] == second["tenant"] == by_id["tenant"]
    assert len({first["key"], second["key"], by_id["key"]}) == 3
    rows = run("tenants").out.splitlines()
    assert len(rows) == 2
    assert "Example Ltd" in rows[1]


def test_the_key_is_alone_on_standard_output() -> None:
    said = run("keys", "create", "--tenant", "Example Ltd")
    assert said.out.startswith("ts_test_")
    assert len(said.out.split()) == 1
    assert "made tenant Example Ltd" in said.err


def test_keys_are_listed_without_their_text_and_revoked() -> None:
    made = created("--tenant", "Example Ltd", "--mode", "live", "--scope", "invoices:read")
    listed = run("keys", "list", "--tenant", "Example Ltd")
    assert made["prefix"] in listed.out
    assert made["key"] not in listed.out
    assert run("keys", "revoke", made["prefix"], "--tenant", "Example Ltd").status == 0
    (row,) = map(json.loads, run("keys", "list", "--tenant", "Example Ltd", "--json").out.splitlines())
    assert row["revoked"].startswith("20")


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["keys", "create", "--tenant", "X", "--scope", "everything"], 2),
        (["keys", "create", "--tenant", str(uuid4())], 1),
        (["keys", "list", "--tenant", "nobody"], 1),
        (["keys", "revoke", "ts_test_00000000", "--tenant", "nobody"], 1),
        (["replay", str(uuid4())], 1),
        (["replay", "not-an-id"], 2),
        (["fsck", "--sandbox-journal", "nowhere"], 2),
    ],
)
def test_what_cannot_be_done_is_said_without_a_traceback(words: list[str], status: int) -> None:
    said = run(*words)
    assert said.status == status
    assert said.err
    assert "Traceback" not in said.err


def test_an_empty_installation_is_clean() -> None:
    run("keys", "create", "--tenant", "Example Ltd")
    said = run("fsck", "--json")
    assert said.status == 0, said.out
    assert json.loads(said.out)["clean"] is True


def test_public_keys_are_those_of_the_key_folder() -> None:
    first = run("keys", "show", "--json")
    assert set(json.loads(first.out)) == {"ledger", "document", "webhook"}
    assert run("keys", "show", "--json") == first


def test_migrations_are_checked_and_made(database_url: str) -> None:
    assert json.loads(run("migrate", "--check").out) == {"migration": migrate.head()}
    migrate.downgrade(database_url, "base")
    said = run("migrate", "--check")
    assert (said.status, "wants" in said.err) == (1, True)
    assert run("migrate").status == 0
    assert run("migrate", "--check").status == 0


def production(monkeypatch: pytest.MonkeyPatch, database_url: str) -> Said:
    run("keys", "show")  # makes the keys, as development may
    migrate.downgrade(database_url, "base")
    monkeypatch.setenv("TALLYSTICK_ENVIRONMENT", "production")
    return run("serve")


def test_production_does_not_serve_on_an_old_database(
    monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    said = production(monkeypatch, database_url)
    assert said.status == 1
    assert "run `tallystick migrate` first" in said.err
    assert migrate.current(database_url) is None


def test_a_database_that_is_away_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    said = run("tenants")
    assert said.status == 1
    assert "the database does not answer" in said.err


def test_settings_are_shown_with_their_source_and_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:hidden@db.example/x")
    monkeypatch.setenv("TALLYSTICK_API_KEY", "ts_test_secret")
    said = run("config", "show")
    assert said.status == 0
    assert "hidden" not in said.out
    assert "ts_test_secret" not in said.out
    assert json.loads(run("config", "show", "--json").out)["DATABASE_URL"] == {
        "value": "postgresql://me:***@db.example/x",
        "source": "environment",
    }


def test_every_wrong_setting_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TALLYSTICK_PORT", "x")
    monkeypatch.setenv("TALLYSTICK_PROT", "1")
    said = run("config", "show")
    assert said.status == 2
    assert "TALLYSTICK_PORT" in said.err
    assert "did you mean TALLYSTICK_PORT?" in said.err
    assert run("serve").status == 2


def test_the_example_file_is_the_one_of_the_settings() -> None:
    assert run("config", "example").out.strip() == settings.example().strip()
