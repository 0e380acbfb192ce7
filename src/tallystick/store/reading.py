"""What callers read of invoices: rows, events, attempts, entries, bodies. Nothing here changes anything."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from msgspec import Struct
from sqlalchemy import and_, case, func, or_, select, text

from tallystick.store.objects import id_of
from tallystick.store.rows import Connection, Row
from tallystick.store.session import Store
from tallystick.store.tables import (
    attempt,
    compliance_log,
    invoice,
    object_,
    registration,
    submission,
    webhook_event,
)

__all__ = [
    "InvoiceFilter",
    "attempts_of",
    "bodies_by_digest",
    "entries_of",
    "events_after",
    "events_of",
    "has_invoice",
    "invoice_of",
    "invoices_of",
    "migration",
    "object_by_digest",
    "objects_by_digest",
    "qr_of",
    "state_of",
]

LONGEST_TRANSACTION: Final = timedelta(seconds=60)
HASTE: Final = timedelta(milliseconds=100)  # between a transaction's look at the clock and its first write
LOOKS: Final = 20
PAUSE: Final = 0.025
CODE: Final = (submission.c.outcome_marks["qr"].astext, submission.c.marks["qr"].astext)
WRITING: Final = text(
    "SELECT CAST(l.transactionid AS text) FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
    "WHERE l.locktype = 'transactionid' AND l.mode = 'ExclusiveLock' AND l.granted "
    "AND a.datname = current_database()"
)


class InvoiceFilter(Struct, frozen=True, kw_only=True):
    """Which invoices a list is of. None and () ask for nothing; `processing` and `authority` hold statuses.

    `seller` is the last part of a seller key (see `flows.numbering`).
    """

    mode: str
    seller: str | None = None
    number: str | None = None
    processing: Collection[str] = ()
    not_processing: Collection[str] = ()
    authority: Collection[str] = ()
    created_gte: datetime | None = None
    created_lt: datetime | None = None
    before: UUID | None = None


async def invoice_of(connection: Connection, mode: str, invoice_id: UUID) -> Row | None:
    """One invoice with its canonical JSON as `payload`, its deadline and how much of it was told, its QR
    code's text as `qr`, and the `marks` of its document and of its authority's answer; None if the tenant has
    none of this mode and id.
    """
    query = (
        select(
            invoice,
            object_.c.body.label("payload"),
            submission.c.deadline_at,
            submission.c.deadline_told,
            func.coalesce(*CODE).label("qr"),
            submission.c.marks,
            submission.c.outcome_marks,
        )
        .join(object_, object_.c.id == invoice.c.payload_object)
        .join(submission, and_(submission.c.invoice_id == invoice.c.id, submission.c.kind == "issue"))
        .where(invoice.c.id == invoice_id, invoice.c.mode == mode)
    )
    return (await connection.execute(query)).mappings().one_or_none()


async def qr_of(connection: Connection, mode: str, invoice_id: UUID) -> str | None:
    """The text of the invoice's QR code; None without one, or if the tenant has no such invoice."""
    query = (
        select(func.coalesce(*CODE))
        .join(invoice, invoice.c.id == submission.c.invoice_id)
        .where(invoice.c.id == invoice_id, invoice.c.mode == mode, submission.c.kind == "issue")
    )
    found: str | None = await connection.scalar(query)
    return found


async def state_of(connection: Connection, mode: str, invoice_id: UUID) -> Row | None:
    """Version and status of an invoice: the cheapest look at whether it moved."""
    columns = (invoice.c.version, invoice.c.processing_status, invoice.c.authority_status)
    query = select(*columns).where(invoice.c.id == invoice_id, invoice.c.mode == mode)
    return (await connection.execute(query)).mappings().one_or_none()


async def has_invoice(connection: Connection, mode: str, invoice_id: UUID) -> bool:
    """Whether the tenant has this invoice in this mode."""
    return await state_of(connection, mode, invoice_id) is not None


async def invoices_of(connection: Connection, wanted: InvoiceFilter, limit: int) -> Sequence[Row]:
    """At most `limit` invoices, newest first, without their canonical JSON."""
    query = select(invoice).where(*conditions(wanted)).order_by(invoice.c.id.desc()).limit(limit)
    return (await connection.execute(query)).mappings().all()


def conditions(wanted: InvoiceFilter) -> list[Any]:
    """The filter in SQL."""
    found: list[Any] = [invoice.c.mode == wanted.mode]
    if wanted.number is not None:
        found.append(invoice.c.number == wanted.number)
    if wanted.seller is not None:
        found.append(invoice.c.seller_key.endswith(f":{wanted.seller}", autoescape=True))
    if wanted.processing:
        found.append(invoice.c.processing_status.in_(wanted.processing))
    if wanted.not_processing:
        found.append(invoice.c.processing_status.not_in(wanted.not_processing))
    if wanted.authority:
        found.append(invoice.c.authority_status.in_(wanted.authority))
    if wanted.created_gte is not None:
        found.append(invoice.c.created_at >= wanted.created_gte)
    if wanted.created_lt is not None:
        found.append(invoice.c.created_at < wanted.created_lt)
    if wanted.before is not None:
        found.append(invoice.c.id < wanted.before)
    return found


async def events_of(connection: Connection, invoice_id: UUID) -> Sequence[bytes]:
    """The bodies of an invoice's events, in order."""
    query = select(webhook_event.c.body).where(webhook_event.c.invoice_id == invoice_id)
    return (await connection.execute(query.order_by(webhook_event.c.seq))).scalars().all()


async def settled_until(connection: Connection) -> datetime:
    """A time before which no event can appear any more.

    Event times come from the database's clock, but commits do not keep their order. So: note the time and
    every transaction that may still write, wait until those have ended (half a second at most), and only what
    is older than the noted time is settled. If one goes on longer, what is older than any transaction may
    last is.
    """
    began: datetime = (await connection.execute(select(func.clock_timestamp()))).scalar_one()
    writing = set((await connection.execute(WRITING)).scalars())
    for _ in range(LOOKS):
        if not writing:
            return began - HASTE
        await asyncio.sleep(PAUSE)
        writing &= set((await connection.execute(WRITING)).scalars())
    return began - LONGEST_TRANSACTION


mode_of_event: Final = func.coalesce(
    invoice.c.mode, case((registration.c.environment == "production", "live"), else_="test")
)
"""An event's mode: its invoice's, or that of its registration's environment."""


async def events_after(
    connection: Connection, mode: str, after: tuple[datetime, UUID] | None, kind: str | None, limit: int
) -> Sequence[Row]:
    """At most `limit` settled events of the tenant, of invoices and registrations, in the order of (time,
    id): whoever reads on from the last one never misses any.
    """
    query = (
        select(webhook_event.c.id, webhook_event.c.at, webhook_event.c.body)
        .outerjoin(invoice, invoice.c.id == webhook_event.c.invoice_id)
        .outerjoin(registration, registration.c.id == webhook_event.c.invoice_id)
        .where(webhook_event.c.at < await settled_until(connection), mode_of_event == mode)
    )
    if kind is not None:
        query = query.where(webhook_event.c.type == kind)
    if after is not None:
        at, id_ = after
        same_time = and_(webhook_event.c.at == at, webhook_event.c.id > id_)
        query = query.where(or_(webhook_event.c.at > at, same_time))
    query = query.order_by(webhook_event.c.at, webhook_event.c.id).limit(limit)
    return (await connection.execute(query)).mappings().all()


async def attempts_of(connection: Connection, invoice_id: UUID) -> Sequence[Row]:
    """Every attempt over all rounds, in order: the document's, then each act's; `act` is its name."""
    act = func.nullif(submission.c.kind, "issue").label("act")
    query = select(attempt, act).join(submission, submission.c.id == attempt.c.submission_id)
    query = query.where(submission.c.invoice_id == invoice_id)
    order = (submission.c.created_at, submission.c.id, attempt.c.n)
    return (await connection.execute(query.order_by(*order))).mappings().all()


async def entries_of(connection: Connection, invoice_id: UUID) -> Sequence[Row]:
    """The invoice's log entries (stream_seq, prev_hash, hash, entry, at), in order."""
    columns = ("stream_seq", "prev_hash", "hash", "entry", "at")
    query = select(*(compliance_log.c[name] for name in columns)).where(
        compliance_log.c.stream_kind == "invoice", compliance_log.c.stream_id == invoice_id
    )
    return (await connection.execute(query.order_by(compliance_log.c.stream_seq))).mappings().all()


async def objects_by_digest(connection: Connection, digests: Collection[bytes]) -> Sequence[Row]:
    """What is known of bodies (digest, size, media_type, name, created_at, erased_at), without them."""
    columns = ("digest", "size", "media_type", "name", "created_at", "erased_at")
    query = select(*(object_.c[name] for name in columns)).where(
        object_.c.id.in_([id_of(digest) for digest in digests])
    )
    return (await connection.execute(query)).mappings().all()


async def bodies_by_digest(connection: Connection, digests: Collection[bytes]) -> dict[bytes, bytes | None]:
    """The bodies of these salted digests, as far as the tenant has them; None for one that was erased."""
    query = select(object_.c.digest, object_.c.body).where(
        object_.c.id.in_([id_of(digest) for digest in digests])
    )
    found = (await connection.execute(query)).all()
    return {row.digest: row.body for row in found}


async def object_by_digest(connection: Connection, digest: bytes) -> Row | None:
    """One body (body, media_type, erased_at); None if the tenant has none of this salted digest."""
    query = select(object_.c.body, object_.c.media_type, object_.c.erased_at).where(
        object_.c.id == id_of(digest), object_.c.digest == digest
    )
    return (await connection.execute(query.limit(1))).mappings().one_or_none()


async def migration(store: Store) -> str | None:
    """The migration the database is at, as the app's role can see it."""
    found: str | None = await store.hot.fetchval("SELECT version_num FROM alembic_version")
    return found
