"""The Indian ground: one registration at a portal, shared by all workers, and documents of many kinds.

The numbers are too short for the sandbox's suffixes, so everything that goes wrong is a standing order.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
from msgspec import Struct, json

from flows.house import fixture
from prove.grounds import Ground
from tallystick.flows import Caller
from tallystick.flows.administer import RegistrationBody, registrations
from tallystick.flows.gateway import Gateway, open_gateway
from tallystick.sandbox.irp.codes import CLASSES
from tallystick.settings import Settings

__all__ = ["CREDENTIAL", "FIX_DATA", "INDIA", "IRP", "Told", "portal_settings", "told"]

INDIA = timedelta(hours=5, minutes=30)
CREDENTIAL = {
    "client_id": "tallystick-client",
    "client_secret": "tallystick-secret",
    "username": "tallystick",
    "password": "Tallystick@1",
}
KINDS = (
    *("standard", "intra_state", "credit_note", "line_discount", "cess_by_value", "sez_with_payment"),
    *("several_rates", "debit_note", "export_without_payment", "freight", "services", "every_cess"),
    *("document_discount", "exempt_line", "reverse_charge", "state_cess", "paise", "igst_on_intra"),
)
FIX_DATA = frozenset(CLASSES["fix-data"]) - {"5002"}  # whose bare form is the portal's own trouble
MISHAPS = (
    ("process_then_drop", 6, {"operation": "submit"}),
    ("answer:dupirn", 8, {"operation": "submit"}),
    ("503", 9, {"operation": "submit"}),
    ("after:504", 11, {"operation": "submit"}),
    ("stall:1.6", 13, {"operation": "submit"}),
    ("drop", 17, {"operation": "submit"}),
    ("answer:retry", 19, {"operation": "submit"}),
    ("answer:fix-data", 23, {"operation": "submit"}),
    ("answer:revoked", 31, {"operation": "submit"}),
    ("answer:expired", 37, {"operation": "submit"}),
    ("503", 7, {"operation": "status"}),
    ("html:200", 11, {"operation": "status"}),
)


class Told(Struct, kw_only=True):
    """What the portal's journal tells. `registered`: the hashes of what was registered, by IRN; `refused`:
    how often a number that was refused with FIX_DATA came again; `logins` by token.
    """

    registered: dict[str, list[str]]
    refused: dict[str, int]
    logins: dict[str, int]
    conflicts: int


def told(journal: bytes) -> Told:
    """What a journal comes to."""
    registered: dict[str, list[str]] = {}
    refused: dict[str, int] = {}
    logins: dict[str, int] = {}
    conflicts = 0
    for event in map(json.decode, journal.splitlines()):
        if event.get("authority") != "irp":
            continue
        kind, number = event["event"], event.get("number", "")
        if event.get("operation") == "submit" and number in refused:
            refused[number] += 1
        if kind == "processed":
            registered.setdefault(event["irn"], []).append(event["sha256"])
        elif kind == "login":
            logins[event["token"]] = logins.get(event["token"], 0) + 1
        elif FIX_DATA & set(event.get("codes", ())):
            refused.setdefault(number, 0)
        conflicts += kind == "conflict"
    return Told(registered=registered, refused=refused, logins=logins, conflicts=conflicts)


async def portal_settings(sandbox_url: str, portal: str = "nic1") -> dict[str, Any]:
    """What a registration must know of this portal's keys."""
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        found = (await client.get(f"{sandbox_url}/admin/irp/{portal}")).json()
    return {
        "public_key": found["auth_key"],
        "keys": [{"kid": found["kid"], "pem": found["certificate"]}],
    }


async def _later(gateway: Gateway, caller: Caller, seller: UUID, sandbox_url: str) -> None:
    """The portal's keys are known when it runs."""


async def _enrolled(settings: Settings, key: str) -> None:
    """The registration, once the portal has said what its keys are."""
    sandbox_url = f"http://{settings.access_point_hosts[0]}"
    async with open_gateway(settings, "worker") as gateway:
        row = await gateway.store.hot.fetchrow("SELECT id, tenant_id FROM seller")
        caller = Caller(tenant_id=row[1], key_prefix="ts_test_00000000", scopes=frozenset({"admin"}))
        body = RegistrationBody(
            seller_id=row[0],
            strategy="in_irp",
            endpoint=f"{sandbox_url}/irp/nic1",
            settings=await portal_settings(sandbox_url),
            secrets=CREDENTIAL,
        )
        await registrations.create_registration(gateway, caller, body)


async def _once(sandbox_url: str) -> dict[str, bool]:
    """Whether each number that the portal holds is in force there."""
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        held = (await client.get(f"{sandbox_url}/admin/irp/nic1/registered")).json()
        return {each["irn"]: each["status"] == "ACT" for each in held}


def _mixed(turn: int, number: str) -> bytes:
    """One of many kinds, issued today (in India)."""
    today = (datetime.now(UTC) + INDIA).date().isoformat()
    return fixture("in_irp", KINDS[turn % len(KINDS)], invoice_number=number, issue_date=today)


IRP = Ground(
    example="standard",
    strategy="in_irp",
    enrol=_later,
    body=_mixed,
    ready=_enrolled,
    whole=_once,
    orders=tuple((fault, every, {"dialect": "irp", **match}) for fault, every, match in MISHAPS),
    suffixes={},
    lasting=True,
)
