"""The yardstick of every limit of time: what this machine needs, now, for a fixed piece of work.

A limit in seconds says nothing about a machine that nobody knows. Tests compare with `second()` instead: both
are taken in the same run, so what makes the machine slow makes the limit longer.
"""

import gc
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

__all__ = ["second", "undisturbed"]

_ORDINARY: Final = 0.016  # seconds of processor time for `_work` on two shared cores of 2024 at rest
_WORDS: Final = [{"name": f"n{number}", "lines": [str(number)] * 3} for number in range(10_000)]


def second() -> float:
    """Processor seconds in which this machine does now what an ordinary one does in a second; at least 1."""
    with undisturbed():
        return max(1.0, min(_work() for _ in range(3)) / _ORDINARY)


@contextmanager
def undisturbed() -> Iterator[None]:
    """What the process holds already is left alone by the collector: a full house slows nobody down."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _work() -> float:
    began = time.process_time()
    for entry in json.loads(json.dumps(_WORDS)):
        "".join(sorted(f"{key}={value!r}" for key, value in entry.items()))
    return time.process_time() - began
