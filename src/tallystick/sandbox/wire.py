"""Misbehaviour on the wire: late, broken or no answers over a real TCP connection.

`Protocol` hands the connection to the application; `misbehave` is the middleware that, when a handler
has put a fault into the request's state, carries it out instead of the answer.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from tallystick.sandbox.faults import Fault

if TYPE_CHECKING:
    from litestar.types import ASGIApp, Message, Receive, Scope, Send

_PAGE = b"<html><head><title>Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
_GARBAGE = b'{"overallSuccess": tr\x00\xff\xfe\x80{{{ ,,, "sendingSuccess"'
_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER with time-out zero: closing sends RST, not FIN."""


class Protocol(H11Protocol):
    """uvicorn's HTTP/1.1 protocol that lets the application reach its own connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Put the transport where each request on this connection finds it."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


def tell(scope: Scope, fault: Fault | None) -> None:
    """Have this request's answer replaced by the fault; None leaves it alone."""
    scope["state"]["fault"] = fault


def misbehave(app: ASGIApp) -> ASGIApp:
    """Middleware: hold the answer back, then send it or carry out the fault. All routes are HTTP."""

    async def conduct(scope: Scope, receive: Receive, send: Send) -> None:
        held: list[Message] = []

        async def hold(message: Message) -> None:
            held.append(message)

        await app(scope, receive, hold)
        await _carry_out(scope["state"].get("fault"), held, scope, receive, send)

    return conduct


async def _carry_out(
    fault: Fault | None, held: list[Message], scope: Scope, receive: Receive, send: Send
) -> None:
    kind = "" if fault is None else fault.kind
    if kind == "drop":
        await _reset(scope, receive)
        return
    if kind == "truncated":
        await _cut_short(held, scope, receive, send)
        return
    if fault is not None:
        if kind == "stall" and fault.processes:
            await asyncio.sleep(fault.seconds())
        elif kind in ("garbage", "html", "empty"):
            held = _unreadable(fault)
        elif kind.isdigit():
            held = _status(fault, str(scope["path"]))
    for message in held:
        await send(message)


def _answer(status: int, body: bytes, media_type: str, **headers: str) -> list[Any]:
    named = {"content-type": media_type, "content-length": str(len(body)), **headers}
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in named.items()]
    return [
        {"type": "http.response.start", "status": status, "headers": raw},
        {"type": "http.response.body", "body": body, "more_body": False},
    ]


def _unreadable(fault: Fault) -> list[Any]:
    if fault.kind == "html":
        return _answer(int(fault.argument or 502), _PAGE, "text/html")
    return _answer(200, _GARBAGE if fault.kind == "garbage" else b"", "application/json")


def _status(fault: Fault, path: str) -> list[Any]:
    """A status as the products' web framework writes errors; the argument becomes Retry-After."""
    status = int(fault.kind)
    body = f'{{"status":{status},"error":"told to answer so","path":"{path}"}}'.encode()
    headers = {}
    if status in (429, 503) and fault.argument:
        headers["retry_after"] = fault.argument
    if status // 100 == 3:
        headers["location"] = fault.argument or "http://127.0.0.1:9/moved"
    return _answer(status, body, "application/json", **headers)


async def _reset(scope: Scope, receive: Receive) -> None:
    """Close with RST, then wait until the server has noticed, so that it does not answer 500 itself."""
    transport: Any = scope["state"].get("transport")
    if transport is None:
        raise RuntimeError("no connection to drop: serve the sandbox with its own protocol")
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    transport.abort()
    await _gone(receive)


async def _cut_short(held: list[Message], scope: Scope, receive: Receive, send: Send) -> None:
    """Announce the whole body, send half of it, close."""
    start: Any = held[0]
    body = b"".join(
        message.get("body", b"") for message in held[1:] if message["type"] == "http.response.body"
    )
    await send(start)
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    transport: Any = scope["state"].get("transport")
    if transport is not None:
        transport.close()
        await _gone(receive)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
