"""I7 and I2 for deadlines: each part of the time was told once, in order, in time, and none was kept back."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from tallystick.flows.fsck.report import Finding
from tallystick.flows.fsck.story import Story
from tallystick.store.fsck import Row

__all__ = ["deadlines"]

PARTS: Final = (50, 80, 95, 100)
NEARLY: Final = timedelta(seconds=1)
SETTLED: Final = frozenset({"done", "rejected"})


def deadlines(story: Story, now: datetime, patience: float) -> Iterator[Finding]:
    """Whatever is wrong with what was told of an invoice's deadline."""
    row = story.submission
    if row is None:
        return
    where = f"submission {row['id']} of {story.where}"
    told = list(story.of_event("deadline.approaching", "deadline.missed"))
    parts: list[Any] = [(entry.get("data") or {}).get("percent") for entry in told]
    if row["deadline_told"] != (parts[-1] if parts else 0):
        last = parts[-1] if parts else "nothing"
        yield Finding("I7", f"deadline_told is {row['deadline_told']}, the log says {last}", where)
    if row["deadline_at"] is None:
        if told:
            yield Finding("I7", "its log tells of a deadline that it does not have", where)
        return
    if any(part not in PARTS for part in parts) or parts != sorted(set(parts)):
        yield Finding("I7", "what was told of its deadline is out of order, or told twice", where)
        return
    for entry, part in zip(told, parts, strict=True):
        yield from _one(row, entry, part, where)
    yield from _untold(story, row, parts, now, patience, where)


def _one(row: Row, entry: dict[str, Any], part: int, where: str) -> Iterator[Finding]:
    if (entry.get("event") == "deadline.missed") != (part == PARTS[-1]):
        yield Finding("I7", f"{part} percent of its time were told as {entry.get('event')}", where)
    if (entry.get("data") or {}).get("deadline") != str(int(row["deadline_at"].timestamp())):
        yield Finding("I7", "deadline_at is not what was told of it", where)
    if _at(entry) < _moment(row, part) - NEARLY:
        yield Finding("I7", f"{part} percent of its time were told before they were over", where)


def _untold(
    story: Story, row: Row, parts: list[int], now: datetime, patience: float, where: str
) -> Iterator[Finding]:
    """What should have been told by now: to whoever still waits, or before it was settled too late."""
    if row["state"] == "done":
        ends = [entry for entry in story.entries if "attempts" in (entry.get("data") or {})]
        late = ends and _at(ends[-1]) > row["deadline_at"] + NEARLY
        if late and PARTS[-1] not in parts and ends[-1].get("event") != "submission.resolved":
            yield Finding("I2", "its deadline was missed, and nobody was told", where)
    elif row["state"] not in SETTLED:
        missing = [part for part in PARTS if part > max(parts, default=0)]
        if missing and _moment(row, missing[0]) + timedelta(seconds=patience) < now:
            yield Finding("I2", f"{missing[0]} percent of its time are over, and nobody was told", where)


def _moment(row: Row, part: int) -> datetime:
    accepted, deadline = row["created_at"], row["deadline_at"]
    moment: datetime = max(accepted, accepted + (deadline - accepted) * (part / 100))
    return moment


def _at(entry: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(str(entry.get("at")))
