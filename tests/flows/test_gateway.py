"""Opening the gateway: each role gets the keys it may hold, and what is missing is said."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from tallystick.flows.errors import Unavailable
from tallystick.flows.gateway import open_gateway
from tallystick.keys import KeyringError
from tallystick.settings import Settings
from tallystick.store import StoreError


def settings(tmp_path: Path, **changes: Any) -> Settings:
    return msgspec.structs.replace(Settings(), key_directory=tmp_path / "keys", **changes)


async def test_the_api_cannot_open_what_it_wrapped(
    tmp_path: Path, app_database_url: str, worker_database_url: str
) -> None:
    both = settings(tmp_path, app_database_url=app_database_url, worker_database_url=worker_database_url)
    async with open_gateway(both, "app") as app, open_gateway(both, "worker") as worker:
        wrapped = app.keyring.wrap(b"token", b"place")
        assert worker.keyring.unwrap(wrapped, b"place").reveal() == "token"
        with pytest.raises(KeyringError):
            app.keyring.unwrap(wrapped, b"place")
        assert app.keyring.ledger.public_der == worker.keyring.ledger.public_der
        assert (app.store.role, worker.store.role) == ("app", "worker")
        assert {one.name for one in app.strategies.all} >= {"default", "peppol"}


async def test_the_owners_address_takes_the_role_on(tmp_path: Path, database_url: str) -> None:
    async with open_gateway(settings(tmp_path, database_url=database_url), "app") as app:
        assert await app.store.hot.fetchval("SELECT current_user") == "tallystick_app"
        assert await app.store.ping() is None


async def test_production_makes_no_keys(tmp_path: Path, database_url: str) -> None:
    with pytest.raises(KeyringError):
        async with open_gateway(settings(tmp_path, database_url=database_url, environment="production")):
            pass
    assert not (tmp_path / "keys").exists()


async def test_no_database_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="DATABASE_URL"):
        async with open_gateway(settings(tmp_path)):
            pass
    with pytest.raises(Unavailable):
        async with open_gateway(settings(tmp_path, database_url=f"postgresql://a@/b?host={tmp_path}")):
            pass


async def test_a_closed_store_does_not_answer(tmp_path: Path, database_url: str) -> None:
    async with open_gateway(settings(tmp_path, database_url=database_url)) as gateway:
        pass
    assert await gateway.store.ping() is not None
