"""One at a time: whoever changes a shelf holds its lock. The system takes it back from whoever dies.

Readers need none: what they may see appears and goes in one step.
"""

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

from tallystick.official.errors import Unusable

__all__ = ["LOCK", "alone", "alone_at_once", "made"]

LOCK: Final = "lock"
PATIENCE: Final = 300.0  # seconds to wait for another who brings files; compiling them takes a few
PAUSE: Final = 0.05
BUSY: Final = "another process has been changing the artefacts for long: try again when it is done"


@contextlib.asynccontextmanager
async def alone(directory: Path, patience: float = PATIENCE) -> AsyncIterator[None]:
    """Hold the lock of a shelf, waiting `patience` seconds for it. Raises Unusable when that was too short,
    OSError where there can be no lock.
    """
    with _opened(directory) as handle:
        until = time.monotonic() + patience
        while not _free(handle, until):  # noqa: ASYNC110 -- what is awaited is another process
            await asyncio.sleep(PAUSE)
        yield


@contextlib.contextmanager
def alone_at_once(directory: Path, patience: float = PATIENCE) -> Iterator[None]:
    """`alone`, for those who are not awaited."""
    with _opened(directory) as handle:
        until = time.monotonic() + patience
        while not _free(handle, until):
            time.sleep(PAUSE)
        yield


def made(folder: Path) -> None:
    """Make a folder that everyone may read, where there is none."""
    with contextlib.suppress(FileExistsError):
        folder.mkdir(parents=True)
        folder.chmod(0o755)


@contextlib.contextmanager
def _opened(directory: Path) -> Iterator[int]:
    """The lock's file; closing it lets go."""
    made(directory)
    handle = os.open(directory / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        yield handle
    finally:
        os.close(handle)


def _free(handle: int, until: float) -> bool:
    """Whether the lock is ours now. Raises Unusable when it is not and the time is over."""
    import fcntl  # not everywhere: who only reads a shelf does without

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        if time.monotonic() > until:
            raise Unusable(BUSY) from None
        return False
    return True
