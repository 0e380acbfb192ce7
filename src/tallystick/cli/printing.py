"""What the command line says: results on standard output, everything else on standard error.

Exit statuses of every command: 0 all is good; 1 a document has faults, or it could not be done; 2 wrong
usage (also a file that cannot be read); 3 not at its end yet; 4 a signature nobody vouches for.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

__all__ = [
    "DONE",
    "FAULTY",
    "OPEN",
    "UNKNOWN_SIGNATURE",
    "USAGE",
    "Failure",
    "is_terminal",
    "progress",
    "say",
    "show",
    "show_json",
    "show_table",
    "write",
]

T = TypeVar("T")

DONE: Final = 0
FAULTY: Final = 1
USAGE: Final = 2
OPEN: Final = 3
UNKNOWN_SIGNATURE: Final = 4


class Failure(Exception):
    """The command ends here: a message for the user and the exit status."""

    def __init__(self, message: str, status: int = FAULTY) -> None:
        super().__init__(message)
        self.status = status


def is_terminal() -> bool:
    """Whether a person watches standard error."""
    return sys.stderr.isatty()


def say(text: str) -> None:
    """A line for the person, beside the result."""
    print(text, file=sys.stderr, flush=True)


def show(text: str) -> None:
    """A line of the result."""
    print(text, flush=True)


def show_json(value: object) -> None:
    """One JSON value on one line of the result."""
    print(json.dumps(value, ensure_ascii=False, default=str), flush=True)


def write(body: bytes) -> None:
    """The result as it is, with a line end if it has none and a person looks at it."""
    sys.stdout.flush()
    sys.stdout.buffer.write(body)
    if sys.stdout.isatty() and not body.endswith(b"\n"):
        sys.stdout.buffer.write(b"\n")
    sys.stdout.buffer.flush()


def show_table(titles: Sequence[str], rows: Iterable[Sequence[str]], *, as_json: bool = False) -> None:
    """Rows under titles: aligned for people, one JSON object a row with `as_json`."""
    found = [list(map(str, row)) for row in rows]
    if as_json:
        for row in found:
            show_json(dict(zip((title.lower().replace(" ", "_") for title in titles), row, strict=True)))
        return
    widths = [max(map(len, column)) for column in zip(titles, *found, strict=True)]
    for row in [list(titles), *found]:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        show("  ".join(cells).rstrip())


def progress(things: Sequence[T], what: str) -> Iterator[T]:
    """The things one by one, with a bar on a terminal when there are many."""
    if not is_terminal() or len(things) < 20:
        yield from things
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(things, what, console=Console(stderr=True), transient=True)


def plain(value: Mapping[str, Any]) -> dict[str, Any]:
    """The members that say anything."""
    return {name: member for name, member in value.items() if member not in (None, "", (), [], {})}
