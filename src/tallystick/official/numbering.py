"""The number of a finding whose rule has none of its own: publishers then write it into the message."""

import re
from typing import Final

__all__ = ["UNNUMBERED", "number_of"]

UNNUMBERED: Final = "unnumbered"
_NUMBER: Final = re.compile(r"\s*\[?([A-Za-z][A-Za-z0-9]*(?:[-_.][A-Za-z0-9]+)+)\]?")


def number_of(message: str) -> str:
    """The number at the beginning of a message, in brackets or not; `unnumbered` where there is none."""
    found = _NUMBER.match(message)
    return found[1] if found else UNNUMBERED
