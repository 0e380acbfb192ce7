"""Migrations of the database, run by alembic through `tallystick.store.migrate`."""
