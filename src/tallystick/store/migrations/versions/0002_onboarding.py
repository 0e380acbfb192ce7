"""Registrations that come to their credentials step by step, end some day, and tell subscribers of it."""

from pathlib import Path
from typing import Any

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SQL = Path(__file__).parents[1] / "sql"


def run(script: str) -> None:
    """Run a script of many statements inside the migration's transaction."""
    bind = op.get_bind()
    bind.exec_driver_sql("SELECT 1")  # the transaction is open before the script runs past SQLAlchemy
    driver: Any = bind.connection.dbapi_connection
    driver.run_async(lambda connection: connection.execute(script))


def upgrade() -> None:
    """Add states, processes, ends and events of registrations."""
    run((SQL / "0002_onboarding.sql").read_text())


def downgrade() -> None:
    """Take them away again."""
    run((SQL / "0002_downgrade.sql").read_text())
