"""Rows of one table: added, found, changed, listed. For the small tables that people administer.

Tables are named by text, conditions are columns that must (`where`) or must not (`unless`) equal a value;
None means NULL. Row-level security adds the tenant.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias
from uuid import UUID

from sqlalchemy import Table, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tallystick.store.tables import metadata

__all__ = ["NOW", "Connection", "Row", "add", "alone", "change", "one", "plus_one", "remove", "slice_of"]

Connection: TypeAlias = AsyncConnection
Row: TypeAlias = Mapping[Any, Any]
NOW: Final = func.clock_timestamp()


def plus_one(table: str, column: str) -> Any:
    """The value of a counter after this change."""
    return named(table).c[column] + 1


async def alone(connection: Connection, tenant: UUID) -> None:
    """Until the transaction ends no other one is here for the same tenant."""
    await connection.execute(select(func.pg_advisory_xact_lock(tenant.int % 2**63)))


async def add(connection: Connection, table: str, values: Row) -> Row:
    """The new row, with what the database filled in."""
    target = named(table)
    made: Row = (await connection.execute(insert(target).values(**values).returning(target))).mappings().one()
    return made


async def one(
    connection: Connection, table: str, where: Row, *, unless: Row | None = None, lock: bool = False
) -> Row | None:
    """The only row, or the first; None if there is none. `lock` keeps others from changing it."""
    target = named(table)
    query = select(target).where(*conditions(target, where, unless or {})).limit(1)
    found = await connection.execute(query.with_for_update() if lock else query)
    return found.mappings().one_or_none()


async def change(connection: Connection, table: str, where: Row, values: Row) -> Row | None:
    """Change every row that matches; the last one as it is now, None if none matched."""
    target = named(table)
    query = update(target).where(*conditions(target, where, {})).values(**values).returning(target)
    changed = (await connection.execute(query)).mappings().all()
    return changed[-1] if changed else None


async def remove(connection: Connection, table: str, where: Row) -> bool:
    """Delete what matches; whether anything did."""
    target = named(table)
    gone = await connection.execute(delete(target).where(*conditions(target, where, {})))
    return gone.rowcount > 0


async def slice_of(
    connection: Connection,
    table: str,
    where: Row,
    *,
    unless: Row | None = None,
    after: UUID | None = None,
    order: str = "id",
    limit: int,
) -> Sequence[Row]:
    """At most `limit` rows in ascending `order`, beginning after an id."""
    target = named(table)
    query = select(target).where(*conditions(target, where, unless or {}))
    if after is not None:
        query = query.where(target.c.id > after)
    return (await connection.execute(query.order_by(target.c[order]).limit(limit))).mappings().all()


def named(table: str) -> Table:
    """The table of that name."""
    return metadata.tables[table]


def conditions(table: Table, where: Row, unless: Row) -> list[Any]:
    """SQL for equal and for unequal; NULL equals NULL."""
    equal = [table.c[name].is_not_distinct_from(value) for name, value in where.items() if value is None]
    equal += [table.c[name] == value for name, value in where.items() if value is not None]
    return equal + [table.c[name].is_distinct_from(value) for name, value in unless.items()]
