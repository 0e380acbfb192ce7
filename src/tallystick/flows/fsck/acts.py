"""I4 and I7 for acts: each was asked for once, frozen once, and stands where its entries say."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from tallystick.flows.fsck.attempts import attempts
from tallystick.flows.fsck.document import fenced, frozen, told
from tallystick.flows.fsck.progress import progress
from tallystick.flows.fsck.report import Finding
from tallystick.flows.fsck.story import Story, id_of, named, unlike
from tallystick.store.fsck import Row

__all__ = ["ISSUE", "acts"]

ISSUE: Final = "issue"
OVER: Final = frozenset({"done", "rejected"})
VERDICTS: Final = {
    "done": frozenset({"accepted", "cancelled"}),
    "rejected": frozenset({"rejected"}),
    "conflict": frozenset({"conflict"}),
}


def acts(story: Story, now: datetime, patience: float) -> Iterator[Finding]:
    """Whatever is wrong with the acts that were asked of an invoice."""
    known = {str(row["id"]) for row in story.acts}
    for entry in story.entries:
        act = (entry.get("data") or {}).get("act_id")
        if act is not None and act not in known:
            known.add(act)
            yield Finding("I7", "the log tells of it, its row is missing", f"act {act} of {story.where}")
    under_way = [row for row in story.acts if row["state"] not in OVER]
    if len(under_way) > 1:
        yield Finding("I2", f"{len(under_way)} acts are under way at once", story.where)
    for row in story.acts:
        yield from _act(story.chapter(row), row, now, patience)


def _act(story: Story, row: Row, now: datetime, patience: float) -> Iterator[Finding]:
    where = f"submission {row['id']} (act {row['kind']}) of {story.where}"
    yield from _asked(story, row, where)
    yield from frozen(story, row, where, "act.built")
    yield from _ended(story, row, where)
    yield from told(story, row, where)
    yield from fenced(story, row, where)
    yield from attempts(story)
    yield from progress(story, now, patience)


def _asked(story: Story, row: Row, where: str) -> Iterator[Finding]:
    """One entry says who asked for what; the row says the same."""
    asked = list(story.of_event("act.requested"))
    if len(asked) != 1:
        yield Finding("I7", f"it was asked for {len(asked)} times", where)
        return
    data = asked[0].get("data") or {}
    stored: dict[str, Any] = {
        "act": row["kind"],
        "turn": row["turn"],
        "external_ref": row["external_ref"],
        "strategy": row["strategy"],
        "registration": None if row["registration_id"] is None else str(row["registration_id"]),
    }
    yield from unlike("I4", where, {name: data.get(name) for name in stored}, stored)
    if asked[0].get("authority") != row["authority"] or row["tenant_id"] != story.invoice["tenant_id"]:
        yield Finding("I4", "authority or tenant is not what the log says", where)
    if [id_ for id_, _ in named(asked[0])] != [id_of(row["request_object"])]:
        yield Finding("I4", "request_object is not what the log says", where)
    if row["deadline_at"] is not None or row["alarm_at"] is not None or row["deadline_told"]:
        yield Finding("I4", "it has a deadline, which no act has", where)
    if any((entry.get("data") or {}).get("act") != row["kind"] for entry in story.entries):
        yield Finding("I7", "its entries are another act's", where)


def _ended(story: Story, row: Row, where: str) -> Iterator[Finding]:
    """What it came to fits the kind of work it is, and a document that it ended is no longer in force."""
    fitting = VERDICTS.get(row["state"])
    if fitting is not None and row["verdict"] not in fitting:
        yield Finding("I7", f"it is {row['state']} with verdict {row['verdict']}", where)
    in_force = story.invoice["authority_status"] in {"cleared", "reported", "registered", "accepted"}
    if row["state"] == "done" and row["verdict"] == "cancelled" and in_force:
        yield Finding("I7", "it ended the document, which is in force all the same", where)
