"""What purity means, made measurable: nothing in, nothing out, but arguments and result.

`watched` sees every call a strategy makes to clock, chance and environment, however deep inside a library; it
watches the interpreter, so nothing is replaced and no import order matters.
"""

import gc
import os
import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any, Final

__all__ = ["watched"]

CLOCKS: Final = frozenset(
    name for name in dir(time) if name.startswith(("time", "monotonic", "perf", "process"))
)
DATES: Final = frozenset({"datetime.now", "datetime.utcnow", "datetime.today", "date.today"})
LOCAL: Final = frozenset({"localtime", "tzset", "mktime"})
CHANCE: Final = frozenset({"Random.random", "Random.getrandbits", "Random.seed"})
OUTSIDE: Final = frozenset(
    {"urandom", "getrandom", "getpid", "uname", "getcwd", "listdir", "generate_time_safe"}
)

ENVIRONMENT: Final[frozenset[CodeType]] = frozenset(
    {
        type(os.environ).__getitem__.__code__,
        type(os.environ).__iter__.__code__,
        os.getenv.__code__,
        random.SystemRandom.random.__code__,
    }
)


@contextmanager
def watched() -> Iterator[list[str]]:
    """Fills the list with what is called, while open, that a pure function must not call; each name once.

    Call the function once before, unwatched: importing a library may read the clock, using it may not.
    """
    seen: list[str] = []

    def look(frame: FrameType, event: str, called: Any) -> None:
        name = _impure(frame, event, called)
        if name and name not in seen:
            seen.append(name)

    before, collecting = sys.getprofile(), gc.isenabled()
    gc.disable()  # a collection would call what others have registered for it, in the middle of a strategy
    sys.setprofile(look)
    try:
        yield seen
    finally:
        sys.setprofile(before)
        if collecting:
            gc.enable()


def _impure(frame: FrameType, event: str, called: Any) -> str:
    """The name of an impure call that is just beginning; empty for any other event."""
    if event == "call":
        return f"{frame.f_code.co_name} of os.environ" if frame.f_code in ENVIRONMENT else ""
    if event != "c_call":
        return ""
    module, name = getattr(called, "__module__", None), getattr(called, "__qualname__", "")
    if module == "time":
        return f"time.{name}" if name in CLOCKS | LOCAL or (name == "strftime") else ""
    if module in ("posix", "nt", "_random", "_uuid") or name in DATES | CHANCE:
        return name if name in OUTSIDE | DATES | CHANCE else ""
    return ""
