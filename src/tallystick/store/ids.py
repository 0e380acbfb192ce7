"""Identifiers that sort by the time they were made (UUID version 7, RFC 9562)."""

import os
import threading
import time
from uuid import UUID

__all__ = ["new"]

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
    random = int.from_bytes(os.urandom(8), "big") & (1 << 62) - 1
    return UUID(int=(stamp >> 12) << 80 | 7 << 76 | (stamp & 0xFFF) << 64 | 2 << 62 | random)
