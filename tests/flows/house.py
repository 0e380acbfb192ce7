"""A whole house for a test: gateways of both roles on a real database, a tenant, a caller, a registration."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from tallystick.flows import Caller, accept, submit
from tallystick.flows.administer import RegistrationBody, SellerBody, keys, registrations, sellers
from tallystick.flows.courier import Courier
from tallystick.flows.gateway import Gateway, open_gateway
from tallystick.settings import Settings

ROOT = Path(__file__).parents[2]


class House(Struct, kw_only=True):
    """What a flow test works with. `app` and `worker` are gateways of their roles."""

    app: Gateway
    worker: Gateway
    caller: Caller

    async def post(self, body: bytes, key: str | None = None, **more: Any) -> accept.Accepted:
        """Accept this canonical JSON."""
        return await accept.accept(self.app, self.caller, body, idempotency_key=key, **more)

    async def rows(self, query: str, *values: Any) -> list[Any]:
        """Look behind the curtain, as the worker's role."""
        return list(await self.worker.store.hot.fetch(query, *values))

    async def submission_of(self, invoice: UUID, kind: str = "issue") -> Any:
        """The submission's row; of an act that was asked more than once, the last one's."""
        query = "SELECT * FROM submission WHERE invoice_id = $1 AND kind = $2 ORDER BY turn DESC"
        return (await self.rows(query, invoice, kind))[0]

    async def events_of(self, invoice: UUID) -> list[str]:
        """The names of the log's entries, in order."""
        query = "SELECT entry FROM compliance_log WHERE stream_id = $1 ORDER BY stream_seq"
        return [json.loads(row["entry"])["event"] for row in await self.rows(query, invoice)]

    async def work(self, courier: Courier, invoice: UUID, times: int = 1, kind: str = "issue") -> Any:
        """Let the worker look at the invoice's submission, ignoring its next_at; the row after that."""
        row = await self.submission_of(invoice, kind)
        for _ in range(times):
            await self.worker.store.hot.execute(
                "UPDATE submission SET next_at = clock_timestamp() WHERE id = $1 AND next_at IS NOT NULL",
                row["id"],
            )
            while await submit.run(self.worker, courier, row["id"], "test"):
                pass
        return await self.submission_of(invoice, kind)


def fixture(strategy: str, case: str, **changes: Any) -> bytes:
    """The invoice of a fixture, with top-level members changed."""
    invoice = json.loads((ROOT / "fixtures" / strategy / case / "invoice.json").read_bytes())
    return json.dumps(invoice | changes).encode()


def settings_for(
    tmp_path: Path, app_url: str, worker_url: str, hosts: Sequence[str] = (), **more: Any
) -> Settings:
    """Settings on these databases, quick and with keys of their own."""
    return msgspec.structs.replace(
        Settings(),
        app_database_url=app_url,
        worker_database_url=worker_url,
        database_url=worker_url,
        key_directory=tmp_path / "keys",
        data_directory=tmp_path / "data",
        delay_scale=Decimal("0.01"),
        access_point_hosts=tuple(hosts),
        http_timeout_seconds=2.0,
        lease_seconds=6.0,
        **more,
    )


@asynccontextmanager
async def house(settings: Settings) -> AsyncIterator[House]:
    """The house with a fresh tenant, open until the block ends."""
    async with open_gateway(settings, "app") as app, open_gateway(settings, "worker") as worker:
        tenant = await keys.create_tenant(app, "Test tenant")
        caller = Caller(tenant_id=tenant, key_prefix="ts_test_00000000", scopes=frozenset({"admin"}))
        yield House(app=app, worker=worker, caller=caller)


async def enrol(home: House, endpoint: str, adapter: str, unit: str = "", seller: Any = None) -> UUID:
    """A registration of the standard fixture's seller with the access point at `endpoint`."""
    party = json.loads(fixture("peppol", "standard"))["seller"]
    if seller is None:
        seller = await sellers.create_seller(
            home.app,
            home.caller,
            SellerBody(
                name=party["name"],
                country_code=party["postal_address"]["country_code"],
                tax_identifier=party["tax_identifier"],
            ),
        )
    made = await registrations.create_registration(
        home.app,
        home.caller,
        RegistrationBody(
            seller_id=seller.id,
            strategy="peppol",
            unit=unit,
            endpoint=endpoint,
            settings={"adapter": adapter},
            secrets={"token": "sandbox-token"},
        ),
    )
    return made.id
