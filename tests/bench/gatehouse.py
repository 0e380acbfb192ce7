"""The house every variant is measured in: one embedded PostgreSQL with fsync on, one tenant, one key.

Each measurement gets a database of its own, copied from one in which some thousands of invoices were accepted
and whose statistics are fresh, so that no variant suffers from what another left behind, or from the plans
that a database makes for empty tables.
"""

import asyncio
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from msgspec import Struct

from bench import database
from tallystick import embedded
from tallystick.flows import Caller
from tallystick.flows.accept import content_of
from tallystick.flows.administer import RegistrationBody, SellerBody, keys, registrations, sellers
from tallystick.flows.composing import Key, row_of
from tallystick.flows.gateway import open_gateway
from tallystick.flows.judging import judge
from tallystick.settings import Settings
from tallystick.store import AcceptRow, migrate

ROOT = Path(__file__).parents[2]
LINES: Final = 10
STANDING: Final = 5000  # invoices that were accepted before


class Addresses(Struct, kw_only=True):
    """One database under its three roles."""

    owner: str
    app: str
    worker: str


class Gatehouse(Struct, kw_only=True):
    """What the variants need: addresses, the key, the request template, the accept statement."""

    servers: Any
    folder: Path
    tenant: UUID
    key: str
    template: Path
    script: Path

    def environment(self, place: Addresses, port: int) -> dict[str, str]:
        """The environment of a server that listens on `port` and keeps its data in `place`."""
        return {
            "DATABASE_URL": place.owner,
            "TALLYSTICK_APP_DATABASE_URL": place.app,
            "TALLYSTICK_WORKER_DATABASE_URL": place.worker,
            "REDIS_URL": self.servers.redis_url,
            "TALLYSTICK_KEY_DIRECTORY": str(self.folder / "keys"),
            "TALLYSTICK_PORT": str(port),
            "TALLYSTICK_LOG_LEVEL": "error",
            "TALLYSTICK_ACCESS_POINT_HOSTS": "127.0.0.1:9",
            "BENCH_TENANT": str(self.tenant),
            "BENCH_DATABASE": place.app,
        }

    def addresses(self, name: str) -> Addresses:
        """The database of this name."""
        servers = self.servers
        urls = (servers.database_url, servers.app_database_url, servers.worker_database_url)
        return Addresses(
            **{
                role: urlsplit(url)._replace(path=f"/{name}").geturl()
                for role, url in zip(("owner", "app", "worker"), urls, strict=True)
            }
        )

    @contextmanager
    def fresh(self, name: str) -> Iterator[Addresses]:
        """A database of one measurement's own; copying it leaves the servers with nothing unwritten."""
        admin = self.addresses("postgres").owner
        template = urlsplit(self.servers.database_url).path.strip("/")
        database.run(admin, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        try:
            yield self.addresses(name)
        finally:
            database.run(admin, f'DROP DATABASE "{name}" WITH (FORCE)')

    def pgbench(self, url: str, clients: int, *limit: str) -> dict[str, Any]:
        """The accept statement by pgbench: what the database can do at best."""
        return database.pgbench(self.servers.client_programs, url, self.script, self.folder, clients, *limit)


@contextmanager
def prepared(folder: Path) -> Iterator[Gatehouse]:
    """Servers with a database in which a tenant with a Peppol registration had invoices accepted."""
    with embedded.servers() as servers:
        migrate.upgrade(servers.database_url)
        settings = msgspec.structs.replace(
            Settings(),
            database_url=servers.database_url,
            app_database_url=servers.app_database_url,
            key_directory=folder / "keys",
            access_point_hosts=("127.0.0.1:9",),
        )
        invoice = json.loads((ROOT / "fixtures/peppol/standard/invoice.json").read_bytes())
        template, script = folder / "invoice.json", folder / "accept.sql"
        template.write_bytes(request_of(invoice))
        tenant, key, row = asyncio.run(enrolled(settings, invoice["seller"], template.read_bytes()))
        script.write_text(database.statement(row))
        house = Gatehouse(
            servers=servers, folder=folder, tenant=tenant, key=key, template=template, script=script
        )
        house.pgbench(servers.app_database_url, 4, "-t", str(STANDING // 4))
        database.settled(servers.worker_database_url, servers.database_url)
        yield house


def request_of(invoice: dict[str, Any]) -> bytes:
    """The invoice with ten lines, each of its own quantity and price, and a place for its number."""
    first = invoice["lines"][0]
    invoice["lines"] = [
        first
        | {"line_identifier": str(n + 1), "invoiced_quantity": f"{3 * n + 1}"}
        | {"price": first["price"] | {"item_net_price": f"{17 + 11 * n}.{n}5"}}
        for n in range(LINES)
    ]
    for name in ("document_totals", "tax_breakdown", "allowances", "charges"):
        invoice.pop(name, None)
    return json.dumps(invoice | {"invoice_number": "@NUMBER@"}).encode()


async def enrolled(settings: Settings, party: dict[str, Any], template: bytes) -> tuple[UUID, str, AcceptRow]:
    """The tenant, the text of its key, and all that the gateway would write for one invoice of it."""
    async with open_gateway(settings, "app") as gateway:
        tenant = await keys.create_tenant(gateway, "Bench")
        made = await keys.create_api_key(gateway, tenant, name="bench", mode="test", scopes={"admin"})
        caller = Caller(tenant_id=tenant, key_prefix=made.prefix, scopes=frozenset({"admin"}))
        seller = SellerBody(
            name=party["name"],
            country_code=party["postal_address"]["country_code"],
            tax_identifier=party["tax_identifier"],
        )
        registration = RegistrationBody(
            seller_id=(await sellers.create_seller(gateway, caller, seller)).id,
            strategy="peppol",
            endpoint="http://127.0.0.1:9/phoss-ap",
            secrets={"token": os.urandom(8).hex()},
        )
        await registrations.create_registration(gateway, caller, registration)
        judged = await judge(gateway, caller, template.replace(b"@NUMBER@", b"first"))
        key = Key(key="first", path="/v1/invoices", fingerprint=bytes(32))
        return tenant, made.key, row_of(caller, content_of(judged, None, None), key)
