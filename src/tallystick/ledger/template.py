"""An entry with gaps that the database fills: its own time, and where a stream stands.

The database must write `at` (only its clock counts) and hash the result inside one statement. So the bytes
are cut at those members; the pieces, joined with the values, are byte for byte what `entry_bytes` writes.
"""

from typing import Final

import msgspec
from msgspec import Struct

from tallystick.ledger.entry import GENESIS, Entry, entry_bytes

__all__ = ["AT", "Template", "template"]

AT: Final = "\x01"  # JSON writes this character as \u0001 only, never raw, so its mark cannot occur in data
MARK: Final = rb'"at":"\u0001"'


class Template(Struct, frozen=True):
    """The bytes before and after the time: `before + b"2026-…Z" + after` is the entry."""

    before: bytes
    after: bytes

    def fill(self, at: str) -> bytes:
        """The entry's bytes at that time."""
        return self.before + at.encode() + self.after


def template(entry: Entry) -> Template:
    """The first entry of a stream, cut at its time. Raises ValueError unless it stands first."""
    if (entry.stream_seq, entry.prev_hash) != (1, GENESIS):
        raise ValueError("only the first entry of a stream can be cut: the others know the one before")
    before, mark, after = entry_bytes(msgspec.structs.replace(entry, at=AT)).partition(MARK)
    if not mark:
        raise ValueError("the entry has no time")
    return Template(before + b'"at":"', b'"' + after)
