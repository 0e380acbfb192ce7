"""Acts on documents in force, and what authorities say of documents later."""

from pathlib import Path
from typing import Any

from alembic import op

revision = "0004"
down_revision = "0003"
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
    """Let submissions be acts, statuses be cancelled, and polls be remembered."""
    run((SQL / "0004_acts.sql").read_text())


def downgrade() -> None:
    """Take them away again; acts are lost."""
    run((SQL / "0004_downgrade.sql").read_text())
