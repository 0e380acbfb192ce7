"""What alembic runs: the connection is handed in by `tallystick.store.migrate`."""

from alembic import context

from tallystick.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    compare_type=True,
    compare_server_default=False,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
