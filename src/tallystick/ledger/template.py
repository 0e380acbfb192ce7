"""An entry with gaps that the database fills: its own time, and where the stream stands.

Only the database's clock counts, and only under its lock is the head of a stream known, so the bytes leave
here with marks in the place of `at`, `prev_hash` and `stream_seq`. The marks are raw control characters,
which JSON text never holds: nothing that an entry carries can be mistaken for one. Filled, the text is byte
for byte what `entry_bytes` writes.
"""

from typing import Final

import msgspec

from tallystick.ledger.entry import GENESIS, Entry, entry_bytes

__all__ = ["AT", "PREVIOUS", "SEQUENCE", "fill", "template"]

AT: Final = "\x01"
PREVIOUS: Final = "\x02"
SEQUENCE: Final = "\x03"


def template(entry: Entry) -> str:
    """The entry's text with marks; what it holds as `at`, `prev_hash` and `stream_seq` is not looked at.

    Raises OutsideProfile for data that the log does not hold.
    """
    text = entry_bytes(msgspec.structs.replace(entry, at="", prev_hash=GENESIS, stream_seq=0)).decode()
    # `at` comes before everything but `actor`, the other two after all that a caller can fill with keys.
    head, _, rest = text.partition('"at":""')
    middle, _, tail = rest.rpartition(f'"prev_hash":"{GENESIS}"')
    between, _, end = tail.rpartition('"stream_seq":0')
    return f'{head}"at":"{AT}"{middle}"prev_hash":"{PREVIOUS}"{between}"stream_seq":{SEQUENCE}{end}'


def fill(text: str, at: str, previous: str, sequence: int) -> bytes:
    """The entry's bytes: what the database makes of a template."""
    return text.replace(AT, at).replace(PREVIOUS, previous).replace(SEQUENCE, str(sequence)).encode()
