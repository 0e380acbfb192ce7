"""The spine: tenants, sellers, invoices, submissions, the log, webhooks; guards, roles, row security."""

from pathlib import Path
from typing import Any

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SQL = Path(__file__).parents[1] / "sql"
PARTS = ("tables", "guards", "append", "accept", "roles")
TABLES = (
    *("breaker", "webhook_cursor", "webhook_delivery", "webhook_event", "webhook_endpoint", "log_pending"),
    *("compliance_log", "attempt", "submission", "authority_chain", "invoice", "object", "idempotency_key"),
    *("registration_session", "registration", "seller", "api_key", "tenant"),
)
FUNCTIONS = (
    *("backlog", "find_registrations", "accept_invoice", "append_event", "append_entry", "notch", "utc_text"),
    *("current_tenant", "object_guard", "chain_guard", "attempt_guard", "invoice_guard", "authority_next"),
    *("submission_guard", "submission_next", "frozen", "refuse_change"),
)


def run(script: str) -> None:
    """Run a script of many statements inside the migration's transaction."""
    bind = op.get_bind()
    bind.exec_driver_sql("SELECT 1")  # the transaction is open before the script runs past SQLAlchemy
    driver: Any = bind.connection.dbapi_connection
    driver.run_async(lambda connection: connection.execute(script))


def upgrade() -> None:
    """Make everything."""
    for part in PARTS:
        run((SQL / f"0001_{part}.sql").read_text())


def downgrade() -> None:
    """Drop everything but the roles, which belong to the whole cluster."""
    run("DROP FUNCTION find_api_key(text)")
    for name in TABLES:
        run(f"DROP TABLE {name}")
    for name in FUNCTIONS:
        run(f"DROP FUNCTION {name}")
    run("REVOKE ALL ON alembic_version FROM tallystick_app, tallystick_worker")
    run("REVOKE ALL ON SCHEMA public FROM tallystick_app, tallystick_worker")
