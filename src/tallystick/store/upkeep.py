"""Housekeeping: what may be forgotten."""

from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

__all__ = ["forget_keys"]

EXPIRED: Final = text(
    """DELETE FROM idempotency_key WHERE (tenant_id, mode, path, key) IN (
           SELECT tenant_id, mode, path, key FROM idempotency_key WHERE expires_at < clock_timestamp()
           ORDER BY expires_at LIMIT :limit FOR UPDATE SKIP LOCKED)"""
)


async def forget_keys(db: AsyncConnection, limit: int = 1000) -> int:
    """Delete idempotency keys whose time is over (the worker's role); how many there were."""
    return int((await db.execute(EXPIRED, {"limit": limit})).rowcount)
