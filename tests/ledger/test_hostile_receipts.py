"""A hostile archive is called broken: quickly, in little memory, and without an exception."""

import io
import random
import struct
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.test_receipt import KEY, NAME, SIGNER, STREAM, packed, story
from tallystick.ledger import receipt, verifier
from yardstick import second

MEGABYTE = 1 << 20


def archive(*files: tuple[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", how, compresslevel=9) as opened:
        for name, body in files:
            opened.writestr(name, body)
    return buffer.getvalue()


def many_files(count: int) -> bytes:
    """A central directory of `count` files without any file."""
    one = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 33, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0)
    names = b"".join(one + b"%08d" % number for number in range(count))
    return names + struct.pack(
        "<4s4H2LH", b"PK\x05\x06", 0, 0, count % 65536, count % 65536, len(names), 0, 0
    )


def overlapping(count: int) -> bytes:
    """One packed file that the directory names `count` times over."""
    body = archive(("a", b"\0" * 4 * MEGABYTE))
    at = body.index(b"PK\x01\x02")
    entry = body[at : body.index(b"PK\x05\x06")]
    names = b"".join(entry[:28] + struct.pack("<H", 6) + entry[30:46] + b"%06d" % n for n in range(count))
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(names), at, 0)
    return body[:at] + names + end


def zeros(megabytes: int) -> bytes:
    return b"\0" * megabytes * MEGABYTE


def brackets(megabytes: int) -> bytes:
    return b'{"a":[' + b"[]," * (megabytes * MEGABYTE // 3) + b"[]]}"


BOMBS: dict[str, Callable[[], bytes]] = {
    "many large files": lambda: archive(*((f"objects/{n}", zeros(10)) for n in range(7))),
    "large entries": lambda: archive(*((f"entries/{n:06d}.json", zeros(10)) for n in range(1, 4))),
    "an entry of brackets": lambda: archive(("entries/000001.json", brackets(10))),
    "an entry of fewer brackets": lambda: archive(("entries/000001.json", brackets(2))),
    "a large manifest": lambda: archive(("MANIFEST", zeros(40))),
    "many small files": lambda: archive(*((f"{n}", b"") for n in range(60_000))),
    "a directory of a million files": lambda: many_files(1_000_000),
    "files that overlap": lambda: overlapping(5_000),
    "lzma": lambda: archive(("entries/000001.json", b"{}"), how=zipfile.ZIP_LZMA),
    "bzip2": lambda: archive(("entries/000001.json", zeros(1)), how=zipfile.ZIP_BZIP2),
    "deep JSON": lambda: archive(("entries/000001.json", b"[" * 100_000)),
    "huge number": lambda: archive(("entries/000001.json", b'{"v":' + b"9" * 100_000 + b"}")),
    "names of two lines": lambda: archive(("a\nb", b"")),
    "a zip in a zip": lambda: archive(("a.zip", archive(("a", zeros(40))))),
    "nothing": lambda: b"",
    "half": lambda: packed(*story(3))[:1000],
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_called_broken_in_a_moment_and_in_little_memory(tmp_path: Path, name: str) -> None:
    path = tmp_path / "receipt.zip"
    path.write_bytes(BOMBS[name]())
    program = Path(verifier.__file__)
    limited = "import resource,runpy,sys; resource.setrlimit(resource.RLIMIT_AS, (150 << 20,) * 2); "
    began = time.monotonic()

    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", limited + f"sys.argv = ['verify', {str(path)!r}]; "
         f"runpy.run_path({str(program)!r}, run_name='__main__')"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (1, ""), done.stderr[-500:]
    assert done.stdout.startswith("broken: ")
    assert time.monotonic() - began < 4 * second()


def test_mutilated_archives_raise_nothing(tmp_path: Path) -> None:
    body, chance, path = packed(*story(2)), random.Random(20260727), tmp_path / "receipt.zip"
    said = set()
    for _ in range(1_000):
        mutilated = bytearray(body)
        for _ in range(chance.choice((1, 1, 2, 8))):
            mutilated[chance.randrange(len(body) - 1200, len(body))] = chance.randrange(256)
        path.write_bytes(mutilated)
        said.add(str(verifier.verify(str(path), KEY)["word"]))
    assert "broken" in said
    assert said <= {"broken", "complete"}


def test_a_receipt_with_answers_that_pack_too_well_is_still_complete(tmp_path: Path) -> None:
    entries, objects = story(1)
    path = tmp_path / "receipt.zip"
    pages = {f"answer-{n}.http": b"\0" * 16 * MEGABYTE for n in range(5)}
    path.write_bytes(receipt.pack(STREAM, entries, objects, pages, "2026-11-20T00:00:00Z", NAME, SIGNER))

    assert verifier.verify(str(path), KEY)["word"] == "complete"
