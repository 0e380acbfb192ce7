"""I2: nothing is forgotten. What is not over has an owner or a time, and that time has not long passed."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from tallystick.flows.fsck.report import Finding
from tallystick.flows.fsck.story import Story

__all__ = ["progress"]

OVER: Final = frozenset({"done", "rejected", "conflict", "dead"})


def progress(story: Story, now: datetime, patience: float) -> Iterator[Finding]:
    """Why the submission would never end. `patience`: seconds that something due may wait for a worker."""
    row = story.submission
    if row is None or row["state"] in OVER:
        return
    where = f"submission {row['id']} of {story.where}"
    when = row["lease_until"] if row["state"] == "in_flight" else row["next_at"]
    word = "its owner's lease ended" if row["state"] == "in_flight" else "it was due"
    if when is None:
        yield Finding("I2", f"{row['state']}, with neither an owner nor a time", where)
    elif (late := (now - when).total_seconds()) > patience:
        yield Finding("I2", f"{row['state']}: {word} {late:.0f} s ago and nobody took it", where)
