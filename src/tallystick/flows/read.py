"""What callers may read of their invoices: lists, events, attempts, artefacts, log entries.

A key sees the invoices of its tenant and its mode; everything else is NotFound. The bytes of events and log
entries are handed on as they were written.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from msgspec import Raw, Struct

from tallystick.flows import Caller
from tallystick.flows.errors import NotFound, Refused
from tallystick.flows.gateway import Gateway
from tallystick.flows.paging import Page
from tallystick.flows.slices import Slice
from tallystick.flows.transactions import within
from tallystick.ledger import ObjectRef, read_entry
from tallystick.store import reading
from tallystick.store.rows import Connection, Row

__all__ = [
    "Artifact",
    "Artifacts",
    "Attempt",
    "Attempts",
    "Erased",
    "Log",
    "LogEntry",
    "artifact",
    "artifacts",
    "attempts",
    "events",
    "log",
    "tenant_events",
]


class Erased(Refused):
    """The bytes were deleted under the retention rules; their digest stays in the log."""


class Attempt(Struct, kw_only=True):
    """One try to reach the authority. `n` runs over all rounds of the document, or of the act that `act`
    names. `endpoint` is the address without its query.
    """

    n: int
    act: str | None
    kind: str
    started_at: datetime
    finished_at: datetime | None
    method: str | None
    endpoint: str | None
    http_status: int | None
    outcome: str | None
    duration_ms: int | None
    error: str | None


class Attempts(Struct, kw_only=True):
    """All attempts of an invoice, in order."""

    data: list[Attempt]


class Artifact(Struct, kw_only=True):
    """Bytes kept as evidence. `digest` is SHA-256 over `salt` and the bytes, both hex, as the log names
    them.
    """

    name: str
    media_type: str
    size: int
    digest: str
    salt: str
    erased: bool
    url: str


class Pictures(Struct, kw_only=True):
    """Where the document's QR code is drawn, or told as text, on demand."""

    png: str
    svg: str
    txt: str


class Artifacts(Struct, kw_only=True):
    """All artefacts of an invoice, in the order in which the log first names them; `qr` if it has a code."""

    data: list[Artifact]
    qr: Pictures | None


class LogEntry(Struct, kw_only=True):
    """An entry of the compliance log: `entry` is the exact text that `hash` is taken of."""

    sequence: int
    prev_hash: str
    hash: str
    entry: str


class Log(Struct, kw_only=True):
    """An invoice's whole chain, from the first entry."""

    data: list[LogEntry]


async def require(connection: Connection, caller: Caller, invoice_id: UUID) -> None:
    """Raise NotFound unless the key sees the invoice."""
    if not await reading.has_invoice(connection, caller.mode, invoice_id):
        raise NotFound


async def events(gateway: Gateway, caller: Caller, invoice_id: UUID) -> Page[Raw]:
    """The invoice's events, oldest first, as they were delivered. Raises NotFound."""
    async with within(gateway, caller.tenant_id) as connection:
        await require(connection, caller, invoice_id)
        found = await reading.events_of(connection, invoice_id)
    return Page(data=[Raw(body) for body in found], next_cursor=None, has_more=False)


async def tenant_events(
    gateway: Gateway, caller: Caller, kind: str | None, limit: int, cursor: str | None
) -> Page[Raw]:
    """All events of the tenant, oldest first. `next_cursor` is there even on the last page: ask again with it
    later.

    Raises BadCursor.
    """
    piece = Slice(gateway, caller, "events", {"type": kind} if kind else {}, cursor)
    after = None if piece.place is None or piece.place.at is None else (piece.place.at, piece.place.id)
    async with within(gateway, caller.tenant_id) as connection:
        found = await reading.events_after(connection, caller.mode, after, kind, limit + 1)
    rest, next_cursor = piece.cut(found, limit, "at")
    if next_cursor is None:
        next_cursor = piece.cursor(rest[-1]["id"], rest[-1]["at"]) if rest else cursor
    return Page(data=[Raw(row["body"]) for row in rest], next_cursor=next_cursor, has_more=len(found) > limit)


async def attempts(gateway: Gateway, caller: Caller, invoice_id: UUID) -> Attempts:
    """The invoice's attempts. Raises NotFound."""
    async with within(gateway, caller.tenant_id) as connection:
        await require(connection, caller, invoice_id)
        found = await reading.attempts_of(connection, invoice_id)
    named = Attempt.__struct_fields__
    return Attempts(data=[Attempt(**{name: row[name] for name in named}) for row in found])


async def log(gateway: Gateway, caller: Caller, invoice_id: UUID) -> Log:
    """The invoice's log entries, exactly as written. Raises NotFound."""
    async with within(gateway, caller.tenant_id) as connection:
        await require(connection, caller, invoice_id)
        found = await reading.entries_of(connection, invoice_id)
    return Log(
        data=[
            LogEntry(
                sequence=row["stream_seq"],
                prev_hash=row["prev_hash"].hex(),
                hash=row["hash"].hex(),
                entry=row["entry"].decode(),
            )
            for row in found
        ]
    )


async def artifacts(gateway: Gateway, caller: Caller, invoice_id: UUID) -> Artifacts:
    """What is kept of the invoice: what came in, what went out, what was answered. Raises NotFound."""
    async with within(gateway, caller.tenant_id) as connection:
        await require(connection, caller, invoice_id)
        named = names_of(await reading.entries_of(connection, invoice_id))
        digests = [bytes.fromhex(ref.digest) for ref in named.values()]
        erased = {
            row["digest"].hex(): row["erased_at"] is not None
            for row in await reading.objects_by_digest(connection, digests)
        }
        code = await reading.qr_of(connection, caller.mode, invoice_id)
    pictures = {kind: f"/v1/invoices/{invoice_id}/qr.{kind}" for kind in ("png", "svg", "txt")}
    return Artifacts(
        data=[view(invoice_id, name, ref, erased) for name, ref in named.items()],
        qr=Pictures(**pictures) if code else None,
    )


async def artifact(gateway: Gateway, caller: Caller, invoice_id: UUID, name: str) -> tuple[bytes, str]:
    """An artefact's bytes and media type. Raises NotFound, Erased."""
    async with within(gateway, caller.tenant_id) as connection:
        await require(connection, caller, invoice_id)
        ref = names_of(await reading.entries_of(connection, invoice_id)).get(name)
        if ref is None:
            raise NotFound
        row: Row | None = await reading.object_by_digest(connection, bytes.fromhex(ref.digest))
    if row is None or row["erased_at"] is not None:
        raise Erased
    return row["body"], row["media_type"]


def names_of(entries: Sequence[Row]) -> dict[str, ObjectRef]:
    """Every object the entries name, once, under a name of its own: a second `response.xml` is
    `response-2.xml`.
    """
    named: dict[str, ObjectRef] = {}
    seen: set[str] = set()
    for row in entries:
        for ref in read_entry(row["entry"]).objects:
            if ref.digest not in seen:
                seen.add(ref.digest)
                named[free_name(ref.name, named)] = ref
    return named


def free_name(name: str, taken: Any) -> str:
    """The name, with a number before its suffix if it is taken."""
    stem, dot, suffix = name.partition(".")
    number, found = 1, name
    while found in taken:
        number += 1
        found = f"{stem}-{number}{dot}{suffix}"
    return found


def view(invoice_id: UUID, name: str, ref: ObjectRef, erased: dict[str, bool]) -> Artifact:
    """An object as callers see it. One that is not there counts as erased."""
    return Artifact(
        name=name,
        media_type=ref.media,
        size=ref.size,
        digest=ref.digest,
        salt=ref.salt,
        erased=erased.get(ref.digest, True),
        url=f"/v1/invoices/{invoice_id}/artifacts/{quote(name, safe='')}",
    )
