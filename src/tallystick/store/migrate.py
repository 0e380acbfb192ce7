"""Bringing a database to the newest migration, and seeing whether it is there.

The functions are plain (not async) and open a connection of their own, as the owner of the tables. Several
processes may call `upgrade` at once: one works, the others wait and find nothing to do.

Alembic is loaded only by those functions that change or compare: every process looks where the database is
when it starts, hardly any migrates it.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from tallystick.store.connecting import connector
from tallystick.store.errors import StoreError
from tallystick.store.tables import metadata

if TYPE_CHECKING:
    from alembic.config import Config

__all__ = ["check", "current", "downgrade", "head", "upgrade"]

LOCK = 7_254_118
FOLDER = Path(__file__).parent / "migrations"


def upgrade(url: str, revision: str = "head") -> None:
    """Run every missing migration, all in one transaction. `url` logs in as the owner of the tables."""
    from alembic import command

    act(url, lambda connection: command.upgrade(configured(connection), revision))


def downgrade(url: str, revision: str) -> None:
    """Undo migrations down to `revision` ("base": all, every row too). Roles stay."""
    from alembic import command

    act(url, lambda connection: command.downgrade(configured(connection), revision))


def check(url: str) -> None:
    """Raise StoreError unless the database is at the newest migration and equals the tables of the code."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    found: list[str | None] = []
    differences: list[Any] = []

    def look(connection: Connection) -> None:
        made = MigrationContext.configure(connection, opts={"compare_type": True})
        found.append(made.get_current_revision())
        differences.extend(compare_metadata(made, metadata))

    act(url, look)
    if found[0] != head():
        raise StoreError(f"the database is at migration {found[0]}, the code wants {head()}")
    if differences:
        raise StoreError(f"the database differs from the code: {differences}")


def current(url: str) -> str | None:
    """The migration the database is at; None for an empty one."""
    found: list[str | None] = []

    def look(connection: Connection) -> None:
        if connection.scalar(text("SELECT to_regclass('alembic_version')")) is not None:
            found.append(connection.scalar(text("SELECT version_num FROM alembic_version")))

    act(url, look)
    return found[0] if found else None


def head() -> str:
    """The newest migration of the code: the migrations are one line, and numbered as they follow."""
    return max(path.name.partition("_")[0] for path in (FOLDER / "versions").glob("[0-9]*.py"))


def configured(connection: Connection | None) -> "Config":
    """Alembic's configuration without an alembic.ini."""
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def act(url: str, work: Callable[[Connection], object]) -> None:
    """Do the work on one connection in one transaction, alone among migrations."""
    asyncio.run(act_async(url, work))


async def act_async(url: str, work: Callable[[Connection], object]) -> None:
    """As `act`, inside a running loop."""
    engine = create_async_engine("postgresql+asyncpg://", async_creator=connector(url), poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            await connection.run_sync(work)
    finally:
        await engine.dispose()
