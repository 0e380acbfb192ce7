"""What stands on the field: who issues, with whom, and which documents a client posts.

`PEPPOL` is one registration with an access point; `FATOORA` are three units that come to their credentials by
themselves, each with its chain, and documents of both flows.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, TypeAlias
from uuid import UUID

import httpx
from msgspec import Struct

from flows.house import fixture
from tallystick.flows import Caller
from tallystick.flows.administer import EndpointBody, RegistrationBody, SellerBody, registrations, sellers
from tallystick.flows.administer.bodies import CodeBody
from tallystick.flows.administer.endpoints import create_webhook_endpoint
from tallystick.flows.administer.keys import create_api_key, create_tenant
from tallystick.flows.gateway import Gateway, open_gateway
from tallystick.flows.onboarding.asking import submit_code
from tallystick.settings import Settings

__all__ = ["FATOORA", "PEPPOL", "Ground"]

Enrol: TypeAlias = Callable[[Gateway, Caller, UUID, str], Awaitable[None]]
UNITS = ("riyadh-1", "riyadh-2", "jeddah-1")
SUFFIXES = {
    "-X-drop": 0.08,
    "-X-503": 0.08,
    "-X-process_then_drop": 0.12,
    "-X-stall-1.6": 0.05,
    "-X-reject-BR-CO-15": 0.03,
}
CODE = "123345"  # the developer portal's one-time code
RIYADH = timedelta(hours=3)
KINDS = (
    *("simplified", "standard", "simplified_credit_note", "several_categories", "simplified_of_one_line"),
    *("credit_note", "arabic_only", "simplified_with_buyer", "debit_note", "simplified_debit_note"),
    *("document_allowance", "export"),
)


class Ground(Struct, frozen=True, kw_only=True):
    """`enrol` makes the registrations before the processes start, `body` is the n-th invoice, `ready` waits
    for what the processes do themselves, `whole` asks the authority about its chains. `orders` are the
    sandbox's standing faults: what, how often, of what; `suffixes` are ends of numbers that ask for one, and
    which share of the documents has each. `lasting`: the orders stand until everything is at its end.
    """

    example: str
    strategy: str
    enrol: Enrol
    body: Callable[[int, str], bytes]
    ready: Callable[[Settings, str], Awaitable[None]]
    whole: Callable[[str], Awaitable[dict[str, bool]]]
    orders: tuple[tuple[str, int, dict[str, str]], ...]
    suffixes: Mapping[str, float] = MappingProxyType(SUFFIXES)
    lasting: bool = False


async def prepared(ground: Ground, settings: Settings, sandbox_url: str) -> str:
    """What must stand before an invoice can flow; the API key."""
    party = json.loads(fixture(ground.strategy, ground.example))["seller"]
    async with open_gateway(settings, "worker") as gateway:
        tenant = await create_tenant(gateway, "Chaos")
        caller = Caller(tenant_id=tenant, key_prefix="ts_test_00000000", scopes=frozenset({"admin"}))
        made = await create_api_key(gateway, tenant, name="client", mode="test", scopes=["admin"])
        seller = await sellers.create_seller(
            gateway,
            caller,
            SellerBody(
                name=party["name"],
                country_code=party["postal_address"]["country_code"],
                tax_identifier=party["tax_identifier"],
            ),
        )
        await ground.enrol(gateway, caller, seller.id, sandbox_url)
        await create_webhook_endpoint(gateway, caller, EndpointBody(url=f"{sandbox_url}/consumer/books"))
    return made.key


async def _access_point(gateway: Gateway, caller: Caller, seller: UUID, sandbox_url: str) -> None:
    body = RegistrationBody(
        seller_id=seller,
        strategy="peppol",
        endpoint=f"{sandbox_url}/phoss-ap",
        settings={"adapter": "phoss-ap"},
        secrets={"token": "sandbox-token"},
    )
    await registrations.create_registration(gateway, caller, body)


async def _units(gateway: Gateway, caller: Caller, seller: UUID, sandbox_url: str) -> None:
    for unit in UNITS:
        body = RegistrationBody(
            seller_id=seller,
            strategy="sa_zatca",
            unit=unit,
            endpoint=f"{sandbox_url}/e-invoicing/developer-portal",
            settings={"common_name": f"EGS {unit}", "registered_address": "RRRD2929"}
            | {"organization_unit": "Riyadh Branch", "business_category": "Supply activities"},
        )
        await registrations.create_registration(gateway, caller, body)


async def _nothing(settings: Settings, key: str) -> None:
    """There is nothing to wait for."""


async def _onboarded(settings: Settings, key: str) -> None:
    """Hand a one-time code in for each unit, and wait until the workers have brought all of them to work."""
    async with open_gateway(settings, "worker") as gateway:
        query = "SELECT id, tenant_id, state FROM registration"
        for row in await gateway.store.hot.fetch(query):
            caller = Caller(tenant_id=row[1], key_prefix="ts_test_00000000", scopes=frozenset({"admin"}))
            await submit_code(gateway, caller, row[0], CodeBody(code=CODE))
        deadline = time.monotonic() + 60
        while {row[2] for row in await gateway.store.hot.fetch(query)} != {"active"}:
            assert time.monotonic() < deadline, "the units did not come to their credentials"
            await asyncio.sleep(0.1)


async def _no_chains(sandbox_url: str) -> dict[str, bool]:
    """An access point has none."""
    return {}


async def _chains(sandbox_url: str) -> dict[str, bool]:
    """Whether the authority saw each unit's chain whole."""
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        told = (await client.get(f"{sandbox_url}/admin/fatoora/chains")).json()
        return {each["unit"]: each["whole"] for each in told if each["documents"]}


def _standard(turn: int, number: str) -> bytes:
    return fixture("peppol", "standard", invoice_number=number)


def _mixed(turn: int, number: str) -> bytes:
    """One of twelve kinds, of one of the units, issued a minute ago."""
    now = datetime.now(UTC) + RIYADH - timedelta(minutes=1)
    changes: dict[str, Any] = {
        "invoice_number": number,
        "issue_date": now.date().isoformat(),
        "issue_time": now.time().isoformat("seconds"),
        "registration": UNITS[turn % len(UNITS)],
    }
    return fixture("sa_zatca", KINDS[turn // len(UNITS) % len(KINDS)], **changes)


PEPPOL = Ground(
    example="standard",
    strategy="peppol",
    enrol=_access_point,
    body=_standard,
    ready=_nothing,
    whole=_no_chains,
    orders=(("503", 7, {"operation": "status"}),),
)
FATOORA = Ground(
    example="simplified",
    strategy="sa_zatca",
    enrol=_units,
    body=_mixed,
    ready=_onboarded,
    whole=_chains,
    orders=(("502", 17, {"dialect": "fatoora", "operation": "submit"}),),
)
