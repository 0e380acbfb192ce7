"""The only socket to an authority: permitted hosts, one try, no redirects, bounded answers."""

import asyncio
import zlib
from collections.abc import Callable, Iterable
from typing import Any, Final, Self

import httpx
from httpx import Request, Response

from tallystick.flows.courier import MaybeSent, NotSent
from tallystick.flows.crashpoint import armed, crashpoint
from tallystick.flows.exchange import endpoint_of
from tallystick.flows.hosts import refusal

__all__ = ["MAX_ANSWER_BYTES", "HttpCourier"]

MAX_ANSWER_BYTES: Final = 16 * 1024 * 1024
_NOTHING_LEFT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
    httpx.InvalidURL,
)


class HttpCourier:
    """Carries requests over pooled connections; closes them on exit.

    A connection that was idle may have been closed by the other side: httpx then fails before any answer, and
    that failure counts as `MaybeSent`, never as a reason to send again on its own.
    """

    def __init__(self, hosts: Iterable[str], connections: int = 64) -> None:
        """`hosts` is the operator's allow-list; nothing else is ever dialled."""
        self._hosts = frozenset(hosts)
        self._client = httpx.AsyncClient(
            follow_redirects=False,
            trust_env=False,
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
        )

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self._client.aclose()

    async def send(self, request: Request, seconds: float) -> Response:
        """The answer, its body read. Raises NotSent or MaybeSent."""
        why_not = refusal(endpoint_of(request.url), self._hosts)
        if why_not is not None or request.url.userinfo:
            raise NotSent(f"{request.url.host} {why_not or 'may not be given a user'}")
        request.extensions = {**request.extensions, "timeout": _timeouts(seconds)}
        if armed("send"):
            request.extensions["trace"] = _watched
        try:
            async with asyncio.timeout(seconds):
                return await self._exchange(request)
        except _NOTHING_LEFT as error:
            raise NotSent(f"{type(error).__name__}: no connection") from error
        except (httpx.HTTPError, httpx.StreamError, TimeoutError, OSError, ValueError) as error:
            raise MaybeSent(f"{type(error).__name__}: no whole answer") from error

    async def _exchange(self, request: Request) -> Response:
        answer = await self._client.send(request, stream=True)
        try:
            body = bytearray()
            unpack = _unpacking(answer.headers.get("content-encoding", ""))
            async for piece in answer.aiter_raw():
                body += unpack(piece, MAX_ANSWER_BYTES + 1 - len(body))
                if len(body) > MAX_ANSWER_BYTES:
                    raise ValueError("the answer is too long")
        finally:
            await answer.aclose()
        headers = [(k, v) for k, v in answer.headers.multi_items() if k not in _TRANSFER]
        return Response(answer.status_code, headers=headers, content=bytes(body), request=request)


def _unpacking(encoding: str) -> Callable[[bytes, int], bytes]:
    """What makes (a piece, at most so many bytes) plain: an answer never grows past its limit in memory.

    No request asks for a compressed answer; of those that come all the same, one layer of gzip or deflate is
    read. Raises ValueError for anything else.
    """
    if encoding.strip().lower() in {"", "identity"}:
        return lambda piece, _: piece
    if encoding.strip().lower() not in {"gzip", "x-gzip", "deflate"}:
        raise ValueError("an encoding that nobody asked for")
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)

    def unpack(piece: bytes, most: int) -> bytes:
        try:
            return unpacker.decompress(piece, most)
        except zlib.error as error:
            raise ValueError("the answer cannot be decompressed") from error

    return unpack


_STAGES: Final = {
    "connection.connect_tcp.complete": "send.connected",
    "http11.send_request_headers.complete": "send.headers",
    "http11.send_request_body.complete": "send.body",
    "http11.receive_response_headers.complete": "send.answered",
}


async def _watched(stage: str, _: dict[str, Any]) -> None:
    """Pass the crash point of a stage of the exchange."""
    crashpoint(_STAGES.get(stage, ""))


_TRANSFER = frozenset({"content-encoding", "transfer-encoding", "content-length"})


def _timeouts(seconds: float) -> dict[str, float]:
    return {
        "connect": min(10.0, seconds),
        "pool": min(10.0, seconds),
        "read": seconds,
        "write": seconds,
    }
