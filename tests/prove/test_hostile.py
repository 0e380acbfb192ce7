"""The whole hostile corpus against everything that reads bytes from outside, in time and in memory."""

import os
import signal
import time

import pytest

from hostile.corpus import CORPUS
from hostile.targets import TARGETS
from hostile.trial import Trial, allowed, tried
from yardstick import second


@pytest.mark.parametrize("name", TARGETS)
def test_no_hostile_bytes_raise_linger_or_swell(name: str) -> None:
    trials: dict[str, Trial] = {what: tried(TARGETS[name], seed) for what, seed in CORPUS.items()}
    slowest = max(trials, key=lambda what: trials[what].seconds)
    largest = max(trials, key=lambda what: trials[what].megabytes)
    print(
        f"{name}: {len(trials)} inputs, at most {trials[slowest].seconds:.2f} s ({slowest}), "
        f"{trials[largest].megabytes:.0f} MB ({largest})"
    )
    assert {what: fault for what, trial in trials.items() if (fault := trial.fault(allowed(name)))} == {}


def test_what_is_wrong_is_seen() -> None:
    """The trial itself: an exception, a long time, much memory and a crash are each told."""
    seed, slow = CORPUS["json: nothing"], 2 * second()

    def raising(_: bytes) -> str:
        raise LookupError("x")

    def lingering(_: bytes) -> str:
        while time.process_time() < slow:
            pass
        return ""

    def swelling(_: bytes) -> str:
        return "" if bytearray(150 << 20).count(1) == 0 else "?"

    def crashing(_: bytes) -> str:
        os.kill(os.getpid(), signal.SIGKILL)
        return ""

    told = [tried(target, seed).fault(1.0) for target in (raising, lingering, swelling, crashing)]
    assert told[0] == "LookupError: x"
    assert told[1].startswith("took ")
    assert told[1].endswith(" s")
    assert told[2].endswith(" MB")
    assert told[3] == "the process ended with -9"
