"""No disguise of an inside address gets past the guard."""

import asyncio
import ipaddress
import socket

import httpcore
import pytest

from tallystick.webhooks.guard import Forbidden, Guard, public
from tallystick.webhooks.sender import Sender

INSIDE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "192.0.0.8",
    "192.88.99.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fc00::1",
    "fec0::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "64:ff9b:1::7f00:1",
    "::127.0.0.1",
    "::a00:1",
    "::ffff:0:127.0.0.1",
    "4000::1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "100::1",
    "3fff::1",
    "5f00::1",
    "2001:db8::1",
]


@pytest.mark.parametrize("text", INSIDE)
def test_what_is_not_public_is_refused(text: str) -> None:
    assert not public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "64:ff9b::808:808"])
def test_what_is_public_is_allowed(text: str) -> None:
    assert public(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:443/",
        "http://2130706433:443/",
        "http://0x7f.1:443/",
        "http://0177.0.0.1:443/",
        "http://[::ffff:127.0.0.1]:443/",
        "http://localhost:443/",
        "https://localhost/",
    ],
)
async def test_spellings_of_localhost_reach_nobody(url: str) -> None:
    async with Sender(Guard((443,)), 3) as sender:
        told = await sender.post(url, {}, b"{}")

    assert told.forbidden or told.status is None
    assert not told.good


async def test_a_port_that_is_not_permitted_is_refused() -> None:
    with pytest.raises(Forbidden, match="port 22"):
        await Guard((443,)).connect_tcp("8.8.8.8", 22)


async def test_one_inside_address_among_many_spoils_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolve(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(2, 1, 6, "", (text, 443)) for text in ("8.8.8.8", "127.0.0.1")]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)

    with pytest.raises(Forbidden, match="not a public address"):
        await Guard((443,)).connect_tcp("two-faced.example", 443)


async def test_the_address_that_was_judged_is_the_one_that_is_dialled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A name that answers differently the second time is never asked a second time."""
    asked: list[str] = []
    dialled: list[str] = []

    async def resolve(host: str, *_: object, **__: object) -> list[tuple[object, ...]]:
        asked.append(host)
        return [(2, 1, 6, "", ("8.8.8.8" if len(asked) == 1 else "127.0.0.1", 443))]

    async def dial(self: object, host: str, *_: object, **__: object) -> None:
        dialled.append(host)
        raise httpcore.ConnectError("far away")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
    monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", dial)

    with pytest.raises(httpcore.ConnectError):
        await Guard((443,)).connect_tcp("rebinding.example", 443)

    assert (asked, dialled) == (["rebinding.example"], ["8.8.8.8"])


async def test_a_name_without_an_address_is_no_exception() -> None:
    async with Sender(Guard((443,)), 3) as sender:
        told = await sender.post("https://no-such-name.invalid/", {}, b"{}")

    assert (told.status, told.good) == (None, False)


async def test_a_redirect_is_a_failure_and_is_not_followed() -> None:
    hits: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hits.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, Sender(Guard((), allow_private=True), 3) as sender:
        told = await sender.post(f"http://127.0.0.1:{port}/hook", {}, b"{}")

    assert (told.status, told.good, len(hits)) == (302, False, 1)


async def test_an_endless_answer_is_cut_and_a_silent_one_is_given_up() -> None:
    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            while True:
                writer.write(b"x" * 65536)
                await writer.drain()
        except OSError:
            pass

    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(30)

    for handler, good in ((flood, True), (silence, False)):
        server = await asyncio.start_server(handler, "127.0.0.1", 0, family=socket.AF_INET)
        port = server.sockets[0].getsockname()[1]
        async with Sender(Guard((), allow_private=True), 1) as sender:
            told = await asyncio.wait_for(sender.post(f"http://127.0.0.1:{port}/", {}, b"{}"), 5)
        server.close()
        assert told.good is good
