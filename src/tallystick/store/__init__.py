"""PostgreSQL: tables, migrations, and the only SQL. Every time is the database's, every tenant walled in."""
