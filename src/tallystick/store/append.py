"""Writing history inside a transaction: entries of the log, and events for subscribers.

Both are one round trip. The database fills in its time and the place in the stream, under the stream's lock;
the entry and its state change commit together or not at all.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import Integer, LargeBinary, Text, Uuid, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from tallystick.ledger import AT, GENESIS, Entry, ObjectRef, Value, template
from tallystick.ledger.entry import StreamKind
from tallystick.store import ids
from tallystick.store.tables_tenant import Time

__all__ = ["Appended", "append_entry", "append_event", "append_registration_event", "event_template"]

PLACE: Final = "\x03"  # sequence of the event among the invoice's events
HEAD_PLACE: Final = "\x04"  # place in the stream of the entry that the event stands on
HEAD_HASH: Final = "\x02"

ENTRY: Final = (
    text("SELECT seq, hash, at, entry FROM append_entry(:tenant, :kind, :stream, :entry)")
    .bindparams(bindparam("tenant", type_=Uuid), bindparam("stream", type_=Uuid))
    .columns(seq=Integer, hash=LargeBinary, at=Time, entry=LargeBinary)
)
EVENT: Final = (
    text("SELECT seq FROM append_event(:tenant, :invoice, :event, :type, :body)")
    .bindparams(
        bindparam("tenant", type_=Uuid),
        bindparam("invoice", type_=Uuid),
        bindparam("event", type_=Uuid),
        bindparam("body", type_=Text),
    )
    .columns(seq=Integer)
)
REGISTRATION_EVENT: Final = (
    text("SELECT seq FROM append_registration_event(:tenant, :registration, :event, :type, :body)")
    .bindparams(
        bindparam("tenant", type_=Uuid),
        bindparam("registration", type_=Uuid),
        bindparam("event", type_=Uuid),
        bindparam("body", type_=Text),
    )
    .columns(seq=Integer)
)
ENCODER: Final = msgspec.json.Encoder()


class Appended(Struct, frozen=True):
    """Where an entry came to stand: its place (from 1), its 32-byte hash, its time, its bytes."""

    seq: int
    hash: bytes
    at: datetime
    entry: bytes


async def append_entry(
    connection: AsyncConnection,
    *,
    tenant: UUID,
    stream_kind: StreamKind,
    stream_id: UUID,
    event: str,
    actor: str,
    data: Mapping[str, Value] | None = None,
    objects: tuple[ObjectRef, ...] = (),
    authority: str | None = None,
    endpoint: str | None = None,
    attempt: int | None = None,
    terminal: bool = False,
) -> Appended:
    """Append one entry to a stream. Locks the invoice's row, or the stream, until the transaction ends.

    Of an invoice it also moves the head (stream_seq, stream_hash), `version` and `updated_at`. Raises
    OutsideProfile for data that the log does not hold.
    """
    entry = Entry(
        tenant=str(tenant),
        stream_kind=stream_kind,
        stream_id=str(stream_id),
        stream_seq=0,
        prev_hash=GENESIS,
        event=event,
        at="",
        actor=actor,
        authority=authority,
        endpoint=endpoint,
        attempt=attempt,
        data=data or {},
        objects=objects,
        terminal=terminal,
    )
    values = {"tenant": tenant, "kind": stream_kind, "stream": stream_id, "entry": template(entry)}
    row = (await connection.execute(ENTRY, values)).one()
    return Appended(row.seq, row.hash, row.at, row.entry)


async def append_event(
    connection: AsyncConnection, *, tenant: UUID, invoice_id: UUID, type: str, data: Mapping[str, Any]
) -> int:
    """Write an event of an invoice and its deliveries; its place among the invoice's events (from 1).

    Call it after `append_entry`: the event names the entry it stands on. Locks the invoice's row.
    """
    event_id = ids.new()
    values = {"tenant": tenant, "invoice": invoice_id, "event": event_id, "type": type}
    body = event_template(event_id, type, data)
    return int((await connection.execute(EVENT, {**values, "body": body})).scalar_one())


async def append_registration_event(
    connection: AsyncConnection, *, tenant: UUID, registration_id: UUID, type: str, data: Mapping[str, Any]
) -> int:
    """Write an event of a registration and its deliveries; its place among the registration's events.

    Call it after `append_entry`: the event names the entry it stands on. Locks the registration's row.
    """
    event_id = ids.new()
    values = {"tenant": tenant, "registration": registration_id, "event": event_id, "type": type}
    body = event_template(event_id, type, data)
    return int((await connection.execute(REGISTRATION_EVENT, {**values, "body": body})).scalar_one())


def event_template(event_id: UUID, type: str, data: Mapping[str, Any]) -> str:
    """An event's body, with marks where the database puts time, sequence and the head of the log.

    Filled: `{"id", "type", "timestamp", "sequence", "chain": {"sequence", "hash"}, "data": {…}}`. Event types
    are words of ours, so only `data` can hold what a caller wrote, and that is encoded whole.
    """
    return (
        f'{{"id":"{event_id}","type":"{type}","timestamp":"{AT}","sequence":{PLACE},'
        f'"chain":{{"sequence":{HEAD_PLACE},"hash":"{HEAD_HASH}"}},"data":{ENCODER.encode(data).decode()}}}'
    )
