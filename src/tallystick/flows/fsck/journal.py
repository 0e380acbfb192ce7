"""What others wrote down: journals of one JSON object a line."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tallystick.flows.fsck.proof import parsed

__all__ = ["lines"]


def lines(path: Path | None) -> Iterator[dict[str, Any]]:
    """The journal's events in order. A last line without an end was never finished: it says nothing.

    Raises ValueError for any other line that is no JSON object, OSError when the file cannot be read.
    """
    if path is None:
        return
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            event = parsed(line)
            if isinstance(event, dict):
                yield event
            elif line.endswith(b"\n"):
                raise ValueError(f"{path.name} line {number} is no JSON object")
