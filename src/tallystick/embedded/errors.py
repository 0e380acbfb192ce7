"""What can go wrong with the embedded servers: one error, always with a way out in its text."""

from pathlib import Path


class EmbeddedError(Exception):
    """The embedded servers cannot run here; the text says why and what to do instead."""


def last_lines(log: Path, count: int = 20) -> str:
    """The end of a server's log, for an error message; empty when there is none."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-count:])
    except OSError:
        return ""
