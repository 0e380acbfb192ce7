"""I7, the bodies outside the log: each that an entry names is there, whole and unchanged, or was erased."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from tallystick.flows.fsck.report import Finding
from tallystick.flows.fsck.story import Body, named

__all__ = ["bodies"]


def bodies(entries: Sequence[dict[str, Any]], kept: Mapping[UUID, Body], stream: str) -> Iterator[Finding]:
    """Whatever is wrong with the bodies that a stream's entries name."""
    for entry in entries:
        place = f"{stream} entry {entry.get('stream_seq')}"
        for id_, item in named(entry):
            where = f"object {id_} ({item.get('name')}) of {place}"
            body = kept.get(id_)
            if body is None:
                yield Finding("I7", "the body is missing", where)
            else:
                yield from _compared(body, item, str(entry.get("tenant")), where)


def _compared(body: Body, item: dict[str, Any], tenant: str, where: str) -> Iterator[Finding]:
    said = {
        "tenant": (tenant, body.tenant),
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
            yield Finding("I7", f"its {name} is not what the log says", where)
