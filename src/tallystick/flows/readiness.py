"""Whether this process could accept an invoice now, and if not, why."""

import asyncio
from typing import Final

from msgspec import Struct

from tallystick.flows.gateway import Gateway
from tallystick.keys import KeyringError
from tallystick.store import migrate, reading

__all__ = ["Readiness", "readiness"]

OK: Final = "ok"
PATIENCE: Final = 3.0  # seconds for all checks together


class Readiness(Struct, kw_only=True):
    """`ready`, `degraded` (all completes, but later) or `unavailable`; each check is `ok` or says what is
    wrong.
    """

    status: str
    checks: dict[str, str]


async def readiness(gateway: Gateway) -> Readiness:
    """Ask every part once. Never raises."""
    database, redis = await asyncio.gather(database_checks(gateway), redis_check(gateway))
    checks = {**database, "keys": keys_check(gateway), "redis": redis}
    needed = (checks["database"], checks["migrations"], checks["keys"])
    if any(found != OK for found in needed):
        return Readiness(status="unavailable", checks=checks)
    return Readiness(status="ready" if redis == OK else "degraded", checks=checks)


async def database_checks(gateway: Gateway) -> dict[str, str]:
    """Whether the database answers, and whether it is at the migration this code wants."""
    why = await gateway.store.ping()
    if why is not None:
        return {"database": why, "migrations": "not asked"}
    try:
        async with asyncio.timeout(PATIENCE):
            found = await reading.migration(gateway.store)
    except Exception as error:  # noqa: BLE001 -- a probe tells, it does not fail
        return {"database": OK, "migrations": type(error).__name__}
    wanted = migrate.head()
    return {"database": OK, "migrations": OK if found == wanted else f"at {found}, {wanted} is wanted"}


async def redis_check(gateway: Gateway) -> str:
    """Whether Redis answers. Nothing depends on it but speed."""
    from redis.asyncio import Redis

    if gateway.settings.redis_url is None:
        return "not configured"
    try:
        async with asyncio.timeout(1.0), Redis.from_url(gateway.settings.redis_url) as client:
            await client.ping()
    except Exception as error:  # noqa: BLE001 -- a probe tells, it does not fail
        return type(error).__name__
    return OK


def keys_check(gateway: Gateway) -> str:
    """Whether the keys this process needs are held."""
    try:
        gateway.keyring.hash_api_key("probe")
        gateway.keyring.ledger.sign(b"probe")
    except KeyringError as error:
        return str(error)
    return OK
