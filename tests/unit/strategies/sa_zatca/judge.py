"""The official judge, for tests: a process that runs the authority's rule files."""

import atexit
import json
import subprocess
import sys
from functools import cache
from pathlib import Path

from msgspec import Struct

HERE = Path(__file__).parent
SHARED = (HERE.parents[3] / "../shared").resolve()
ABSENT = not (SHARED / "oracle" / "zatca_oracle.py").is_file()
WHY_ABSENT = "no ../shared beside this checkout: the official rules cannot judge here"


class Verdict(Struct, frozen=True):
    """What the official judge found: (number, severity) as often as it says so."""

    found: tuple[tuple[str, str], ...]
    schema: str
    crash: str


@cache
def _process() -> "subprocess.Popen[bytes]":
    process = subprocess.Popen(
        [sys.executable, str(HERE / "official_rules.py"), str(SHARED / "oracle")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    atexit.register(process.kill)
    return process


def judged(body: bytes) -> Verdict:
    """What the official rules say about a document."""
    process = _process()
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{len(body):08x}".encode() + body)
    process.stdin.flush()
    length = process.stdout.read(8)
    assert length, "the official judge has died"
    answer = json.loads(process.stdout.read(int(length, 16)))
    found = tuple((number, severity) for severity, number in answer["found"])
    return Verdict(found, answer["schema"], answer["crash"])
