"""Rules that a registration takes more seriously than their publisher."""

from pathlib import Path
from typing import Any

from alembic import op

revision = "0005"
down_revision = "0004"
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
    """Let registrations raise rules."""
    run((SQL / "0005_levels.sql").read_text())


def downgrade() -> None:
    """Take it away again."""
    run((SQL / "0005_downgrade.sql").read_text())
