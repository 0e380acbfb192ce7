"""Administrative changes in the log: who did what, in the change's own transaction."""

from collections.abc import Mapping
from uuid import UUID

from tallystick.ledger import Value
from tallystick.ledger.entry import StreamKind
from tallystick.store.append import append_entry
from tallystick.store.rows import Connection

__all__ = ["record"]


async def record(
    connection: Connection,
    tenant: UUID,
    actor: str,
    kind: StreamKind,
    stream: UUID,
    event: str,
    facts: Mapping[str, Value],
) -> None:
    """Append one entry to the stream."""
    await append_entry(
        connection, tenant=tenant, stream_kind=kind, stream_id=stream, event=event, actor=actor, data=facts
    )
