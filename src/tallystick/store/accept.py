"""Accepting an invoice: one prepared statement, one round trip, one transaction."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import func, select

from tallystick.store.errors import StoreError, StoreUnavailable
from tallystick.store.retry import sqlstate
from tallystick.store.session import Store
from tallystick.store.tables import idempotency_key

__all__ = [
    "AcceptResult",
    "AcceptRow",
    "FoundRegistration",
    "StoredAnswer",
    "accept",
    "backlog",
    "find_registrations",
    "stored_answer",
]

Kind = Literal["created", "replayed", "key_reused", "duplicate", "not_supersedable", "unknown", "in_progress"]


class AcceptRow(Struct, frozen=True, kw_only=True):
    """Everything an accepted invoice writes. The fields are the parameters of `accept_invoice`, in its order.

    `entry`, `event_body` and `answer` are templates: raw U+0001 stands for the database's time, and in the
    event U+0002, U+0003, U+0004 for the head of the log, the event's place and the entry's place.
    `key` None: no idempotency key. `payload_*` is the canonical invoice, `original_*` what came in, if other.
    """

    tenant_id: UUID
    mode: str
    invoice_id: UUID
    submission_id: UUID
    event_id: UUID
    key: str | None
    method: str
    path: str
    fingerprint: bytes
    key_days: int
    registration_id: UUID | None
    strategy: str
    strategy_reason: str
    authority: str
    seller_key: str
    seller_country: str
    doc_family: str
    type_code: str
    number: str
    fiscal_year: int
    issue_date: date
    currency_code: str
    total_with_tax: Decimal
    computed: tuple[str, ...]
    warnings: str
    supersedes: UUID | None
    payload_id: UUID
    payload_salt: bytes
    payload_digest: bytes
    payload_media: str
    payload_name: str
    payload_body: bytes
    original_id: UUID | None
    original_salt: bytes | None
    original_digest: bytes | None
    original_media: str | None
    original_name: str | None
    original_body: bytes | None
    external_ref: str
    chain_id: str | None
    deadline_at: datetime | None
    entry: str
    event_type: str
    event_body: str
    status: int
    answer: str


PARAMETERS: Final = tuple(f"p_{name}" for name in AcceptRow.__struct_fields__)
CALL: Final = f"SELECT * FROM accept_invoice({', '.join(f'${n}' for n in range(1, len(PARAMETERS) + 1))})"  # noqa: S608
LOCK_TIME_OUT: Final = "55P03"
BACKLOG: Final = "SELECT waiting, overdue FROM backlog($1, $2)"
FIND: Final = "SELECT * FROM find_registrations($1, $2, $3, $4, $5)"


class AcceptResult(Struct, frozen=True, kw_only=True):
    """What became of it. `created` and `replayed` carry the answer; the others the invoice in the way.

    `status`, `body` and `etag` (64 hex digits: the head of the invoice's log when it was accepted) are the
    stored answer, byte for byte.
    """

    kind: Kind
    invoice_id: UUID
    status: int = 0
    etag: str = ""
    body: bytes = b""


class StoredAnswer(Struct, frozen=True, kw_only=True):
    """What an idempotency key keeps."""

    fingerprint: bytes
    invoice_id: UUID
    status: int
    etag: str
    body: bytes


class FoundRegistration(Struct, frozen=True, kw_only=True):
    """A registration of a seller. `settings` is JSON text; no secret is in it. `raised_rules` are numbers of
    rules whose warnings refuse a document.
    """

    id: UUID
    seller_id: UUID
    unit: str | None
    endpoint: str
    settings: str
    state: str
    environment: str
    taxpayer: str
    tax_identifier: str
    raised_rules: Sequence[str] = ()


async def accept(store: Store, row: AcceptRow) -> AcceptResult:
    """Accept the invoice, or find out why not. Raises StoreUnavailable; then nothing may be assumed.

    Safe to repeat: a row that was written by a try whose answer got lost is found again and answered as new.
    """
    values = msgspec.structs.astuple(row)
    try:
        found = await store.retrying(lambda: store.lane.fetchrow(CALL, *values))
    except StoreUnavailable as error:
        if row.key is not None and sqlstate(error) == LOCK_TIME_OUT:
            return AcceptResult(kind="in_progress", invoice_id=row.invoice_id)
        raise
    if found is None or found["kind"] is None:
        raise StoreError("the database did not say what became of the invoice")
    kind: Kind = found["kind"]
    if kind == "replayed":
        mine = found["invoice_id"] == row.invoice_id
        return AcceptResult(
            kind="created" if mine else "replayed",
            invoice_id=found["invoice_id"],
            status=found["status"],
            etag=msgspec.json.decode(found["headers"], type=dict[str, str])["etag"],
            body=found["body"],
        )
    if kind == "created" or (kind == "duplicate" and found["invoice_id"] == row.invoice_id):
        return AcceptResult(
            kind="created",
            invoice_id=row.invoice_id,
            status=row.status,
            etag=found["hash"].hex(),
            body=row.answer.replace("\x01", found["at_text"]).encode(),
        )
    if found["invoice_id"] is None:  # the number became free between two looks
        await asyncio.sleep(0)
        return await accept(store, row)
    return AcceptResult(kind=kind, invoice_id=found["invoice_id"])


async def stored_answer(store: Store, tenant: UUID, mode: str, path: str, key: str) -> StoredAnswer | None:
    """The answer that a key keeps; None when it is not known, or its time is over."""
    table = idempotency_key.c
    query = select(
        table.fingerprint, table.invoice_id, table.status, table.headers["etag"].astext, table.body
    )
    query = query.where(table.tenant_id == tenant, table.mode == mode, table.path == path, table.key == key)

    async def look() -> StoredAnswer | None:
        async with store.tenant(tenant) as db:
            row = (await db.execute(query.where(table.expires_at > func.clock_timestamp()))).first()
        return (
            None
            if row is None
            else StoredAnswer(**dict(zip(StoredAnswer.__struct_fields__, row, strict=True)))
        )

    return await store.retrying(look)


async def backlog(store: Store, tenant: UUID, most: int) -> tuple[int, float]:
    """How many submissions wait (counted up to `most`), and for how many seconds the first was due."""
    found = await store.retrying(lambda: store.hot.fetchrow(BACKLOG, tenant, most))
    return found["waiting"], found["overdue"]


async def find_registrations(
    store: Store,
    tenant: UUID,
    *,
    strategy: str,
    environments: Sequence[str],
    tax_identifier: str | None,
    legal_identifier: str | None,
) -> list[FoundRegistration]:
    """Somebody's registrations with a strategy: by tax identifier, else by legal identifier. Not
    retired.
    """
    values = (tenant, strategy, list(environments), tax_identifier, legal_identifier)
    rows = await store.retrying(lambda: store.hot.fetch(FIND, *values))
    return [FoundRegistration(**row) for row in rows]
