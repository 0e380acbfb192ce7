"""I7, the bodies outside the log: each that an entry names is there, whole and unchanged, or was erased."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tallystick.flows.fsck.report import Finding
from tallystick.flows.fsck.story import Body, named

__all__ = ["bodies"]


def bodies(entries: Sequence[dict[str, Any]], kept: Mapping[bytes, Body], stream: str) -> Iterator[Finding]:
    """Whatever is wrong with the bodies that a stream's entries name."""
    for entry in entries:
        for id_, item in named(entry):
            body = kept.get(id_)
            wrong = ["the body is missing"] if body is None else _compared(body, item, entry)
            for what in wrong:
                where = f"object {id_.hex()} ({item.get('name')}) of {stream} entry {entry.get('stream_seq')}"
                yield Finding("I7", what, where)


def _compared(body: Body, item: dict[str, Any], entry: dict[str, Any]) -> Iterator[str]:
    """In what a stored body is not as the log says."""
    said = {
        "tenant": (entry.get("tenant"), body.tenant),
        "digest": (item.get("digest"), body.digest),
        "size": (item.get("size"), body.size),
        "media type": (item.get("media"), body.media),
        "name": (item.get("name"), body.name),
    }
    if body.erased:
        said["bytes, being erased,"] = (None, body.salt or body.length)
    else:
        said["salt"] = (item.get("salt"), body.salt)
        said["body"] = (item.get("digest"), body.given)
        said["length"] = (item.get("size"), body.length)
    for name, (of_entry, of_row) in said.items():
        if of_entry != of_row:
            yield f"its {name} is not what the log says"
