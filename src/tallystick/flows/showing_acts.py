"""Acts as callers read them: what was asked of a document in force, and what its authority said."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from msgspec import Raw, Struct

from tallystick.canonical import Fault
from tallystick.flows import Caller
from tallystick.flows.errors import NotFound
from tallystick.flows.gateway import Gateway
from tallystick.flows.read import require
from tallystick.flows.showing import FIRST_LOOK, LAST_LOOK, instant
from tallystick.flows.status import STATES
from tallystick.flows.transactions import within
from tallystick.ledger import Entry, read_entry
from tallystick.store import Connection, reading
from tallystick.store import acts as table
from tallystick.store.acts import Act

__all__ = ["ActResource", "Acts", "act", "acts", "resource_of", "settled"]

ENDS: Final = frozenset({"done", "rejected", "conflict", "dead"})
ATTENTION: Final = frozenset({"unknown", "parked", "conflict", "dead"})
SUMMARY: Final = {"done": "done", "rejected": "refused"}


class ActLinks(Struct, kw_only=True, rename={"self_": "self"}):
    """Where the act and its invoice are."""

    self_: str
    invoice: str


class ActResource(Struct, kw_only=True):
    """One act. `status` is `processing`, `attention`, `done` or `refused`; `processing_status` says more.

    `verdict` is the authority's word once it gave one: `accepted` (done, the document stays in force),
    `cancelled` (done, it does not), `rejected`, `conflict`. `reference` is its number for what was done,
    `marks` are short texts it gave with it, `errors` its rules where it refused.
    """

    id: UUID
    invoice_id: UUID
    act: str
    status: str
    processing_status: str
    verdict: str | None
    reference: str | None
    reason: str | None
    detail: str
    marks: dict[str, str]
    errors: list[Fault]
    request: Any
    links: ActLinks
    created_at: str
    updated_at: str


class Acts(Struct, kw_only=True):
    """Every act that was asked of an invoice, oldest first."""

    data: list[ActResource]


class Said(Struct, frozen=True):
    """What the authority's last word on an act was, from the log."""

    reference: str | None = None
    detail: str = ""
    faults: tuple[Fault, ...] = ()


async def acts(gateway: Gateway, caller: Caller, invoice_id: UUID) -> Acts:
    """Every act of the invoice. Raises NotFound."""
    async with within(gateway, caller.tenant_id) as db:
        await require(db, caller, invoice_id)
        found = await table.acts_of(db, invoice_id)
        said = await _said(db, invoice_id, found)
    return Acts(data=[resource_of(each, said.get(each.id, Said())) for each in found])


async def act(gateway: Gateway, caller: Caller, invoice_id: UUID, act_id: UUID) -> ActResource:
    """One act of the invoice. Raises NotFound."""
    for found in (await acts(gateway, caller, invoice_id)).data:
        if found.id == act_id:
            return found
    raise NotFound


async def settled(
    gateway: Gateway, caller: Caller, invoice_id: UUID, act_id: UUID, seconds: float
) -> ActResource:
    """The act once nothing more comes of it by itself, or after `seconds`. Raises NotFound."""
    loop = asyncio.get_running_loop()
    end, pause = loop.time() + seconds, FIRST_LOOK
    while True:
        async with within(gateway, caller.tenant_id) as db:
            states = [each.state for each in await table.acts_of(db, invoice_id) if each.id == act_id]
        if not states or states[0] in ENDS or loop.time() + pause > end:
            return await act(gateway, caller, invoice_id, act_id)
        await asyncio.sleep(pause)
        pause = min(LAST_LOOK, pause * 1.5)


def resource_of(row: Act, said: Said | None = None) -> ActResource:
    """The resource of a row, with what the log says of it."""
    heard = said or Said()
    path = f"/v1/invoices/{row.invoice_id}"
    ended = row.state in {"done", "rejected", "conflict"}
    return ActResource(
        id=row.id,
        invoice_id=row.invoice_id,
        act=row.kind,
        status=SUMMARY.get(row.state) or ("attention" if row.state in ATTENTION else "processing"),
        processing_status=STATES[row.state][0],
        verdict=row.verdict if ended else None,
        reference=heard.reference,
        reason=_reason(row),
        detail=heard.detail,
        marks=msgspec.json.decode(row.marks, type=dict[str, str]),
        errors=list(heard.faults),
        request=None if row.request is None else Raw(row.request),
        links=ActLinks(self_=f"{path}/acts/{row.id}", invoice=path),
        created_at=_time(row.created_at),
        updated_at=_time(row.updated_at),
    )


def _reason(row: Act) -> str | None:
    return {"parked": row.parked_reason, "dead": row.dead_reason}.get(row.state)


def _time(when: datetime) -> str:
    return instant(when)


async def _said(db: Connection, invoice_id: UUID, found: Sequence[Act]) -> dict[UUID, Said]:
    """The authority's last word on each act, read from the log."""
    if not found:
        return {}
    last: dict[str, Entry] = {}
    for row in await reading.entries_of(db, invoice_id):
        entry = read_entry(row["entry"])
        if "act_id" in entry.data and "verdict" in entry.data:
            last[str(entry.data["act_id"])] = entry
    return {each.id: await _word(db, last[str(each.id)]) for each in found if str(each.id) in last}


async def _word(db: Connection, entry: Entry) -> Said:
    reference = entry.data.get("act_reference")
    given = str(reference) if reference is not None else None
    for ref in entry.objects:
        if ref.name == "outcome.json":
            row = await reading.object_by_digest(db, bytes.fromhex(ref.digest))
            if row is not None and row["body"] is not None:
                report = msgspec.json.decode(row["body"], type=_Report)
                return Said(given, report.detail, report.faults)
    return Said(given)


class _Report(Struct):
    """What is kept of an outcome beside its entry."""

    detail: str = ""
    faults: tuple[Fault, ...] = ()
