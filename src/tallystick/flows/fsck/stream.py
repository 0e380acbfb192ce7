"""I7, the links: places without gap, every entry's bytes give its hash, every entry names the one before."""

from collections.abc import Iterator, Sequence
from typing import Any

from tallystick.flows.fsck.proof import GENESIS, canonical, notch, parsed, stamp
from tallystick.flows.fsck.report import Finding, entry_of
from tallystick.store.fsck import Row

__all__ = ["links", "read"]


def read(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The entries as JSON; one that cannot be read is empty."""
    found = (parsed(row["entry"]) for row in rows)
    return [entry if isinstance(entry, dict) else {} for entry in found]


def links(rows: Sequence[Row], entries: Sequence[dict[str, Any]]) -> Iterator[Finding]:
    """Whatever is wrong with one stream's chain, entry by entry. `rows` in the order of their places."""
    before, expected = GENESIS, 1
    for row, entry in zip(rows, entries, strict=True):
        place = row["stream_seq"]
        where = entry_of(row["stream_kind"], row["stream_id"], place)
        if place > expected:
            yield Finding("I7", f"missing: the entry before it is number {expected - 1}", where)
        elif place < expected:
            yield Finding("I7", "its place is taken twice", where)
        if notch(row["entry"]) != row["hash"]:
            yield Finding("I7", "its bytes do not give its hash", where)
        if row["prev_hash"] != before:
            yield Finding("I7", "it does not follow the entry before it", where)
        yield from _told(row, entry, where)
        before, expected = row["hash"], place + 1


def _told(row: Row, entry: dict[str, Any], where: str) -> Iterator[Finding]:
    """What the entry says of itself must be what its row says, and its bytes the canonical ones."""
    if not entry or canonical(entry) != row["entry"]:
        yield Finding("I7", "its bytes are not canonical JSON", where)
        return
    said = {
        "tenant": str(row["tenant_id"]),
        "stream_kind": row["stream_kind"],
        "stream_id": str(row["stream_id"]),
        "stream_seq": row["stream_seq"],
        "prev_hash": row["prev_hash"].hex(),
        "at": stamp(row["at"]),
        "v": 1,
    }
    for name, value in said.items():
        if entry.get(name) != value:
            yield Finding("I7", f"its bytes say another {name} than its row", where)
