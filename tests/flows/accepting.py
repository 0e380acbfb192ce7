"""A gateway of the API's role on a real database, for the tests of acceptance."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from tallystick.flows import Caller
from tallystick.flows.gateway import Gateway, open_gateway
from tallystick.settings import Settings
from tallystick.store import ids
from tallystick.store.connecting import Role
from tallystick.store.tables import registration, seller, tenant

ROOT = Path(__file__).parents[2]
AUSTRIAN = {"country_code": "AT", "line_1": "Hafenstraße 4", "city": "Linz", "post_code": "4020"}


@asynccontextmanager
async def opened(tmp_path: Path, url: str, role: Role = "app") -> AsyncIterator[Gateway]:
    """A gateway with keys of its own."""
    settings = msgspec.structs.replace(
        Settings(), app_database_url=url, worker_database_url=url, key_directory=tmp_path / "keys"
    )
    async with open_gateway(settings, role) as gateway:
        yield gateway


async def new_caller(gateway: Gateway, mode: Any = "test") -> Caller:
    """A caller with a tenant of his own."""
    made = ids.new()
    async with gateway.store.tenant(made) as db:
        await db.execute(tenant.insert().values(id=made, name="Kestrel Trading"))
    return Caller(tenant_id=made, key_prefix="ts_test_abcd1234", scopes={"invoices:write"}, mode=mode)


async def register(gateway: Gateway, caller: Caller, tax: str | None, **more: Any) -> UUID:
    """A seller with a Peppol registration."""
    seller_id, made = ids.new(), ids.new()
    legal = more.pop("legal", None)
    async with gateway.store.tenant(caller.tenant_id) as db:
        values = {
            "id": seller_id,
            "tenant_id": caller.tenant_id,
            "name": "Nordlicht GmbH",
            "country_code": "DE",
        }
        await db.execute(
            seller.insert().values(**values, tax_identifier=tax, legal_registration_identifier=legal)
        )
        values = {"id": made, "tenant_id": caller.tenant_id, "seller_id": seller_id, "strategy": "peppol"}
        settings = {"environment": "sandbox", "endpoint": "http://127.0.0.1:9/phase4", "settings": {}}
        await db.execute(registration.insert().values(**values | settings | more))
    gateway.registrations.forget()
    return made


def standard(**changes: Any) -> bytes:
    """The default strategy's standard invoice, with top-level members changed."""
    made = json.loads((ROOT / "fixtures" / "default" / "standard" / "invoice.json").read_bytes())
    return json.dumps(made | changes).encode()


def austrian(**changes: Any) -> bytes:
    """An invoice of an Austrian seller: Peppol's."""
    made = json.loads(standard())
    made["seller"] |= {
        "name": "Nordlicht GmbH",
        "tax_identifier": "ATU12345675",
        "postal_address": AUSTRIAN,
        "electronic_address": {"scheme": "9914", "value": "ATU12345675"},
    }
    made["seller"].pop("legal_registration_identifier", None)
    made["buyer"] |= {
        "tax_identifier": "ATU37675002",
        "postal_address": AUSTRIAN,
        "electronic_address": {"scheme": "9914", "value": "ATU37675002"},
    }
    made |= {"currency_code": "EUR", "buyer_reference": "04011000-1234512345-06"}
    return json.dumps(made | changes).encode()


async def row(url: str, query: str, *values: Any) -> Any:
    """Look behind the curtain."""
    connection = await asyncpg.connect(url, server_settings={"role": "tallystick_worker"})
    try:
        return await connection.fetchrow(query, *values)
    finally:
        await connection.close()
