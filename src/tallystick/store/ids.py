"""Identifiers: those that sort by the time they were made (UUID version 7, RFC 9562), and random ones.

They are of asyncpg's class, which is a `uuid.UUID` that is made and written ten times as fast.
"""

import os
import threading
import time
from uuid import UUID

from asyncpg.pgproto import pgproto

__all__ = ["new", "of", "random"]

_lock = threading.Lock()
_last = 0


def new() -> UUID:
    """A new UUIDv7. Within one process each is greater than the one before, whatever the clock does.

    48 bits of milliseconds, 12 bits of the fraction (method 3 of the RFC), 62 random bits.
    """
    global _last  # noqa: PLW0603 -- the order must hold across all callers of the process
    nanoseconds = time.time_ns()
    stamp = (nanoseconds // 1_000_000 << 12) | (nanoseconds % 1_000_000 * 4096 // 1_000_000)
    with _lock:
        _last = stamp = max(stamp, _last + 1)
    head = (stamp >> 12) << 16 | 7 << 12 | stamp & 0xFFF
    tail = int.from_bytes(os.urandom(8), "big") & (1 << 62) - 1 | 2 << 62
    return of((head << 64 | tail).to_bytes(16, "big"))


def random() -> UUID:
    """A new UUIDv4: 122 random bits, which say nothing of when it was made."""
    body = bytearray(os.urandom(16))
    body[6] = body[6] & 0x0F | 0x40
    body[8] = body[8] & 0x3F | 0x80
    return of(bytes(body))


def of(body: bytes) -> UUID:
    """The UUID of these 16 bytes."""
    made: UUID = pgproto.UUID(body)
    return made
