"""Sessions with authorities: one row a registration, shared by all workers, made by one of them at a time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from tallystick.store.connecting import Connection
from tallystick.store.session import Store

__all__ = ["alone", "drop_session", "keep_session", "session_of"]

_LOCK = "hashtextextended('login ' || $1::text, 0)"


async def session_of(db: Connection, registration: UUID, margin: float) -> tuple[bytes, datetime] | None:
    """The wrapped session and its end, if it lasts `margin` seconds more."""
    row = (
        await db.execute(
            text(
                """SELECT wrapped, expires_at FROM registration_session WHERE registration_id = :id
                   AND expires_at > clock_timestamp() + make_interval(secs => :margin)"""
            ),
            {"id": registration, "margin": margin},
        )
    ).first()
    return None if row is None else (row[0], row[1])


async def keep_session(
    db: Connection, registration: UUID, tenant: UUID, wrapped: bytes, expires_at: datetime
) -> None:
    """Store the session in the place of the one before."""
    await db.execute(
        text(
            """INSERT INTO registration_session (registration_id, tenant_id, wrapped, expires_at)
               VALUES (:id, :tenant, :wrapped, :expires_at) ON CONFLICT (registration_id) DO UPDATE SET
                 wrapped = :wrapped, expires_at = :expires_at, created_at = clock_timestamp()"""
        ),
        {"id": registration, "tenant": tenant, "wrapped": wrapped, "expires_at": expires_at},
    )


async def drop_session(db: Connection, registration: UUID, expires_at: datetime) -> None:
    """Forget the session that ends then; a newer one stays."""
    await db.execute(
        text("DELETE FROM registration_session WHERE registration_id = :id AND expires_at <= :expires_at"),
        {"id": registration, "expires_at": expires_at},
    )


@asynccontextmanager
async def alone(store: Store, registration: UUID) -> AsyncIterator[bool]:
    """Whether nobody else is logging this registration in; if so, nobody else will until the block ends.

    The lock belongs to a connection, not to a transaction: none is open meanwhile, and it ends with a crash.
    """
    async with store.hot.acquire() as connection:
        mine: bool = await connection.fetchval(f"SELECT pg_try_advisory_lock({_LOCK})", str(registration))
        try:
            yield mine
        finally:
            if mine:
                await connection.execute(f"SELECT pg_advisory_unlock({_LOCK})", str(registration))
