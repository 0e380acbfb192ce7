"""The walls of the database: weak roles, one tenant at a time, a log that only grows, states that go on."""

from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tallystick.store import Store, StoreError, StoreUnavailable, accept, ids, migrate
from unit.store.rows import accept_row, new_tenant, reject

TENANTS = (
    *("api_key", "seller", "registration", "idempotency_key", "object", "invoice", "submission"),
    *("attempt", "compliance_log", "webhook_endpoint", "webhook_event", "webhook_delivery", "webhook_cursor"),
    *("registration_session", "registration_process", "registration_poll", "authority_chain"),
)


WIRE = f"wire_object = '{ids.new()}', wire_sha256 = sha256('a'), wire_media_type = 'application/xml'"


async def fill(app: Store) -> tuple[UUID, UUID]:
    """A tenant with an invoice and an API key: (tenant, invoice)."""
    tenant = await new_tenant(app)
    row = accept_row(tenant, key="k")
    await accept(app, row)
    async with app.tenant(tenant) as db:
        await db.execute(
            text(
                """INSERT INTO api_key (prefix, tenant_id, hash, scopes, name, mode)
                   VALUES (:prefix, :tenant, sha256('x'), '{}', 'till', 'test')"""
            ),
            {"prefix": f"ts_test_{tenant.hex[-12:]}", "tenant": tenant},
        )
    return tenant, row.invoice_id


async def refused(store: Store, statement: str, state: str, **values: Any) -> None:
    """The statement fails with this SQLSTATE."""
    with pytest.raises(asyncpg.PostgresError) as failed:
        async with store.hot.acquire() as connection, connection.transaction():
            await connection.execute("SELECT set_config('app.tenant', $1, true)", values.pop("tenant", ""))
            await connection.execute(statement)
    assert failed.value.sqlstate == state


@pytest.mark.parametrize("role", ["app", "worker"])
@pytest.mark.parametrize(
    "statement",
    ["UPDATE compliance_log SET at = now()", "DELETE FROM compliance_log", "TRUNCATE compliance_log"],
)
async def test_no_role_may_change_the_log(app: Store, worker: Store, role: str, statement: str) -> None:
    await fill(app)
    await refused(app if role == "app" else worker, statement, "42501")


@pytest.mark.parametrize("table", ["compliance_log", "webhook_event"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET at = now()", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
async def test_not_even_the_owner_changes_the_log(
    app: Store, database_url: str, table: str, verb: str
) -> None:
    await fill(app)
    owner = await asyncpg.connect(database_url)
    with pytest.raises(asyncpg.PostgresError) as failed:
        await owner.execute(verb.format(table))
    await owner.close()
    assert failed.value.sqlstate == "TS009"


async def test_the_roles_are_weak(app: Store, worker: Store) -> None:
    for store in (app, worker):
        found = await store.hot.fetchrow(
            """SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles
               WHERE rolname = current_user"""
        )
        assert not any(found.values())
        assert await store.hot.fetchval("SELECT current_user") == f"tallystick_{store.role}"
        owned = "SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole"
        assert await store.hot.fetchval(owned) == 0


async def test_a_strong_role_is_refused(database_url: str, app: Store) -> None:
    owner = await asyncpg.connect(database_url)
    for power, mend in (
        (
            "GRANT UPDATE ON compliance_log TO tallystick_app",
            "REVOKE UPDATE ON compliance_log FROM tallystick_app",
        ),
        (
            "GRANT DELETE ON compliance_log TO tallystick_app",
            "REVOKE DELETE ON compliance_log FROM tallystick_app",
        ),
    ):
        await app.refuse_power()
        await owner.execute(power)
        with pytest.raises(StoreError, match="may change the log"):
            await app.refuse_power()
        await owner.execute(mend)
    await owner.close()


async def test_a_superuser_is_refused(database_url: str) -> None:
    from tallystick.store.connecting import LIMITS

    user = "postgres"
    settings = Store("app", None, None)  # type: ignore[arg-type]
    url = database_url.replace("tallystick_owner@", f"{user}@")
    if url == database_url:
        pytest.skip("this server's superuser is not known")
    settings.hot = await asyncpg.create_pool(url, min_size=1, max_size=1, server_settings=dict(LIMITS))
    with pytest.raises(StoreError, match="not bound by row security"):
        await settings.refuse_power()
    await settings.hot.close()


async def test_a_database_without_tables_is_refused(database_url: str, app_database_url: str) -> None:
    import asyncio

    await asyncio.to_thread(migrate.downgrade, database_url, "base")
    with pytest.raises(StoreError, match="migrations"):
        await Store.open(app_database_url, "app", 1)


async def test_a_database_that_is_not_there_is_unavailable(tmp_path: Any) -> None:
    with pytest.raises(StoreUnavailable):
        await Store.open(f"postgresql://nobody@/nothing?host={tmp_path}", "app", 1)


@pytest.mark.parametrize("table", [*TENANTS, "tenant"])
async def test_without_a_tenant_there_is_nothing(app: Store, table: str) -> None:
    tenant, _ = await fill(app)
    if table == "registration_session":
        await refused(app, f"SELECT * FROM {table}", "42501")
        return
    query = f"SELECT count(*) FROM {table}"
    assert await app.hot.fetchval(query) == 0
    async with app.engine.begin() as db:
        assert await db.scalar(text(query)) == 0
    async with app.tenant(ids.new()) as db:
        assert await db.scalar(text(query)) == 0
    expected = table in (
        "idempotency_key",
        "object",
        "invoice",
        "submission",
        "compliance_log",
        "webhook_event",
        "api_key",
        "tenant",
    )
    async with app.tenant(tenant) as db:
        assert await db.scalar(text(query)) == int(expected)


async def test_every_table_with_a_tenant_is_walled(app: Store) -> None:
    rows = await app.hot.fetch(
        """SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AS walled FROM pg_class c
           JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
           WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"""
    )
    assert {row["relname"] for row in rows} == set(TENANTS)
    assert all(row["walled"] for row in rows)


async def test_another_tenants_rows_can_be_neither_changed_nor_made(app: Store) -> None:
    tenant, invoice = await fill(app)
    other = await new_tenant(app)
    async with app.tenant(other) as db:
        changed = await db.execute(text("UPDATE invoice SET version = 99 WHERE id = :id"), {"id": invoice})
        assert changed.rowcount == 0
    with pytest.raises(DBAPIError, match="row-level security"):
        async with app.tenant(other) as db:
            await db.execute(
                text(
                    """INSERT INTO seller (id, tenant_id, name, country_code, tax_identifier)
                       VALUES (:i, :t, 'x', 'XX', '1')"""
                ),
                {"i": ids.new(), "t": tenant},
            )


async def test_the_tenant_is_forgotten_with_the_transaction(app: Store) -> None:
    tenant, _ = await fill(app)
    async with app.hot.acquire() as connection:
        for _ in range(2):
            async with connection.transaction():
                await connection.execute("SELECT set_config('app.tenant', $1, true)", str(tenant))
                assert await connection.fetchval("SELECT count(*) FROM invoice") == 1
            assert await connection.fetchval("SELECT count(*) FROM invoice") == 0


async def test_only_the_worker_sees_everyone(app: Store, worker: Store) -> None:
    await fill(app), await fill(app)
    async with worker.everyone() as db:
        assert await db.scalar(text("SELECT count(*) FROM invoice")) == 2
    with pytest.raises(StoreError):
        async with app.everyone():
            pass


async def test_an_api_key_is_found_before_its_tenant_is_known(app: Store) -> None:
    tenant, _ = await fill(app)
    found = await app.find_api_key(f"ts_test_{tenant.hex[-12:]}")
    assert found is not None
    assert (found["tenant_id"], found["name"]) == (tenant, "till")
    assert await app.find_api_key("ts_test_nobody") is None


@pytest.mark.parametrize(
    "change",
    [
        "number = 'X'",
        "tenant_id = uuidv7()",
        "payload_object = uuidv7()",
        "seller_key = 'x'",
        "issue_date = '2020-01-01'",
        "stream_seq = 0",
        "stream_hash = sha256('x')",
        "event_seq = 0",
        "superseded_by = uuidv7()",
        "created_at = now()",
    ],
)
async def test_an_accepted_invoice_is_frozen(app: Store, worker: Store, change: str) -> None:
    await fill(app)
    await refused(worker, f"UPDATE invoice SET {change}", "TS008")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (
            WIRE,
            what,
        )
        for what in (
            "wire_object = uuidv7()",
            "wire_sha256 = sha256('b')",
            "wire_media_type = 'text/plain'",
            "link = 'other'",
            "wire_object = NULL, wire_sha256 = NULL, wire_media_type = NULL",
            "external_ref = 'x'",
            "token = -1",
        )
    ]
    + [
        ("chain_id = 'c', chain_no = 1, prev_link = ''", what)
        for what in ("chain_no = 2", "chain_id = 'd'", "prev_link = 'x'")
    ],
)
async def test_frozen_bytes_go_from_nothing_to_a_value_once(
    app: Store, worker: Store, first: str, second: str
) -> None:
    await fill(app)
    await worker.hot.execute(f"UPDATE submission SET {first}")
    await worker.hot.execute(f"UPDATE submission SET {first}")
    await refused(worker, f"UPDATE submission SET {second}", "TS008")


@pytest.mark.parametrize(
    "change",
    [
        "attempts = 7",
        "attempts = -1",
        "next_at = NULL",
        "state = 'in_flight'",
        "state = 'in_flight', lease_until = now(), next_at = NULL, wire_object = uuidv7()",
        "state = 'dead'",
        "state = 'parked'",
        "first_sent_at = now()",
    ],
)
async def test_a_submission_is_never_without_a_next_step(app: Store, worker: Store, change: str) -> None:
    await fill(app)
    await refused(worker, f"UPDATE submission SET {change}", "23514")


@pytest.mark.parametrize(
    ("steps", "refused_step"),
    [
        ([], "state = 'done', verdict = 'cleared'"),
        ([], "state = 'unknown'"),
        ([], "state = 'lost'"),
        (
            ["state = 'in_flight', lease_until = now()", "state = 'done', verdict = 'cleared'"],
            "state = 'queued'",
        ),
        (
            ["state = 'in_flight', lease_until = now()", "state = 'rejected', verdict = 'rejected'"],
            "state = 'dead', dead_reason = 'x'",
        ),
        (["state = 'dead', dead_reason = 'x'"], "state = 'in_flight', lease_until = now()"),
    ],
)
async def test_states_go_only_along_the_table(
    app: Store, worker: Store, steps: list[str], refused_step: str
) -> None:
    await fill(app)
    for step in steps:
        await worker.hot.execute(f"UPDATE submission SET {step}")
    await refused(worker, f"UPDATE submission SET {refused_step}", "TS007")


async def test_an_authority_takes_nothing_back(app: Store, worker: Store) -> None:
    tenant, invoice = await fill(app)
    await reject(worker, tenant, invoice)
    for status in ("pending", "cleared", "conflict"):
        await refused(worker, f"UPDATE invoice SET authority_status = '{status}'", "TS007")


async def test_an_attempt_is_written_before_and_closed_once(app: Store, worker: Store) -> None:
    tenant, _ = await fill(app)
    submission = await worker.hot.fetchval("SELECT id FROM submission")
    await worker.hot.execute(
        "INSERT INTO attempt (submission_id, n, tenant_id, token, kind) VALUES ($1, 1, $2, 1, 'submit')",
        submission,
        tenant,
    )
    await refused(worker, "UPDATE attempt SET outcome = 'cleared'", "23514")
    await refused(worker, "UPDATE attempt SET started_at = now()", "TS008")
    await worker.hot.execute("UPDATE attempt SET outcome = 'cleared', finished_at = now()")
    await refused(worker, "UPDATE attempt SET outcome = 'rejected'", "TS008")


async def test_an_object_keeps_its_bytes(app: Store, worker: Store) -> None:
    await fill(app)
    await refused(worker, "UPDATE object SET body = 'x'", "42501")
    await refused(worker, "DELETE FROM object", "42501")


async def test_statements_and_locks_have_limits(app: Store) -> None:
    assert await app.hot.fetchval("SHOW statement_timeout") == "5s"
    assert await app.hot.fetchval("SHOW lock_timeout") == "2s"
    async with app.tenant(ids.new()) as db:
        assert await db.scalar(text("SHOW idle_in_transaction_session_timeout")) == "10s"
        assert await db.scalar(text("SHOW timezone")) == "UTC"
