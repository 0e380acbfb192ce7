"""What is printed can be read: a reader that knows nothing of us finds the code in each picture."""

import asyncio
import importlib.util
import json
import shutil
import struct
import subprocess
import zlib
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

import pytest

from tallystick.flows import picture
from unit.strategies.sa_zatca.cases import CASES

MISSING = "" if importlib.util.find_spec("zxingcpp") else "zxing-cpp is not installed"
MARKS = {path.parent.name: json.loads(path.read_bytes()) for path in sorted(CASES.glob("*/marks.json"))}
CODES = {name: marks["marks"]["qr"] for name, marks in MARKS.items()}


def printed(text: str) -> bytes:
    """The PNG as it is handed out when nothing else is asked for."""
    return asyncio.run(picture.drawn(text, "png", "m", 4))


def rows_of(png: bytes) -> Iterator[bytes]:
    """The pixels of a black-and-white PNG, a byte each, row by row."""
    at, data = 8, b""
    while at < len(png):
        (size,) = struct.unpack(">I", png[at : at + 4])
        kind, content = png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", content[:10])
            assert (depth, colour) == (1, 0)
        data += content if kind == b"IDAT" else b""
        at += size + 12
    data, stride, above = zlib.decompress(data), (width + 7) // 8, bytes((width + 7) // 8)
    for row in range(height):
        how, *packed = data[row * (stride + 1) : (row + 1) * (stride + 1)]
        assert how in (0, 2)
        above = bytes((one + other * (how == 2)) & 255 for one, other in zip(packed, above, strict=True))
        yield bytes(255 * (above[x >> 3] >> 7 - (x & 7) & 1) for x in range(width))


@pytest.mark.skipif(bool(MISSING), reason=MISSING or "it is")
@pytest.mark.parametrize("case", CODES)
def test_a_reader_reads_the_printed_code_of_each_fixture(case: str) -> None:
    import zxingcpp

    rows = list(rows_of(printed(CODES[case])))
    pixels = memoryview(b"".join(rows)).cast("B", (len(rows), len(rows[0])))

    (found,) = zxingcpp.read_barcodes(pixels)

    assert found.text == CODES[case]
    assert b64decode(found.text)[0] == 1, "the first tag is the seller's name"


@pytest.mark.skipif(shutil.which("zbarimg") is None, reason="zbarimg is not installed")
def test_zbarimg_reads_the_printed_code_of_each_fixture(tmp_path: Path) -> None:
    for case, text in CODES.items():
        (tmp_path / f"{case}.png").write_bytes(printed(text))
        command = ["zbarimg", "--quiet", "--raw", str(tmp_path / f"{case}.png")]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == text, case


def test_every_document_has_a_code() -> None:
    built = {path.parent.name for path in CASES.glob("*/wire.xml")}
    assert len(built) >= 40
    assert {name for name in built if name not in CODES} == set()
