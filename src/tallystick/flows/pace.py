"""When to try again: pure figures. Seconds; the installation's `delay_scale` is applied by the caller.

Six attempts make a round: the delay before attempt k+1 is drawn from [c/4, c] with c = 10 s times 4^k, at
most 30 minutes, so that clients which failed together do not come back together.
"""

from typing import Final

__all__ = ["ATTEMPTS", "HORIZON", "backoff", "breaker_delay", "patience", "poll_delay"]

ATTEMPTS: Final = 6
HORIZON: Final = 72 * 3600.0  # how long an outage may last before a document without deadline is dead
_FIRST, _FACTOR, _CAP = 10.0, 4.0, 1800.0
_BREAKER_FIRST, _BREAKER_CAP = 30.0, 600.0


def backoff(attempts: int, chance: float, asked: int | None = None) -> float:
    """Seconds after the `attempts`-th failed attempt (from 1); `chance` is uniform in [0, 1).

    What the authority asked for (`asked`, from Retry-After) is a lower bound up to the cap.
    """
    ceiling = min(_CAP, _FIRST * _FACTOR ** max(0, attempts - 1))
    drawn = ceiling * (0.25 + 0.75 * chance)
    return max(drawn, min(_CAP, float(asked or 0)))


def poll_delay(polls: int, chance: float) -> float:
    """Seconds until an authority that has the document is asked again: 2 s, growing to 5 minutes."""
    return float(min(300.0, 2.0 * 1.6 ** min(polls, 20)) * (0.75 + 0.5 * chance))


def breaker_delay(openings: int, chance: float) -> float:
    """Seconds an open breaker waits before its next probe: 30 s doubling to 10 minutes, +-25 %."""
    return float(min(_BREAKER_CAP, _BREAKER_FIRST * 2.0 ** min(openings, 10)) * (0.75 + 0.5 * chance))


def patience(crashes: int, chance: float) -> float:
    """Seconds until work that failed on our side is tried again."""
    return 2.0 * (1 + crashes) * (0.5 + chance)
