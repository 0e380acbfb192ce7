"""How every connection is opened: as which role, with which limits."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import parse_qs, urlsplit

import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection

__all__ = ["LIMITS", "Connection", "Role", "connector", "session_settings"]

Role = Literal["app", "worker"]
Connection: TypeAlias = AsyncConnection  # a transaction of `Store.tenant` or `Store.everyone`
LIMITS: Final = {
    "application_name": "tallystick",
    "statement_timeout": "5000",
    "lock_timeout": "2000",
    "idle_in_transaction_session_timeout": "10000",
    "timezone": "UTC",
}
CONNECT_SECONDS: Final = 5.0


def session_settings(url: str, role: Role) -> dict[str, str]:
    """What a session starts with. A URL that logs in as another account takes the role on at start-up."""
    name = f"tallystick_{role}"
    parts = urlsplit(url)
    user = parts.username or parse_qs(parts.query).get("user", [""])[0]
    return LIMITS if user == name else LIMITS | {"role": name}


def connector(url: str, settings: dict[str, str] | None = None) -> Callable[..., Awaitable[Any]]:
    """A function that opens one connection (SQLAlchemy's `async_creator`)."""

    async def connect(*_: Any, **__: Any) -> Any:
        return await asyncpg.connect(url, server_settings=settings or {}, timeout=CONNECT_SECONDS)

    return connect
