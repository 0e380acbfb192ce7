"""Named points at which a process kills itself when told to: faults that happen at the same place twice.

Nothing happens at them unless `crashpoint` is set (development only): `submit.claimed` dies the first time,
`submit.claimed:3` the third. The signal is SIGKILL, so no clean-up runs.
"""

import os
import signal
from typing import Final

__all__ = ["POINTS", "arm", "armed", "crashpoint"]

POINTS: Final = (
    "accept.judged",  # nothing is written yet
    "accept.committed",  # the invoice stands, no worker was woken
    "accept.woken",  # the answer has not left
    "submit.found",  # before the claim
    "freeze.built",  # a document of a chain is built, its chain locked, nothing is stored
    "freeze.written",  # it is stored, its place used up, not yet committed
    "freeze.committed",  # it stands, and was not yet sent
    "submit.built",  # the document is built, not yet stored
    "submit.written",  # everything of T2 is written, not yet committed
    "submit.claimed",  # T2 is committed, no connection is open
    "send.connected",  # before the first byte
    "send.headers",  # the request's headers have left
    "send.body",  # the whole request has left
    "send.answered",  # the answer's headers are there
    "submit.heard",  # the answer is there, nothing of it is written
    "submit.settling",  # everything of T3 is written, not yet committed
    "submit.settled",  # T3 is committed
    "recover.settling",  # the takeover is written, not yet committed
    "recover.settled",  # the takeover is committed
    "onboard.found",  # nothing of a step is done
    "onboard.written",  # a step's intent is written, not yet committed
    "onboard.claimed",  # a step's intent is committed, its code is gone
    "onboard.heard",  # the answer is there, nothing of it is written
    "onboard.settling",  # the next stage is written, not yet committed
    "onboard.settled",  # the next stage is committed
    "poll.claimed",  # the turn is ours, nobody was asked
    "poll.heard",  # the news is there, nothing of it is believed
    "poll.believing",  # an invoice's new state is written, not yet committed
    "poll.settled",  # the turn is over
    "deliver.claimed",  # a delivery is ours, nothing was sent
    "deliver.answered",  # the subscriber answered, nothing of it is written
    "deliver.settled",  # the delivery's end is committed
)


class _Armed:
    """The one point at which this process dies, and how often it may still pass it."""

    name = ""
    passes = 0


def arm(text: str) -> None:
    """Die at this point from now on ("": at none). Raises ValueError for a name that no code ever passes."""
    name, _, turn = text.partition(":")
    if name and name not in POINTS:
        raise ValueError(f"no such crash point: {name}")
    _Armed.name = name
    _Armed.passes = max(1, int(turn or 1))


def armed(room: str) -> bool:
    """Whether the point lies in this room (the part of its name before the dot)."""
    return _Armed.name.startswith(f"{room}.")


def crashpoint(name: str) -> None:
    """Die here if this is the point; otherwise nothing."""
    if _Armed.name != name:
        return
    _Armed.passes -= 1
    if _Armed.passes == 0:
        os.kill(os.getpid(), signal.SIGKILL)
