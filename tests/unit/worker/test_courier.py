"""The courier dials permitted hosts only, and says truly whether anything can have been sent."""

import asyncio
import gzip
import socket
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from httpx import Request

from tallystick.flows.courier import MaybeSent, NotSent
from tallystick.worker.courier import MAX_ANSWER_BYTES, HttpCourier

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    """A server that treats each connection so; its host:port."""
    server = await asyncio.start_server(handler, "127.0.0.1", 0)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


def saying(answer: bytes) -> Handler:
    """Reads a request's head and says this, then closes."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    return handle


async def test_an_answer_comes_back_whole() -> None:
    said = saying(b"HTTP/1.1 422 No\r\nContent-Length: 4\r\nX-A: b\r\n\r\nbody")
    async with serving(said) as host, HttpCourier([host]) as courier:
        answer = await courier.send(Request("POST", f"http://{host}/x", content=b"in"), 2)

    assert (answer.status_code, answer.content, answer.headers["x-a"]) == (422, b"body", "b")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/", "http://localhost/", "ftp://127.0.0.1/", "http://u:p@127.0.0.1:1/"]
)
async def test_a_host_that_is_not_permitted_is_not_dialled(url: str) -> None:
    async with HttpCourier(["elsewhere.example:443"]) as courier:
        with pytest.raises(NotSent):
            await courier.send(Request("GET", url), 2)


async def test_a_closed_port_has_got_nothing() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{probe.getsockname()[1]}"
    async with HttpCourier([host]) as courier:
        with pytest.raises(NotSent):
            await courier.send(Request("GET", f"http://{host}/"), 2)


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", b"garbage\r\n\r\n", b"HTTP/1.1 "]
)
async def test_a_broken_answer_may_have_been_preceded_by_the_deed(answer: bytes) -> None:
    async with serving(saying(answer)) as host, HttpCourier([host]) as courier:
        with pytest.raises(MaybeSent):
            await courier.send(Request("POST", f"http://{host}/", content=b"x"), 2)


async def test_silence_is_given_up_in_time() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(30)

    async with serving(silent) as host, HttpCourier([host]) as courier:
        started = asyncio.get_running_loop().time()
        with pytest.raises(MaybeSent):
            await courier.send(Request("GET", f"http://{host}/"), 0.3)
        assert asyncio.get_running_loop().time() - started < 2


async def test_a_drip_of_bytes_does_not_stretch_the_limit() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        with pytest.raises(OSError, match=r"."):
            for _ in range(1000):
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.05)

    async with serving(drip) as host, HttpCourier([host]) as courier:
        with pytest.raises(MaybeSent):
            await courier.send(Request("GET", f"http://{host}/"), 0.4)


async def test_an_answer_too_long_is_cut_off() -> None:
    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            for _ in range(2 + MAX_ANSWER_BYTES // 65536):
                writer.write(b"x" * 65536)
                await writer.drain()
        except OSError:
            pass
        writer.close()

    async with serving(flood) as host, HttpCourier([host]) as courier:
        with pytest.raises(MaybeSent):
            await courier.send(Request("GET", f"http://{host}/"), 10)


def packed(body: bytes, encoding: str) -> bytes:
    """An answer in which `body` claims this encoding."""
    return (
        b"HTTP/1.1 200 OK\r\nContent-Encoding: %b\r\nContent-Length: %d\r\n\r\n"
        % (
            encoding.encode(),
            len(body),
        )
        + body
    )


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
async def test_a_compressed_answer_is_read_though_nobody_asked_for_it(encoding: str, pack: Any) -> None:
    async with (
        serving(saying(packed(pack(b"body" * 1000), encoding))) as host,
        HttpCourier([host]) as courier,
    ):
        answer = await courier.send(Request("GET", f"http://{host}/"), 2)

    assert answer.content == b"body" * 1000
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize("layers", ["gzip", "gzip, gzip", "gzip, gzip, gzip", "br", "zstd", "compress"])
async def test_a_compression_bomb_never_unfolds_in_memory(layers: str) -> None:
    bomb = b"\0" * (1 << 26)
    for _ in range(max(1, layers.count("gzip"))):
        bomb = gzip.compress(bomb, 9)
    async with serving(saying(packed(bomb, layers))) as host, HttpCourier([host]) as courier:
        tracemalloc.start()
        try:
            with pytest.raises(MaybeSent):
                await courier.send(Request("GET", f"http://{host}/"), 5)
            grown = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert grown < 3 * MAX_ANSWER_BYTES


async def test_a_redirect_is_an_answer_and_not_followed() -> None:
    moved = b"HTTP/1.1 303 Over\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"
    async with serving(saying(moved)) as host, HttpCourier([host]) as courier:
        assert (await courier.send(Request("GET", f"http://{host}/"), 2)).status_code == 303
