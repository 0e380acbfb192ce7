"""Following a stream from its first entry: numbers without gaps, links that meet, canonical bytes."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from tallystick.ledger.entry import GENESIS, Entry, entry_hash, read_entry

__all__ = ["Break", "follow"]


class Break(Struct, frozen=True):
    """Where a stream breaks: the place (from 1) of the entry, and why."""

    place: int
    reason: str


def follow(bodies: Iterable[bytes]) -> Iterator[Entry | Break]:
    """Every entry of one stream in order, and a Break for each altered, missing, extra or displaced one."""
    previous, stream = GENESIS, None
    for place, body in enumerate(bodies, 1):
        try:
            entry = read_entry(body)
        except ValueError as error:
            previous = entry_hash(body).hex()
            yield Break(place, f"unreadable: {error}")
            continue
        stream = stream or identity(entry)
        yield from faults(entry, place, previous, stream)
        previous = entry_hash(body).hex()
        yield entry


def identity(entry: Entry) -> tuple[str, str, str]:
    """Which stream an entry belongs to."""
    return entry.tenant, entry.stream_kind, entry.stream_id


def faults(entry: Entry, place: int, previous: str, stream: tuple[str, str, str]) -> Iterator[Break]:
    """What is wrong with an entry at its place."""
    if entry.stream_seq != place:
        yield Break(place, f"stands at place {place} but says {entry.stream_seq}")
    if entry.prev_hash != previous:
        yield Break(place, "does not link to the entry before it")
    if identity(entry) != stream:
        yield Break(place, "belongs to another stream")
