"""One try of one delivery: POST, no redirects, no cookies, no proxy, a little of the answer."""

import asyncio
import ssl
from collections.abc import Mapping
from typing import Final, NamedTuple, Self

import httpcore

from tallystick.webhooks.guard import Forbidden, Guard

__all__ = ["Sender", "Told"]

MAX_ANSWER_BYTES: Final = 16 * 1024


class Told(NamedTuple):
    """What came back: a status, or why none did; seconds the subscriber asked us to wait."""

    status: int | None
    error: str | None = None
    after: int | None = None
    forbidden: bool = False

    @property
    def good(self) -> bool:
        """Whether the subscriber has it."""
        return self.status is not None and 200 <= self.status < 300


class Sender:
    """Posts to subscribers through the guard. One connection pool; closes it on exit."""

    def __init__(self, guard: Guard, seconds: float) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=100,
            max_keepalive_connections=20,
            keepalive_expiry=30,
            network_backend=guard,
        )
        self._seconds = seconds

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self._pool.aclose()

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Told:
        """One try. Never raises for what the other side does."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._post(url, headers, body)
        except Forbidden as error:
            return Told(None, f"refused by us: {error}", forbidden=True)
        except TimeoutError:
            return Told(None, f"no answer within {self._seconds:g} s")
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
            return Told(None, f"{type(error).__name__}: no whole answer")
        except (OSError, ValueError, httpcore.UnsupportedProtocol) as error:
            return Told(None, f"{type(error).__name__}: no connection")

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> Told:
        fields = {
            "content-type": "application/json",
            "content-length": str(len(body)),
            "user-agent": "tallystick",
            **headers,
        }
        timeout = {"timeout": {"connect": 5.0, "read": self._seconds, "write": self._seconds, "pool": 5.0}}
        async with self._pool.stream(
            "POST", url, headers=[("host", _host(url)), *fields.items()], content=body, extensions=timeout
        ) as answer:
            read = 0
            async for piece in answer.aiter_stream():
                read += len(piece)
                if read > MAX_ANSWER_BYTES:
                    break
            return Told(answer.status, after=_after(answer.headers))


def _host(url: str) -> str:
    target = httpcore.URL(url)
    name = target.host.decode("ascii")
    name = f"[{name}]" if ":" in name else name
    return name if target.port is None else f"{name}:{target.port}"


def _after(headers: list[tuple[bytes, bytes]]) -> int | None:
    for name, value in headers:
        if name.lower() == b"retry-after" and value.isdigit() and len(value) <= 6:
            return int(value)
    return None
