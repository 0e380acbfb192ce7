"""Invoices as callers read them: one, many, and one once it has moved.

A list holds summaries made of columns alone; the whole resource (totals, warnings, links) is made from the
stored document by the same builder that answered the POST.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from msgspec import Struct

from tallystick.canonical import decode
from tallystick.flows import Caller
from tallystick.flows.actions import actions
from tallystick.flows.errors import NotFound
from tallystick.flows.gateway import Gateway
from tallystick.flows.paging import Page
from tallystick.flows.resource import Cancellation, Standing, deadline_of, resource
from tallystick.flows.slices import Slice
from tallystick.flows.status import ATTENTION, CANCELLED, GOOD, summary
from tallystick.flows.transactions import persistently, within
from tallystick.store import reading
from tallystick.store.acts import Act, acts_of
from tallystick.store.reading import InvoiceFilter
from tallystick.store.rows import Row

__all__ = ["STATUSES", "InvoiceSummary", "Shown", "Wanted", "invoice", "invoices", "settled"]

STATUSES: Final = ("processing", "attention", "issued", "rejected", "cancelled")
FIRST_LOOK: Final = 0.01  # seconds between looks while a caller waits: a quarter of what it waited, at most
LAST_LOOK: Final = 0.25
STANDING: Final = "SELECT processing_status, built FROM standing_of($1, $2, $3)"
DECIDED: Final = frozenset({"completed", "failed", "dead_lettered"})


class Shown(Struct, frozen=True):
    """An invoice's resource as JSON, and a tag that changes whenever it does."""

    body: bytes
    etag: str


class Wanted(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which invoices a list is of. `seller` is one of the seller's identifiers as it stands on its
    invoices.
    """

    seller: str | None = None
    number: str | None = None
    status: str | None = None
    authority_status: str | None = None
    created_gte: datetime | None = None
    created_lt: datetime | None = None


class SummaryLinks(Struct, rename={"self_": "self"}):
    """Where the whole resource is."""

    self_: str


class InvoiceSummary(Struct, kw_only=True):
    """An invoice in a list."""

    id: UUID
    mode: str
    invoice_number: str
    type_code: str
    issue_date: str
    currency_code: str
    total_amount_with_tax: str
    seller_country_code: str
    status: str
    processing_status: str
    authority_status: str
    authority_reference: str | None
    strategy: str
    registration: UUID | None
    supersedes: UUID | None
    superseded_by: UUID | None
    links: SummaryLinks
    created_at: str
    updated_at: str


async def invoice(gateway: Gateway, caller: Caller, invoice_id: UUID) -> Shown:
    """One invoice. Raises NotFound."""
    async with within(gateway, caller.tenant_id) as connection:
        row = await reading.invoice_of(connection, caller.mode, invoice_id)
        asked = await acts_of(connection, invoice_id) if row is not None else []
    if row is None:
        raise NotFound
    return shown(gateway, row, asked)


def shown(gateway: Gateway, row: Row, asked: Sequence[Act] = ()) -> Shown:
    """The resource of a row. The document was checked when it was accepted, so it decodes."""
    document = decode(row["payload"], gateway.strategies.blocks).invoice
    if document is None:
        raise RuntimeError("a stored invoice does not decode")
    standing = Standing(
        id=row["id"],
        mode=row["mode"],
        processing_status=row["processing_status"],
        authority_status=row["authority_status"],
        authority_reference=row["authority_reference"],
        strategy=row["strategy"],
        strategy_reason=row["strategy_reason"],
        registration=row["registration_id"],
        computed=row["computed"],
        warnings=row["warnings"],
        supersedes=row["supersedes"],
        superseded_by=row["superseded_by"],
        actions=actions(
            gateway.strategies,
            row["strategy"],
            row["processing_status"],
            row["authority_status"],
            [each.state for each in asked],
        ),
        cancellation=cancellation(row, asked),
        deadline=deadline_of(
            row["deadline_at"], row["deadline_told"], row["processing_status"], row["authority_status"]
        ),
        qr=row["qr"],
        marks=marks(row),
    )
    body = resource(standing, document, instant(row["created_at"]), instant(row["updated_at"]))
    return Shown(body, etag(row))


def marks(row: Row) -> dict[str, str]:
    """What the document is marked with; what its authority gave wins. The QR code is shown apart."""
    found = {**(row["marks"] or {}), **(row["outcome_marks"] or {})}
    return {name: text for name, text in found.items() if name != "qr"}


def cancellation(row: Row, asked: Sequence[Act]) -> Cancellation | None:
    """The act that ended the document, if one did."""
    if row["authority_status"] != CANCELLED:
        return None
    ended = [each for each in asked if each.verdict == CANCELLED and each.settled_at is not None]
    return Cancellation(ended[0].id, instant(ended[0].settled_at)) if ended else None  # type: ignore[arg-type]


def etag(row: Row) -> str:
    """The head of the invoice's log; with a mark once it is superseded, which happens outside its log."""
    head = str(row["stream_hash"].hex())
    return head if row["superseded_by"] is None else f"{head}-superseded"


async def invoices(
    gateway: Gateway, caller: Caller, wanted: Wanted, limit: int, cursor: str | None
) -> Page[InvoiceSummary]:
    """The tenant's invoices of the key's mode, newest first. Raises BadCursor."""
    piece = Slice(gateway, caller, "invoices", msgspec.to_builtins(wanted), cursor)
    before = None if piece.place is None else piece.place.id
    async with within(gateway, caller.tenant_id) as connection:
        found = await reading.invoices_of(connection, condition(caller, wanted, before), limit + 1)
    rest, next_cursor = piece.cut(found, limit)
    return Page(
        data=[summarised(row) for row in rest], next_cursor=next_cursor, has_more=next_cursor is not None
    )


def condition(caller: Caller, wanted: Wanted, before: UUID | None) -> InvoiceFilter:
    """What the store is asked for."""
    processing, not_processing, authority = axes(wanted.status)
    if wanted.authority_status is not None:
        authority = authority & {wanted.authority_status} if authority else {wanted.authority_status}
        authority = authority or {"none of these"}
    return InvoiceFilter(
        mode=caller.mode,
        seller=None if wanted.seller is None else "".join(wanted.seller.split()).upper(),
        number=wanted.number,
        processing=processing,
        not_processing=not_processing,
        authority=authority,
        created_gte=wanted.created_gte,
        created_lt=wanted.created_lt,
        before=before,
    )


def axes(status: str | None) -> tuple[set[str], set[str], set[str]]:
    """The summary status taken apart again: processing statuses that must and must not be, authority
    statuses.
    """
    if status == "attention":
        return set(ATTENTION), set(), set()
    if status == "processing":
        return set(), {*ATTENTION, "completed"}, set()
    if status == "issued":
        return {"completed"}, set(), set(GOOD)
    if status in {"rejected", CANCELLED}:
        return {"completed"}, set(), {status}
    return set(), set(), set()


def summarised(row: Row) -> InvoiceSummary:
    """A row of a list."""
    same = ("id", "mode", "type_code", "currency_code", "processing_status", "authority_status")
    more = ("authority_reference", "strategy", "supersedes", "superseded_by")
    named: dict[str, Any] = {name: row[name] for name in (*same, *more)}
    return InvoiceSummary(
        **named,
        invoice_number=row["number"],
        issue_date=row["issue_date"].isoformat(),
        total_amount_with_tax=format(row["total_with_tax"], "f"),
        seller_country_code=row["seller_country"],
        status=summary(row["processing_status"], row["authority_status"]),
        registration=row["registration_id"],
        links=SummaryLinks(f"/v1/invoices/{row['id']}"),
        created_at=instant(row["created_at"]),
        updated_at=instant(row["updated_at"]),
    )


def instant(when: datetime) -> str:
    """A time as the API writes it, in UTC with microseconds."""
    return when.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


async def settled(
    gateway: Gateway, caller: Caller, invoice_id: UUID, seconds: float, built: bool = False
) -> Shown:
    """The invoice once nothing more is expected of it (or, if so wanted, its document is built), or after
    `seconds`, whichever comes first. Raises NotFound, Unavailable.
    """
    loop = asyncio.get_running_loop()
    began, pause = loop.time(), FIRST_LOOK
    while True:
        row = await persistently(
            gateway,
            lambda: gateway.store.hot.fetchrow(STANDING, caller.tenant_id, caller.mode, invoice_id),
        )
        if row is None or row["processing_status"] is None:
            raise NotFound
        there = row["processing_status"] in DECIDED or (built and row["built"])
        waited = loop.time() - began
        if there or waited >= seconds:
            return await invoice(gateway, caller, invoice_id)
        await asyncio.sleep(min(pause, seconds - waited))
        pause = min(LAST_LOOK, max(FIRST_LOOK, waited / 4))
