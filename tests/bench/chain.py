"""How many documents a second one device can issue: its chain is one row that is locked for each of them.

Everything is real: the chain locked, the document built and signed, stored with its place and its entry, and
committed to a database with fsync. Beside it a document's whole life in one worker: built, sent to an
authority that answers at once, the answer stored, its state moved, each step a transaction of its own.
"""

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID, uuid4

import msgspec
from httpx import Request, Response

from conformance import clearing
from tallystick import embedded, strategies
from tallystick.flows import Caller, freezing, submit
from tallystick.flows.accept import accept
from tallystick.flows.administer import RegistrationBody, SellerBody, keys, registrations, sellers
from tallystick.flows.gateway import Gateway, open_gateway
from tallystick.settings import Settings
from tallystick.store import migrate, work
from tallystick.store.enrolled import enrolled
from tallystick.strategies import Registry

ROOT = Path(__file__).parents[2]
AT_LEAST = 150.0
DOCUMENTS = 600
AT_ONCE = 50


async def settled(gateway: Gateway) -> Caller:
    """A tenant with one device."""
    tenant = await keys.create_tenant(gateway, "Bench")
    caller = Caller(tenant_id=tenant, key_prefix="ts_test_00000000", scopes=frozenset({"admin"}))
    seller = await sellers.create_seller(
        gateway, caller, SellerBody(name="Suva Trading Ltd", country_code="FJ", tax_identifier="FJ-77")
    )
    await registrations.create_registration(
        gateway,
        caller,
        RegistrationBody(
            seller_id=seller.id,
            strategy="clearing",
            endpoint="http://127.0.0.1:9",
            settings={"unit": "till-1"},
            secrets={"password": uuid4().hex},
        ),
    )
    return caller


def invoice() -> bytes:
    """An invoice of that device."""
    found = json.loads((ROOT / "fixtures/default/standard/invoice.json").read_bytes())
    found |= {"invoice_number": f"C-{uuid4().hex[:12]}", "currency_code": "FJD", "buyer_reference": "A"}
    found["regime_data"] = {"clearing": {"till": "north"}}
    found["seller"]["tax_identifier"] = "FJ-77"
    found["seller"]["postal_address"]["country_code"] = "FJ"
    return json.dumps(found).encode()


async def accepted(gate: Gateway, gateway: Gateway, caller: Caller, count: int) -> list[UUID]:
    """So many submissions, not yet built."""
    ids = [(await accept(gate, caller, invoice(), idempotency_key=None)).invoice_id for _ in range(count)]
    query = "SELECT id FROM submission WHERE invoice_id = ANY($1)"
    return [row[0] for row in await gateway.store.hot.fetch(query, ids)]


async def frozen(gateway: Gateway, submissions: list[UUID], at_once: int) -> float:
    """Documents a second, `at_once` of them wanted at any time."""
    waiting = list(submissions)

    async def one() -> None:
        while waiting:
            submission = waiting.pop()
            async with gateway.store.everyone() as db:
                seen = await work.glimpse(db, submission)
                assert seen is not None and seen.registration_id is not None
                row = await enrolled(db, seen.registration_id)
            prepared = freezing.wanted(gateway, seen, row)
            assert prepared is not None
            assert await freezing.freeze(gateway, prepared) == "ready"

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(at_once)))
    return len(submissions) / (time.perf_counter() - began)


class Prompt:
    """An authority that answers at once, with nothing on the way."""

    async def send(self, request: Request, seconds: float) -> Response:
        if request.url.path.endswith("/login"):
            return Response(200, json={"token": "bench-token", "seconds": 3600})
        return Response(200, json={"state": "cleared", "id": request.url.path.rpartition("/")[2]})


async def lived(gateway: Gateway, submissions: list[UUID], at_once: int) -> float:
    """Documents a second from the queue to their end."""
    waiting = list(submissions)

    async def one() -> None:
        while waiting:
            submission = waiting.pop()
            while await submit.run(gateway, Prompt(), submission, "bench"):
                pass

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(at_once)))
    rate = len(submissions) / (time.perf_counter() - began)
    query = "SELECT count(*) FROM submission WHERE id = ANY($1) AND state = 'done'"
    assert await gateway.store.hot.fetchval(query, submissions) == len(submissions)
    return rate


async def measured(rounds: int) -> dict[str, list[float]]:
    """Documents a second, by what was measured."""
    found: dict[str, list[float]] = {"built, one at a time": [], "built, fifty at once": [], "whole life": []}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, embedded.servers(fsync=True) as servers:
        await asyncio.to_thread(migrate.upgrade, servers.database_url)
        settings = msgspec.structs.replace(
            Settings(),
            database_url=servers.database_url,
            app_database_url=servers.app_database_url,
            worker_database_url=servers.worker_database_url,
            key_directory=Path(folder) / "keys",
            access_point_hosts=("127.0.0.1:9",),
        )
        async with open_gateway(settings, "worker") as gateway:
            known = strategies.load()
            pairs: list[Any] = [(each, known.home(each.name)) for each in known.all]
            gateway.strategies = Registry([*pairs, (clearing.strategy, sys.modules[clearing.__name__])])
            caller = await settled(gateway)
            async with open_gateway(settings, "app") as gate:
                gate.strategies = gateway.strategies
                await lived(gateway, await accepted(gate, gateway, caller, 50), 5)  # plans, caches, login
                for _ in range(rounds):
                    for (word, rates), at_once in zip(found.items(), (1, AT_ONCE, AT_ONCE), strict=True):
                        submissions = await accepted(gate, gateway, caller, DOCUMENTS)
                        run = lived if word == "whole life" else frozen
                        rates.append(await run(gateway, submissions, at_once))
            numbers = await gateway.store.hot.fetch("SELECT chain_no FROM submission ORDER BY chain_no, id")
            assert [row[0] for row in numbers] == list(range(1, len(numbers) + 1))
    return found


def main(rounds: int) -> None:
    """Print the figures."""
    found = asyncio.run(measured(rounds))
    print(f"\nOne device, one worker, {DOCUMENTS} documents a round, medians of {rounds}")
    for word, rates in found.items():
        target = f", at least {AT_LEAST:.0f}" if word.startswith("built") else ""
        print(f"{word:24}{median(rates):>7,.0f} ({min(rates):,.0f}–{max(rates):,.0f}) a second{target}")
