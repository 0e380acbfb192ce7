"""The sandbox's journals: one JSON line per event, on the disk before the answer leaves."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import msgspec


def now(ahead: float = 0.0) -> str:
    """The present moment (or one `ahead` seconds later) as the journals write it, UTC with microseconds."""
    return (datetime.now(UTC) + timedelta(seconds=ahead)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Journal:
    """Append-only events, in memory and (with a path) in a file.

    An event is flushed and synced before `write` returns. A last line cut off by a crash is an event
    nobody was answered for: it is dropped when the file is opened again.
    """

    def __init__(self, path: Path | None) -> None:
        self.events: list[dict[str, Any]] = []
        self._file: BinaryIO | None = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("a+b")
            self._restore(self._file)

    def _restore(self, file: BinaryIO) -> None:
        file.seek(0)
        whole, newline, _cut = file.read().rpartition(b"\n")
        for line in whole.splitlines():
            self.events.append(msgspec.json.decode(line, type=dict[str, Any]))
        file.truncate(len(whole) + len(newline))

    def write(self, event: dict[str, Any]) -> dict[str, Any]:
        """Append one event, stamped with the time; it has reached the disk when this returns."""
        stamped = {"at": now(), **event}
        if self._file is not None:
            self._file.write(msgspec.json.encode(stamped) + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())
        self.events.append(stamped)
        return stamped

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None
