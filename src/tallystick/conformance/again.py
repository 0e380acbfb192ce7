"""Builds every case once more, in a process of its own: `python -m tallystick.conformance.again CASES NAME…`.

Prints one JSON object: for each `name/case` a digest of everything that `check` and `build` gave. The kit
runs it in two processes that agree on nothing but the files, and compares.
"""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from tallystick.conformance.cases import Case, cases_of
from tallystick.conformance.judging import built, judge_case
from tallystick.strategies import load
from tallystick.strategy import Strategy

__all__ = ["digest", "elsewhere"]

WORLDS: Final = (
    {"PYTHONHASHSEED": "1", "TZ": "Etc/GMT+12", "LC_ALL": "C", "USER": "one", "HOME": "/one"},
    {
        "PYTHONHASHSEED": "4242",
        "TZ": "Pacific/Kiritimati",
        "LC_ALL": "C.UTF-8",
        "USER": "two",
        "HOME": "/two",
    },
)
"""Two processes with other hash seeds, other dates (26 hours apart), other locales and other environments."""


def digest(strategy: Strategy, case: Case, cases: Path) -> str:
    """SHA-256 over faults and document of a case, in hex."""
    judged = judge_case(strategy, case, cases)
    document = built(strategy, judged) if judged.good else None
    said = msgspec.json.encode([judged.faults, document], enc_hook=repr)
    return hashlib.sha256(said).hexdigest()


def digests(cases: Path, names: Iterable[str]) -> dict[str, str]:
    """The digests of every case of the strategies named, by `name/case`."""
    registry = load()
    return {
        f"{name}/{case.name}": digest(registry.by_name(name), case, cases)
        for name in names
        for case in cases_of(cases, name)
    }


def elsewhere(cases: Path, names: Iterable[str]) -> list[dict[str, str]]:
    """The digests as two other processes get them. Raises RuntimeError with what a failing one said."""
    command = [sys.executable, "-m", __name__, str(cases.resolve()), *names]
    path = os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)
    running = [
        subprocess.Popen(
            command,
            env={**os.environ, **world, "PYTHONPATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for world in WORLDS
    ]
    return [_answer(process) for process in running]


def _answer(process: subprocess.Popen[bytes]) -> dict[str, str]:
    printed, complaint = process.communicate(timeout=120)
    if process.returncode:
        raise RuntimeError(complaint.decode(errors="replace")[-2000:])
    return msgspec.json.decode(printed, type=dict[str, str])


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(digests(Path(sys.argv[1]), sys.argv[2:])))
