"""Slices of a table in a stable order, one cursor after another.

Ids are UUIDv7, so their order is the order of making; a new row never shifts a page. The tenant is the
store's business (row-level security).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from tallystick.flows import Caller
from tallystick.flows.gateway import Gateway
from tallystick.flows.paging import Place, read_cursor, write_cursor
from tallystick.flows.transactions import within
from tallystick.store import rows
from tallystick.store.rows import Row

__all__ = ["DEFAULT_LIMIT", "Slice", "slice_of"]

DEFAULT_LIMIT: Final = 50


class Slice:
    """Where a page of one list begins and how its end is written down. Raises BadCursor for a foreign
    cursor.
    """

    def __init__(
        self, gateway: Gateway, caller: Caller, listing: str, filters: Mapping[str, Any], cursor: str | None
    ) -> None:
        self._bound = (gateway.keyring, caller.tenant_id, f"{caller.mode} {listing}", dict(filters))
        self.place: Place | None = None if cursor is None else read_cursor(*self._bound, cursor)

    def cut(
        self, found: Sequence[Row], limit: int, at: str | None = None
    ) -> tuple[Sequence[Row], str | None]:
        """The page's rows, and the next cursor if one row more than `limit` was found."""
        if len(found) <= limit:
            return found, None
        last = found[limit - 1]
        return found[:limit], self.cursor(last["id"], None if at is None else last[at])

    def cursor(self, id_: UUID, at: Any = None) -> str:
        """The cursor for what comes after this item."""
        return write_cursor(*self._bound, Place(id_, at))


async def slice_of(
    gateway: Gateway,
    caller: Caller,
    table: str,
    filters: Row,
    limit: int,
    cursor: str | None,
    unless: Row | None = None,
) -> tuple[Sequence[Row], str | None]:
    """At most `limit` rows of a table with an `id`, oldest first, and the next page's cursor. Raises
    BadCursor.

    `filters` are columns that must equal a value; they are bound into the cursor.
    """
    piece = Slice(gateway, caller, table, filters, cursor)
    after = None if piece.place is None else piece.place.id
    async with within(gateway, caller.tenant_id) as connection:
        found = await rows.slice_of(connection, table, filters, unless=unless, after=after, limit=limit + 1)
    return piece.cut(found, limit)
