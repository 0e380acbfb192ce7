"""I9 from inside: per endpoint and invoice the deliveries have an order without gaps, and each goes on."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

from tallystick.flows.fsck.report import Finding
from tallystick.flows.fsck.story import Story
from tallystick.store.fsck import Row

__all__ = ["deliveries"]


def deliveries(story: Story, now: datetime, patience: float, active: frozenset[object]) -> Iterator[Finding]:
    """Whatever is wrong with an invoice's deliveries. `active` are the endpoints that are switched on."""
    for endpoint, rows in groupby(story.deliveries, lambda row: row["endpoint_id"]):
        event = 0
        for place, row in enumerate(rows, 1):
            where = f"delivery {row['seq']} of {story.where} to endpoint {endpoint}"
            if row["seq"] != place or row["event_seq"] <= event:
                yield Finding("I9", "one is missing, doubled or out of order before it", where)
            event = row["event_seq"]
            yield from _ordered(row, where)
            yield from _going_on(row, now, patience, endpoint in active, where)


def _ordered(row: Row, where: str) -> Iterator[Finding]:
    """What is over lies at or before the cursor, what is not lies after it."""
    over = row["state"] in {"delivered", "failed"}
    if over != (row["seq"] <= row["delivered_seq"]):
        yield Finding("I9", f"it is {row['state']}, the cursor stands at {row['delivered_seq']}", where)


def _going_on(row: Row, now: datetime, patience: float, active: bool, where: str) -> Iterator[Finding]:
    if row["state"] == "in_flight":
        when, word = row["lease_until"], "its owner's lease ended"
    elif row["state"] == "queued" and active and row["seq"] == row["delivered_seq"] + 1:
        when, word = row["next_at"], "it was due"
    else:
        return
    if when is None:
        yield Finding("I9", f"{row['state']}, with neither an owner nor a time", where)
    elif (late := (now - when).total_seconds()) > patience:
        yield Finding("I9", f"{row['state']}: {word} {late:.0f} s ago and nobody took it", where)
