"""The notches: an entry becomes canonical bytes, the bytes a hash, the hash the next entry's `prev_hash`.

Pure: no clock, no database, no randomness. The tree over the hashes and its signed checkpoints will stand
beside `entry` as `tree` and `checkpoint`; an entry's hash is their leaf data and needs no change for it.
"""

from tallystick.ledger.canon import OutsideProfile, canonical
from tallystick.ledger.chain import Break, follow
from tallystick.ledger.entry import (
    DOMAIN,
    GENESIS,
    STREAM_KINDS,
    VERSION,
    Entry,
    ObjectRef,
    Value,
    entry_bytes,
    entry_hash,
    object_digest,
    read_entry,
)
from tallystick.ledger.template import AT, PREVIOUS, SEQUENCE, fill, template

__all__ = [
    "AT",
    "DOMAIN",
    "GENESIS",
    "PREVIOUS",
    "SEQUENCE",
    "STREAM_KINDS",
    "VERSION",
    "Break",
    "Entry",
    "ObjectRef",
    "OutsideProfile",
    "Value",
    "canonical",
    "entry_bytes",
    "entry_hash",
    "fill",
    "follow",
    "object_digest",
    "read_entry",
    "template",
]
