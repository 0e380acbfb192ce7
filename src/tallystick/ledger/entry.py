"""One entry of the log: what it holds, its bytes, its hash.

The bytes are kept and hashed exactly as written. An entry holds no name, address, tax identifier or token:
the bodies of exchanges stand outside as objects, named here by salted digests, so that they can be erased one
day without breaking a proof.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias, get_args

import msgspec
from msgspec import Struct

from tallystick.ledger.canon import OutsideProfile, canonical

__all__ = [
    "DOMAIN",
    "GENESIS",
    "STREAM_KINDS",
    "VERSION",
    "Entry",
    "ObjectRef",
    "StreamKind",
    "Value",
    "entry_bytes",
    "entry_hash",
    "object_digest",
    "read_entry",
]

VERSION: Final = 1
DOMAIN: Final = b"tallystick/log-entry/v1\n"
GENESIS: Final = "0" * 64

StreamKind: TypeAlias = Literal["invoice", "registration", "key", "system", "tenant"]
STREAM_KINDS: Final[tuple[str, ...]] = get_args(StreamKind)
Value: TypeAlias = str | int | bool | list[str] | None


class ObjectRef(Struct, frozen=True, kw_only=True):
    """A body outside the log: `digest` = SHA-256(salt ‖ body) and `salt` in hex, `size` in bytes."""

    digest: str
    media: str
    name: str
    salt: str
    size: int


class Entry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One notch. `at` is the database's time as YYYY-MM-DDTHH:MM:SS.ffffffZ; `tenant` and `stream_id` are
    UUIDs.

    `stream_seq` counts from 1 in its stream; `prev_hash` is the hash of the entry before (GENESIS for the
    first). `endpoint` is an address without query; `attempt` the running number of the attempt it belongs to,
    if any. `terminal` says that nothing more is expected in this stream. `data` of an entry that changes an
    invoice's state always holds `processing_status` and `authority_status` as they are after it.
    """

    tenant: str
    stream_kind: StreamKind
    stream_id: str
    stream_seq: int
    prev_hash: str
    event: str
    at: str
    actor: str
    authority: str | None = None
    endpoint: str | None = None
    attempt: int | None = None
    data: Mapping[str, Value] = {}
    objects: tuple[ObjectRef, ...] = ()
    terminal: bool = False
    v: int = VERSION


DECODER: Final = msgspec.json.Decoder(Entry)


def plain(entry: Entry) -> dict[str, Any]:
    """The entry as plain JSON data."""
    built: dict[str, Any] = msgspec.structs.asdict(entry)
    built["data"] = dict(entry.data)
    built["objects"] = [msgspec.structs.asdict(item) for item in entry.objects]
    return built


def entry_bytes(entry: Entry) -> bytes:
    """The entry's canonical bytes. Raises OutsideProfile for data that the log does not hold."""
    for value in entry.data.values():
        if isinstance(value, dict):
            raise OutsideProfile("data is flat")
    return canonical(plain(entry))


def entry_hash(entry: bytes) -> bytes:
    """32 bytes: SHA-256 over the domain line and the entry's bytes."""
    return hashlib.sha256(DOMAIN + entry).digest()


def read_entry(body: bytes) -> Entry:
    """The entry of these bytes. Raises ValueError unless they are exactly what `entry_bytes` would write."""
    entry = DECODER.decode(body)
    if entry.v != VERSION:
        raise ValueError(f"entry version {entry.v} is not known")
    if entry_bytes(entry) != body:
        raise ValueError("the entry's bytes are not canonical")
    return entry


def object_digest(salt: bytes, body: bytes) -> bytes:
    """32 bytes: SHA-256(salt ‖ body). The salt (16 random bytes) keeps an erased body from being guessed."""
    hasher = hashlib.sha256(salt)
    hasher.update(body)
    return hasher.digest()
