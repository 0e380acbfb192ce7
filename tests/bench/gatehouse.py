"""The house every variant is measured in: one embedded PostgreSQL with fsync on, one tenant, one key."""

import asyncio
import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from tallystick import embedded
from tallystick.flows import Caller
from tallystick.flows.administer import RegistrationBody, SellerBody, keys, registrations, sellers
from tallystick.flows.gateway import open_gateway
from tallystick.settings import Settings
from tallystick.store import migrate

ROOT = Path(__file__).parents[2]
LINES = 10


class Gatehouse(Struct, kw_only=True):
    """What the variants need: addresses, the key, the request template."""

    servers: Any
    folder: Path
    tenant: UUID
    key: str
    template: Path

    def environment(self, port: int) -> dict[str, str]:
        """The environment of a server that listens on `port`."""
        return {
            "DATABASE_URL": self.servers.database_url,
            "TALLYSTICK_APP_DATABASE_URL": self.servers.app_database_url,
            "TALLYSTICK_WORKER_DATABASE_URL": self.servers.worker_database_url,
            "REDIS_URL": self.servers.redis_url,
            "TALLYSTICK_KEY_DIRECTORY": str(self.folder / "keys"),
            "TALLYSTICK_PORT": str(port),
            "TALLYSTICK_LOG_LEVEL": "error",
            "TALLYSTICK_ACCESS_POINT_HOSTS": "127.0.0.1:9",
            "BENCH_TENANT": str(self.tenant),
            "BENCH_DATABASE": self.servers.app_database_url,
        }

    def pgbench(self, clients: int, seconds: float) -> dict[str, Any]:
        """The accept statement of the last invoice, by pgbench: what the database can do at best."""
        script = self.folder / "accept.sql"
        script.write_text(asyncio.run(statement(self.servers.worker_database_url, self.tenant)))
        parts = urlsplit(self.servers.app_database_url)
        folder = parse_qs(parts.query)["host"][0]
        command = [
            str(Path(self.servers.client_programs) / "pgbench"),
            "-n",
            "-M",
            "prepared",
            "-c",
            str(clients),
            "-j",
            "2",
            "-T",
            str(max(1, round(seconds))),
            "-f",
            str(script),
            "-h",
            folder,
            "-U",
            parts.username or "",
            "--log",
            f"--log-prefix={self.folder / 'pgbench'}",
            parts.path.strip("/"),
        ]
        said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=self.folder).stdout
        rate = float(re.search(r"tps = ([\d.]+)", said)[1])  # type: ignore[index]
        times = sorted(
            int(line.split()[2])
            for log in self.folder.glob("pgbench.*")
            for line in log.read_text().splitlines()
        )
        return {
            "statuses": {},
            "rate": rate,
            "p50": times[len(times) // 2] / 1000,
            "p99": times[int(len(times) * 0.99)] / 1000,
        }


async def statement(url: str, tenant: UUID) -> str:
    """The call of `accept_invoice` with constants as long as the gateway's own and identifiers ever new."""
    connection = await asyncpg.connect(url)
    try:
        sizes = await connection.fetchrow(
            """SELECT (SELECT length(entry) FROM compliance_log
                         WHERE stream_kind = 'invoice' LIMIT 1) AS entry,
                 (SELECT length(body) FROM webhook_event LIMIT 1) AS event,
                 (SELECT length(body) FROM idempotency_key LIMIT 1) AS answer,
                 (SELECT max(size) FROM (SELECT size FROM object LIMIT 100) AS kept) AS payload,
                 (SELECT authority FROM submission LIMIT 1) AS authority"""
        )
        names = await connection.fetch(
            """SELECT unnest(proargnames) AS name, unnest(proargmodes) AS mode FROM pg_proc
               WHERE proname = 'accept_invoice'"""
        )
    finally:
        await connection.close()
    values = {
        "p_tenant_id": f"'{tenant}'",
        "p_mode": "'test'",
        "p_invoice_id": "uuidv7()",
        "p_submission_id": "uuidv7()",
        "p_event_id": "uuidv7()",
        "p_key": "gen_random_uuid()::text",
        "p_method": "'POST'",
        "p_path": "'/v1/invoices'",
        "p_fingerprint": "sha256('x')",
        "p_key_days": "30",
        "p_strategy": "'peppol'",
        "p_strategy_reason": "'country FI'",
        "p_authority": f"'{sizes['authority']}'",
        "p_seller_key": "'bench'",
        "p_seller_country": "'FI'",
        "p_doc_family": "'invoice'",
        "p_type_code": "'380'",
        "p_number": "gen_random_uuid()::text",
        "p_fiscal_year": "2026",
        "p_issue_date": "'2026-11-20'",
        "p_currency_code": "'EUR'",
        "p_total_with_tax": "1234.56",
        "p_computed": "ARRAY['/document_totals']",
        "p_warnings": "'[]'",
        "p_payload_id": "gen_random_uuid()",
        "p_payload_salt": "decode(repeat('00', 16), 'hex')",
        "p_payload_digest": "sha256('y')",
        "p_payload_media": "'application/json'",
        "p_payload_name": "'invoice.json'",
        "p_payload_body": f"convert_to(repeat('x', {sizes['payload']}), 'UTF8')",
        "p_external_ref": "gen_random_uuid()::text",
        "p_entry": f"repeat('e', {sizes['entry']})",
        "p_event_type": "'invoice.accepted'",
        "p_event_body": f"repeat('v', {sizes['event']})",
        "p_status": "201",
        "p_answer": f"repeat('a', {sizes['answer']})",
    }
    given = [n["name"] for n in names if n["mode"] == b"i"]
    listed = ", ".join(f"{name} => {values.get(name, 'NULL')}" for name in given)
    return f"SELECT kind FROM accept_invoice({listed});\n"


@contextmanager
def prepared(folder: Path) -> Iterator[Gatehouse]:
    """Servers with a migrated database, a tenant with a key, and a Peppol registration."""
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
        tenant, key = asyncio.run(enrolled(settings, invoice["seller"]))
        template = folder / "invoice.json"
        template.write_bytes(request_of(invoice))
        yield Gatehouse(servers=servers, folder=folder, tenant=tenant, key=key, template=template)


def request_of(invoice: dict[str, Any]) -> bytes:
    """The invoice with ten lines and a place for its number."""
    first = invoice["lines"][0]
    invoice["lines"] = [first | {"line_identifier": str(n + 1)} for n in range(LINES)]
    for name in ("document_totals", "tax_breakdown", "allowances", "charges"):
        invoice.pop(name, None)
    return json.dumps(invoice | {"invoice_number": "@NUMBER@"}).encode()


async def enrolled(settings: Settings, party: dict[str, Any]) -> tuple[UUID, str]:
    """The tenant and the text of its key."""
    async with open_gateway(settings, "app") as gateway:
        tenant = await keys.create_tenant(gateway, "Bench")
        made = await keys.create_api_key(gateway, tenant, name="bench", mode="test", scopes={"admin"})
        caller = Caller(tenant_id=tenant, key_prefix=made.prefix, scopes=frozenset({"admin"}))
        seller = await sellers.create_seller(
            gateway,
            caller,
            SellerBody(
                name=party["name"],
                country_code=party["postal_address"]["country_code"],
                tax_identifier=party["tax_identifier"],
            ),
        )
        await registrations.create_registration(
            gateway,
            caller,
            RegistrationBody(
                seller_id=seller.id,
                strategy="peppol",
                endpoint="http://127.0.0.1:9/phoss-ap",
                secrets={"token": os.urandom(8).hex()},
            ),
        )
        return tenant, made.key
