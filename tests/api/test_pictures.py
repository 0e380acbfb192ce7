"""QR codes as a caller gets them: pictures that read back as the text, and none where there is none."""

import asyncio
import shutil
import struct
import subprocess
import zlib
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from lxml import etree

from api.conftest import Actor, default_invoice, with_code
from tallystick.flows import picture
from tallystick.flows.gateway import Gateway

TEXT = "code of the till"


@pytest.fixture
async def printed(gateway: Gateway, alice: Actor) -> str:
    """The path of an invoice whose document carries a code."""
    made = await alice.post("/v1/invoices", json=default_invoice())
    await with_code(gateway, alice, UUID(made.json()["id"]))
    return f"/v1/invoices/{made.json()['id']}"


def side(png: bytes) -> int:
    """The picture's width, after a look at its checksums and height."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    assert width == height
    assert zlib.crc32(png[12:29]) == int.from_bytes(png[29:33], "big")
    return int(width)


async def test_the_code_is_shown_with_the_invoice_and_among_its_artefacts(alice: Actor, printed: str) -> None:
    shown: Any = (await alice.get(printed)).json()
    listed: Any = (await alice.get(f"{printed}/artifacts")).json()

    assert shown["qr"] == TEXT
    assert listed["qr"] == {kind: f"{printed}/qr.{kind}" for kind in ("png", "svg", "txt")}
    assert (await alice.get(f"{printed}/qr.txt")).text == TEXT


async def test_scale_and_error_correction_are_the_callers(alice: Actor, printed: str) -> None:
    small, large, strong = [
        (await alice.get(f"{printed}/qr.png", params=params)).content
        for params in ({"scale": "1"}, {"scale": "8"}, {"scale": "1", "error": "h"})
    ]

    assert side(large) == 8 * side(small)
    assert side(strong) > side(small)  # more redundancy takes more room
    assert side(small) == 21 + 4 * 1 + 2 * picture.BORDER  # version 2 holds 16 bytes at M


async def test_the_drawing_is_a_picture_for_the_web(alice: Actor, printed: str) -> None:
    answer = await alice.get(f"{printed}/qr.svg")

    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert etree.fromstring(answer.content).tag == "{http://www.w3.org/2000/svg}svg"
    again = await alice.get(f"{printed}/qr.svg", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("query", [{"scale": "0"}, {"scale": "41"}, {"scale": "x"}, {"error": "z"}])
async def test_what_cannot_be_drawn_is_refused(alice: Actor, printed: str, query: dict[str, str]) -> None:
    answer = await alice.get(f"{printed}/qr.png", params=query)

    assert (answer.status_code, answer.json()["code"]) == (400, "request/invalid-parameter")


async def test_a_document_without_a_code_has_no_picture(alice: Actor) -> None:
    made = await alice.post("/v1/invoices", json=default_invoice())

    for kind in ("png", "svg", "txt"):
        answer = await alice.get(f"/v1/invoices/{made.json()['id']}/qr.{kind}")
        assert (answer.status_code, answer.json()["code"]) == (404, "resource/not-found")


async def test_a_text_that_fits_into_no_code_is_said_to(gateway: Gateway) -> None:
    with pytest.raises(picture.TooLong):
        await picture.drawn("x" * 2000, "png", "h", 1)

    assert side(await picture.drawn("x" * 2000, "png", "m", 1)) > 100


@pytest.mark.skipif(shutil.which("zbarimg") is None, reason="zbarimg is not installed")
async def test_a_reader_reads_the_picture(alice: Actor, printed: str, tmp_path: Path) -> None:
    (tmp_path / "code.png").write_bytes((await alice.get(f"{printed}/qr.png")).content)

    command = ["zbarimg", "--quiet", "--raw", str(tmp_path / "code.png")]
    read = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=True)

    assert read.stdout.strip() == TEXT


def test_the_terminal_gets_two_rows_to_a_line() -> None:
    lines = picture.in_terminal(TEXT).splitlines()

    assert 10 <= len(lines) <= 20
