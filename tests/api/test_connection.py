"""Raw bytes on a connection: limits of what is no body, wishes for other protocols, and what is no HTTP."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from tallystick.api.connection import LONGEST_HEAD, Connection

Talk = Callable[..., Awaitable[bytes]]

WISH = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answers with method, path, the header `x-kept`, and how long the body was."""
    size, more = 0, True
    while more:
        message = await receive()
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    kept = dict(scope["headers"]).get(b"x-kept", b"-").decode()
    body = f"{scope['method']} {scope['path']} {kept} {size};".encode()
    head = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
async def talk() -> AsyncIterator[Talk]:
    """Sends pieces of bytes on one connection, each after a pause, and gives back all that was answered."""
    config = uvicorn.Config(echo, ws="none", log_config=None)
    made = partial(Connection, config, ServerState(), {})
    server = await asyncio.get_running_loop().create_server(made, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    async def say(*pieces: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        heard = asyncio.create_task(all_of(reader))
        with suppress(OSError):
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0.02)
            writer.write_eof()
        try:
            return await asyncio.wait_for(heard, 5)
        finally:
            writer.close()

    yield say
    server.close()


async def all_of(reader: asyncio.StreamReader) -> bytes:
    heard = b""
    with suppress(OSError):
        while part := await reader.read(65536):
            heard += part
    return heard


async def test_requests_on_one_connection_are_answered_one_after_the_other(talk: Talk) -> None:
    one = b"POST /a HTTP/1.1\r\nHost: x\r\nX-Kept: yes\r\nContent-Length: 3\r\n\r\nabc"
    two = b"POST /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n"
    heard = await talk(one + two, b"GET /c HTTP/1.1\r\nHo", b"st: x\r\n\r\n")
    assert heard.count(b"HTTP/1.1 200 OK") == 3
    assert [heard.find(text) > 0 for text in (b"POST /a yes 3;", b"POST /b - 4;", b"GET /c - 0;")] == [
        True
    ] * 3


async def test_a_body_may_be_longer_than_a_head(talk: Talk) -> None:
    size = 5 * LONGEST_HEAD
    head = b"POST /long HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % size
    assert f"POST /long - {size};".encode() in await talk(head + b"x" * size)


@pytest.mark.parametrize(
    "piece",
    [b"a" * 8192, b"a: b\r\n" * 1365],
    ids=["one header without an end", "headers without an end"],
)
async def test_a_head_without_an_end_is_refused(talk: Talk, piece: bytes) -> None:
    heard = await talk(b"GET / HTTP/1.1\r\nHost: x\r\na: ", *[piece] * 9)
    assert heard.startswith(b"HTTP/1.1 400 Bad Request") and heard.count(b"HTTP/1.1") == 1


async def test_a_head_of_less_than_the_limit_is_read(talk: Talk) -> None:
    heard = await talk(b"GET / HTTP/1.1\r\nHost: x\r\na: ", *[b"a" * 8192] * 7, b"\r\nX-Kept: end\r\n\r\n")
    assert b"GET / end 0;" in heard


@pytest.mark.parametrize(
    "piece", [b"a: b\r\n" * 1365, b"a" * 8192], ids=["trailers", "one trailer without an end"]
)
async def test_trailers_without_an_end_are_refused(talk: Talk, piece: bytes) -> None:
    begun = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\na: "
    assert b"400 Bad Request" in await talk(begun, *[piece] * 9)


@pytest.mark.parametrize(
    "sent",
    [b"Content-Length: 5\r\n\r\nhello", b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"],
    ids=["sized", "chunked"],
)
async def test_a_wish_for_another_protocol_costs_no_body(talk: Talk, sent: bytes) -> None:
    request = b"POST /x?y HTTP/1.1\r\nHost: x\r\nX-Kept: yes\r\n" + WISH + sent
    assert (await talk(request, request)).count(b"POST /x yes 5;") == 2
    assert (await talk(request + request)).count(b"POST /x yes 5;") == 2
    halves = request[:30], request[30:-3], request[-3:] + request
    assert (await talk(*halves)).count(b"POST /x yes 5;") == 2


async def test_a_wish_does_not_keep_a_connection_that_should_close(talk: Talk) -> None:
    closing = WISH.replace(b"Connection: ", b"Connection: close, ")
    request = b"GET /x HTTP/1.1\r\nHost: x\r\n" + closing + b"\r\n"
    heard = await talk(request, request)
    assert heard.count(b"GET /x - 0;") == 1 and b"connection: close" in heard


@pytest.mark.parametrize(
    "request_",
    [
        b"CONNECT evil:443 HTTP/1.1\r\nHost: evil\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        b"GET / HTTP/1.1\r\nHost: x\r\na\x00: b\r\n\r\n",
        b"GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET \xff HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=["connect", "tls", "two framings", "two lengths", "zero byte", "no address", "no path"],
)
async def test_what_is_no_request_of_ours_is_refused_and_the_next_is_served(
    talk: Talk, request_: bytes
) -> None:
    heard = await talk(request_)
    assert heard.startswith(b"HTTP/1.1 400 Bad Request") and b"connection: close" in heard
    assert b"GET /next - 0;" in await talk(b"GET /next HTTP/1.1\r\nHost: x\r\n\r\n")
