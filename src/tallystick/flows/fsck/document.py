"""I4 from inside: the bytes were frozen once, and the submission stands where its log says."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from tallystick.flows.fsck.proof import canonical, parsed, sha256
from tallystick.flows.fsck.report import Finding
from tallystick.flows.fsck.story import Story, id_of, named, unlike
from tallystick.store.fsck import Row

__all__ = ["apart", "document", "fenced", "frozen", "told"]

GOOD: Final = frozenset({"not_required", "cleared", "reported", "registered", "accepted"})
CANCELLED: Final = "cancelled"
OVER: Final = frozenset({"done", "rejected"})
NEAR: Final = 60.0  # seconds between a row's time and its entry's, in one transaction, at most
NO_MARKS: Final = sha256(b"{}")
SHOWN: Final = {
    "queued": ("accepted", "pending"),
    "in_flight": ("submitting", "pending"),
    "retry_wait": ("scheduled", "pending"),
    "unknown": ("outcome_unknown", "pending"),
    "pending": ("submitting", "pending"),
    "parked": ("held", "pending"),
    "rejected": ("completed", "rejected"),
    "conflict": ("failed", "conflict"),
    "dead": ("dead_lettered", "pending"),
}


def document(story: Story) -> Iterator[Finding]:
    """Whatever of the submission is not as its log says."""
    row = story.submission
    if row is None:
        yield Finding("I2", "it has no submission", story.where)
        return
    where = f"submission {row['id']} of {story.where}"
    yield from _fixed(story, row, where)
    yield from frozen(story, row, where, "document.built")
    yield from _standing(story, row, where)
    yield from told(story, row, where)
    yield from fenced(story, row, where)


def _fixed(story: Story, row: Row, where: str) -> Iterator[Finding]:
    """What acceptance fixed: reference, authority, strategy, registration, deadline."""
    first = story.entries[0] if story.entries else {}
    data = first.get("data") or {}
    deadline = row["deadline_at"]
    stored = {
        "external_ref": row["external_ref"],
        "strategy": row["strategy"],
        "registration": None if row["registration_id"] is None else str(row["registration_id"]),
        "deadline": None if deadline is None else str(int(deadline.timestamp())),
    }
    if row["turn"] != 1 or row["request_object"] is not None:
        yield Finding("I4", "turn or request_object is an act's", where)
    yield from unlike("I4", where, {name: data.get(name) for name in stored}, stored)
    if first.get("authority") != row["authority"] or row["tenant_id"] != story.invoice["tenant_id"]:
        yield Finding("I4", "authority or tenant is not what the log says", where)


def frozen(story: Story, row: Row, where: str, event: str) -> Iterator[Finding]:
    """One document, built once (`event` is the entry of that); what the row names is what was built."""
    built = list(story.of_event(event))
    if len(built) > 1:
        yield Finding("I4", f"its document was built {len(built)} times", where)
    if not built:
        names = ("wire_object", "wire_sha256", "wire_media_type", "chain_no", "prev_link", "link")
        if any(row[name] for name in names) or row["marks_text"] != "{}":
            yield Finding("I4", "it has a document that the log never saw built", where)
        return
    data = built[0].get("data") or {}
    refs = named(built[0])
    marks = parsed(row["marks_text"].encode())
    stored: dict[str, Any] = {
        "wire_sha256": _hex(row["wire_sha256"]),
        "chain": row["chain_id"],
        "chain_no": row["chain_no"],
        "prev_link": row["prev_link"],
        "link": row["link"],
        "marks_sha256": sha256(canonical(marks)),
    }
    yield from unlike("I4", where, {name: data.get(name) for name in stored}, stored)
    if (
        not refs
        or refs[0][0] != id_of(row["wire_object"])
        or refs[0][1].get("media") != row["wire_media_type"]
    ):
        yield Finding("I4", "wire_object or wire_media_type is not what the log says", where)
    body = story.bodies.get(id_of(row["wire_object"]))
    if body is not None and not body.erased and body.sha256 != _hex(row["wire_sha256"]):
        yield Finding("I4", "the stored document is not the one that was frozen", where)


def _hex(value: bytes | None) -> str | None:
    return None if value is None else value.hex()


def _standing(story: Story, row: Row, where: str) -> Iterator[Finding]:
    """The invoice shows what follows from the state, unless an act ended the document."""
    shown = (story.invoice["processing_status"], story.invoice["authority_status"])
    state, verdict = row["state"], row["verdict"]
    expected = SHOWN.get(state) or ("completed", verdict if verdict in GOOD else "")
    if state == "done" and any(act["state"] == "done" and act["verdict"] == CANCELLED for act in story.acts):
        expected = ("completed", CANCELLED)
    if shown != expected:
        yield Finding("I7", f"it is {state} ({verdict}), the invoice shows {' and '.join(shown)}", where)


def told(story: Story, row: Row, where: str) -> Iterator[Finding]:
    """Verdict, counters, reasons and the time of the end are those of the last entries that speak of them."""
    state = row["state"]
    told: dict[str, Any] = {"attempts": 0, "round": 1, "verdict": None}
    reason: dict[str, Any] = {}
    reason_entry: dict[str, Any] = {}
    for entry in story.entries:
        data = entry.get("data") or {}
        told |= {name: data[name] for name in told if data.get(name) is not None}
        if "attempts" in data:
            reason, reason_entry = data, entry
    for name, value in told.items():
        if row[name] != value:
            yield Finding("I7", f"its {name} is {row[name]}, the log says {value}", where)
    for name, of_state in (("parked_reason", "parked"), ("dead_reason", "dead")):
        if state == of_state and row[name] != reason.get(name):
            yield Finding("I7", f"its {name} is {row[name]}, the log says {reason.get(name)}", where)
    if row["attempts"] > 6 or told["attempts"] > 6:
        yield Finding("I6", "more than six attempts in a round", where)
    yield from _settled(row, reason_entry, where)
    given = [data["outcome_marks_sha256"] for data in _datas(story) if "outcome_marks_sha256" in data]
    marks = sha256(canonical(parsed(row["outcome_marks_text"].encode())))
    if marks != (given[-1] if given else NO_MARKS):
        yield Finding("I4", "outcome_marks are not what the log says", where)


def _datas(story: Story) -> Iterator[dict[str, Any]]:
    return (entry.get("data") or {} for entry in story.entries)


def _settled(row: Row, entry: dict[str, Any], where: str) -> Iterator[Finding]:
    """settled_at is there exactly when it is over, and the time of the entry that says so."""
    if (row["settled_at"] is not None) != (row["state"] in OVER):
        yield Finding("I7", f"it is {row['state']}, and settled_at is {row['settled_at']}", where)
    elif row["settled_at"] is not None and apart(row["settled_at"], entry) > NEAR:
        yield Finding("I7", "settled_at is not the time of its entry", where)


def apart(at: datetime, entry: dict[str, Any]) -> float:
    """Seconds between a row's time and its entry's."""
    try:
        return abs((at - datetime.fromisoformat(str(entry.get("at")))).total_seconds())
    except ValueError:
        return float("inf")


def fenced(story: Story, row: Row, where: str) -> Iterator[Finding]:
    """Nobody who had been overtaken wrote into the log: tokens only grow."""
    highest = 0
    for entry in story.entries:
        token = (entry.get("data") or {}).get("token")
        if token is None:
            continue
        if token < highest:
            what = f"entry {entry.get('stream_seq')} was written under token {token}, after token {highest}"
            yield Finding("I6", f"{what}: by a worker that had been overtaken", where)
        highest = max(highest, token)
    if row["token"] < highest:
        yield Finding("I6", f"its token is {row['token']}, the log knows {highest}", where)
