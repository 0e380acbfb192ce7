"""A running API on a real database: one gateway, one app, two tenants that must never see each other."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from tallystick.api import create_app
from tallystick.flows.administer.keys import create_api_key, create_tenant
from tallystick.flows.gateway import Gateway, open_gateway
from tallystick.settings import Settings
from tallystick.store import acts, ids, keep, new_body

FIXTURES = Path(__file__).parents[2] / "fixtures"
ACCESS_POINT = "https://ap.example.com"
PEPPOL_SELLER = {
    "name": "Nordlicht Maschinenbau GmbH",
    "country_code": "DE",
    "tax_identifier": "DE123456789",
    "tax_region": "EU",
}


class Actor:
    """A tenant's hands: every call carries its key."""

    def __init__(self, client: httpx.AsyncClient, tenant: UUID, key: str) -> None:
        self.client = client
        self.tenant = tenant
        self.key = key

    async def call(self, method: str, path: str, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.key}", **more.pop("headers", {})}
        return await self.client.request(method, path, headers=headers, **more)

    async def get(self, path: str, **more: Any) -> Any:
        return await self.call("GET", path, **more)

    async def post(self, path: str, **more: Any) -> Any:
        return await self.call("POST", path, **more)

    async def patch(self, path: str, **more: Any) -> Any:
        return await self.call("PATCH", path, **more)

    async def delete(self, path: str, **more: Any) -> Any:
        return await self.call("DELETE", path, **more)


def default_invoice(number: str = "RVI-2026-0001", **more: Any) -> dict[str, Any]:
    """A small invoice of a seller whom no authority claims."""
    return {
        "invoice_number": number,
        "type_code": "380",
        "issue_date": "2026-03-02",
        "currency_code": "KES",
        "payment_due_date": "2026-04-01",
        "seller": {
            "name": "Rift Valley Instruments Ltd",
            "tax_identifier": "P051234567Q",
            "postal_address": {"city": "Nakuru", "country_code": "KE"},
        },
        "buyer": {
            "name": "Lakeside Hydrology Ltd",
            "postal_address": {"city": "Kisumu", "country_code": "KE"},
        },
        "lines": [
            {
                "line_identifier": "1",
                "invoiced_quantity": "2",
                "unit_of_measure_code": "C62",
                "price": {"item_net_price": "100.00"},
                "tax": {"category_code": "S", "rate": "16"},
                "item": {"name": "Rain gauge"},
            }
        ],
        **more,
    }


@pytest.fixture
def settings(app_database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    return Settings(
        database_url=app_database_url,
        app_database_url=app_database_url,
        redis_url=redis_url,
        key_directory=tmp_path / "keys",
        access_point_hosts=("ap.example.com", "ap.internal:8443"),
        database_pool_size=4,
    )


@pytest.fixture
async def gateway(settings: Settings) -> AsyncIterator[Gateway]:
    async with open_gateway(settings, "app") as opened:
        yield opened


@pytest.fixture
async def client(settings: Settings, gateway: Gateway) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings, gateway)
    up, down = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with app.lifespan():
            up.set()
            await down.wait()

    life = asyncio.create_task(live())
    await asyncio.wait({life, asyncio.ensure_future(up.wait())}, return_when=asyncio.FIRST_COMPLETED)
    assert up.is_set(), life.exception()
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as opened:
        yield opened
    down.set()
    await life


async def actor(
    gateway: Gateway, client: httpx.AsyncClient, *scopes: str, mode: str = "test", tenant: UUID | None = None
) -> Actor:
    """A tenant (a new one unless given) with a key."""
    tenant = tenant or await create_tenant(gateway, "a tenant")
    made = await create_api_key(gateway, tenant, name="test", mode=mode, scopes=scopes or ("admin",))
    return Actor(client, tenant, made.key)


@pytest.fixture
async def alice(gateway: Gateway, client: httpx.AsyncClient) -> Actor:
    return await actor(gateway, client)


@pytest.fixture
async def bob(gateway: Gateway, client: httpx.AsyncClient) -> Actor:
    return await actor(gateway, client)


async def registered(who: Actor) -> dict[str, Any]:
    """A seller with a Peppol registration; answers the registration."""
    seller = (await who.post("/v1/sellers", json=PEPPOL_SELLER)).json()
    body = {
        "seller_id": seller["id"],
        "strategy": "peppol",
        "endpoint": ACCESS_POINT,
        "settings": {"adapter": "phoss-ap"},
        "secrets": {"token": "canary-7c1f-token-of-the-access-point"},
    }
    made = await who.post("/v1/registrations", json=body)
    assert made.status_code == 201, made.text
    answer: dict[str, Any] = made.json()
    return answer


async def with_code(gateway: Gateway, who: Actor, invoice: UUID) -> None:
    """Give the invoice the text of a QR code, as if a worker had built its document."""
    change = text("""UPDATE submission SET marks = '{"qr": "code of the till"}' WHERE invoice_id = :id""")
    async with gateway.store.tenant(who.tenant) as db:
        await db.execute(change, {"id": invoice})


async def acted_on(gateway: Gateway, who: Actor, invoice: UUID) -> UUID:
    """An act on the invoice, as if its authority took any; its id."""
    body = new_body(b'{"reason":"mistake"}', "application/json", "act.json")
    row = {"id": ids.new(), "invoice_id": invoice, "tenant_id": who.tenant, "kind": "cancel", "turn": 1}
    more = {"strategy": "default", "authority": "default", "registration_id": None}
    async with gateway.store.tenant(who.tenant) as db:
        await keep(db, who.tenant, body)
        await acts.add(db, {**row, **more, "external_ref": str(ids.random()), "request_object": body.id})
    made: UUID = row["id"]  # type: ignore[assignment]  # it was put there above
    return made
