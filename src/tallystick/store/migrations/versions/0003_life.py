"""The life of a document: chains that begin anywhere, deadlines that are watched, marks of the outcome."""

from pathlib import Path
from typing import Any

from alembic import op

revision = "0003"
down_revision = "0002"
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
    """Add columns, functions and indexes."""
    run((SQL / "0003_life.sql").read_text())


def downgrade() -> None:
    """Take them away again."""
    run((SQL / "0003_downgrade.sql").read_text())
