"""When an authority is left alone: the pure rule that turns one standing and one result into the next.

Opens after five transport errors in a row, or when at least half of twenty or more calls within thirty
seconds failed; waits 30 s, doubling to 10 minutes while nothing answers; then one probe at a time, and three
good ones close it. Refusals of a document never count: they are answers.
"""

from datetime import timedelta
from typing import Final

from msgspec import structs

from tallystick.flows.pace import breaker_delay
from tallystick.store.breaker import Standing

__all__ = ["after", "untouched"]

CONSECUTIVE: Final = 5
WINDOW_SECONDS: Final = 30.0
WINDOW_CALLS: Final = 20
PROBES: Final = 3


def untouched(standing: Standing | None) -> bool:
    """Whether a good result would change nothing."""
    return standing is None or (
        standing.state == "closed" and standing.failures == 0 and standing.window_failures == 0
    )


def after(standing: Standing, good: bool, transport: bool, scale: float, chance: float) -> Standing:
    """The standing after one more result; `transport` says that no answer came at all."""
    if standing.state != "closed":
        return _probed(standing, good, scale, chance)
    window = _window(standing, scale)
    counted = structs.replace(
        window,
        window_calls=window.window_calls + 1,
        window_failures=window.window_failures + (not good),
        failures=standing.failures + 1 if transport and not good else 0,
    )
    half_bad = counted.window_calls >= WINDOW_CALLS and counted.window_failures * 2 >= counted.window_calls
    if not good and (counted.failures >= CONSECUTIVE or half_bad):
        return _open(counted, 0, scale, chance)
    return counted


def _window(standing: Standing, scale: float) -> Standing:
    """The standing with its window begun anew when it is over."""
    started = standing.window_started_at
    if started is not None and standing.now - started < timedelta(seconds=WINDOW_SECONDS * scale):
        return standing
    return structs.replace(standing, window_started_at=standing.now, window_calls=0, window_failures=0)


def _probed(standing: Standing, good: bool, scale: float, chance: float) -> Standing:
    if not good:  # once it has answered, the waits begin anew
        return _open(standing, 0 if standing.successes else standing.opened_times + 1, scale, chance)
    if standing.successes + 1 >= PROBES:
        return Standing(now=standing.now)
    return structs.replace(
        standing, state="half_open", successes=standing.successes + 1, failures=0, probe_at=standing.now
    )


def _open(standing: Standing, openings: int, scale: float, chance: float) -> Standing:
    wait = timedelta(seconds=breaker_delay(openings, chance) * scale)
    return structs.replace(
        standing,
        state="open",
        opened_times=openings,
        successes=0,
        opened_at=standing.now,
        probe_at=standing.now + wait,
        window_started_at=None,
        window_calls=0,
        window_failures=0,
    )
