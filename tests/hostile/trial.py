"""One input for one target in a process of its own: what came of it, its processor time, its memory.

The child is forked from a warm parent, so that what is measured is the input's and nothing else's. Time is
processor time: a busy machine makes nobody slower than the limit.
"""

import gc
import os
import resource
import time
from typing import Final

import msgspec
from msgspec import Struct

from hostile.corpus import Seed
from hostile.targets import Target
from yardstick import second

__all__ = ["Trial", "allowed", "tried"]

SECONDS: Final = 1.0
SANDBOX_SECONDS: Final = (
    3.0  # the stand-in judges twenty thousand lines in plain Python; it is for trials only
)
MEGABYTES: Final = 100
PATIENCE: Final = 20  # seconds of wall time after which a child is given up


class Trial(Struct, frozen=True):
    """How one input fared. `wrong` is empty when nothing is."""

    wrong: str
    seconds: float
    megabytes: float

    def fault(self, seconds: float) -> str:
        """What is wrong with it, time and memory included."""
        if self.wrong:
            return self.wrong
        if self.seconds > seconds and self.seconds > seconds * second():
            return f"took {self.seconds:.2f} s"
        return f"took {self.megabytes:.0f} MB" if self.megabytes > MEGABYTES else ""


def allowed(name: str) -> float:
    """Seconds of processor time that the target of this name may take on an ordinary machine."""
    return SANDBOX_SECONDS if name.startswith("sandbox ") else SECONDS


def tried(target: Target, seed: Seed) -> Trial:
    """Run the target on the seed's bytes in a forked child."""
    body = seed()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _report(writing, target, body)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    if status or not said:
        return Trial(f"the process ended with {os.waitstatus_to_exitcode(status)}", 0.0, 0.0)
    return msgspec.json.decode(said, type=Trial)


def _report(pipe: int, target: Target, body: bytes) -> None:
    """In the child: measure, tell, and leave without a trace."""
    code = 1
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (PATIENCE, PATIENCE))
        gc.freeze()  # what the parent holds is not this input's
        before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
        try:
            wrong = target(body)
        except BaseException as error:  # noqa: BLE001 -- whatever it is, it is what the trial is about
            wrong = f"{type(error).__name__}: {str(error)[:200]}"
        seconds = time.process_time() - began
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        os.write(pipe, msgspec.json.encode(Trial(wrong, seconds, grown / 1024)))
        code = 0
    finally:
        os._exit(code)
