"""Migrations go up, are what the code says, go down to nothing, and up again."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import asyncpg
import pytest

from tallystick.store import StoreError, migrate

LEFT = """SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relname <> 'alembic_version' AND c.relname <> 'alembic_version_pkc'"""
FUNCTIONS = (
    "SELECT count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'public'"
)


def ask(url: str, query: str) -> object:
    async def fetch() -> object:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(query)
        finally:
            await connection.close()

    return asyncio.run(fetch())


def test_up_down_and_up_again(database_url: str) -> None:
    migrate.check(database_url)
    assert migrate.current(database_url) == migrate.head()
    migrate.downgrade(database_url, "base")
    assert migrate.current(database_url) is None
    assert (ask(database_url, LEFT), ask(database_url, FUNCTIONS)) == (0, 0)
    with pytest.raises(StoreError, match="migration None"):
        migrate.check(database_url)
    migrate.upgrade(database_url)
    migrate.check(database_url)


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE invoice ADD COLUMN surprise text",
        "ALTER TABLE invoice ALTER COLUMN number DROP NOT NULL",
        "ALTER TABLE submission ALTER COLUMN round TYPE bigint",
        "DROP INDEX invoice_number_once",
        "ALTER TABLE compliance_log DROP CONSTRAINT compliance_log_place",
    ],
)
def test_a_database_that_differs_is_seen(database_url: str, change: str) -> None:
    ask(database_url, change)
    with pytest.raises(StoreError, match="differs"):
        migrate.check(database_url)


def test_upgrading_from_several_processes_at_once_is_safe(database_url: str) -> None:
    migrate.downgrade(database_url, "base")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrate.upgrade, [database_url] * 4))
    migrate.check(database_url)


def test_nothing_but_built_ins_is_used(database_url: str) -> None:
    assert ask(database_url, "SELECT array_agg(extname) FROM pg_extension") == ["plpgsql"]


def test_the_lock_is_let_go_after_a_failure(database_url: str) -> None:
    with pytest.raises(Exception, match="locate revision"):
        migrate.upgrade(database_url, uuid4().hex)
    migrate.upgrade(database_url)


def test_the_newest_migration_is_the_one_that_alembic_leads_to() -> None:
    from alembic.script import ScriptDirectory

    assert ScriptDirectory.from_config(migrate.configured(None)).get_heads() == [migrate.head()]
