"""The checker's own hashing and canonical JSON, on the standard library alone.

Written from the published format, not taken from the code that writes: a mistake made there is not repeated
here.
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any, Final

__all__ = ["GENESIS", "canonical", "compact", "notch", "parsed", "salted", "sha256", "stamp"]

GENESIS: Final = bytes(32)
_SORTED: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
_DECODE: Final = json.JSONDecoder().decode
_COMPACT: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def canonical(value: Any) -> bytes:
    """RFC 8785 bytes of JSON data with ASCII names and no floats; b"" for what has none."""
    return _bytes(_SORTED, value)


def compact(value: Any) -> bytes:
    """JSON without blanks, members in their order; b"" for what has none."""
    return _bytes(_COMPACT, value)


def _bytes(encoder: json.JSONEncoder, value: Any) -> bytes:
    try:
        return encoder.encode(value).encode()
    except (ValueError, RecursionError):  # a lone surrogate, a number that is none, a bomb
        return b""


def parsed(body: bytes) -> Any:
    """The JSON value of these bytes; None when they are none."""
    try:
        return _DECODE(body.decode())
    except (ValueError, RecursionError):
        return None


def notch(entry: bytes) -> bytes:
    """The hash of a log entry."""
    return hashlib.sha256(b"tallystick/log-entry/v1\n" + entry).digest()


def salted(salt: bytes, body: bytes) -> bytes:
    """The digest of an object."""
    return hashlib.sha256(salt + body).digest()


def sha256(body: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(body).hexdigest()


def stamp(at: datetime) -> str:
    """A time as entries write it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
