"""I7 for subscribers: every event says what its entry says, no more and no less, and none is missing."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from tallystick.flows.fsck.proof import compact, parsed, stamp
from tallystick.flows.fsck.report import Finding
from tallystick.flows.fsck.story import Story, named
from tallystick.store.fsck import Row

__all__ = ["events"]

ALWAYS: Final = frozenset(
    {"invoice.accepted"}
    | {f"authority.{word}" for word in ("cleared", "reported", "registered", "accepted", "not_required")}
    | {"authority.rejected", "authority.conflict", "submission.halted"}
    | {f"submission.{word}" for word in ("parked", "resumed", "dead_lettered", "replayed", "resolved")}
    | {f"act.{word}" for word in ("requested", "accepted", "refused", "conflict", "halted")}
    | {f"act.{word}" for word in ("parked", "resumed", "dead_lettered", "replayed", "resolved")}
    | {"official.disagreed", "official.failed"}
    | {"authority.cancelled", "invoice.built", "deadline.approaching", "deadline.missed"}
)
JUDGED: Final = (
    "profiles",
    "artefacts",
    "official_valid",
    "native_valid",
    "official_only",
    "native_only",
) + (
    "disagreement",
    "failure",
)
RESUMED: Final = frozenset({"submission.resumed", "act.resumed"})
ATTENTION: Final = frozenset({"outcome_unknown", "held", "failed", "dead_lettered"})
NEAR: Final = 60.0


def events(story: Story) -> Iterator[Finding]:
    """Whatever is wrong with an invoice's events."""
    stood_on: set[int] = set()
    for place, row in enumerate(story.events, 1):
        where = f"event {row['seq']} of {story.where}"
        if row["seq"] != place:
            yield Finding("I7", f"it stands at place {place}: one is missing or doubled", where)
        body = parsed(row["body"])
        if not isinstance(body, dict) or compact(body) != row["body"]:
            yield Finding("I7", "its bytes are not the JSON that was written", where)
            continue
        chain = body.get("chain") or {}
        number = _place(chain.get("sequence"), story)
        if number is None or story.rows[number - 1]["hash"].hex() != chain.get("hash"):
            yield Finding("I7", "it does not stand on an entry of the log", where)
            continue
        entry = story.entries[number - 1]
        stood_on.add(number)
        yield from _compared(story, row, body, entry, where)
    if story.invoice["event_seq"] != len(story.events):
        what = f"it has {len(story.events)} events and counts {story.invoice['event_seq']}"
        yield Finding("I7", what, story.where)
    for entry in story.entries:
        if _told_as(entry) in ALWAYS and entry.get("stream_seq") not in stood_on:
            yield Finding("I7", f"entry {entry.get('stream_seq')} was told to nobody", story.where)


def _told_as(entry: dict[str, Any]) -> object:
    """What the event on an entry is called: a document that is the buyer's at once is told to be built."""
    at_once = (entry.get("data") or {}).get("at_once")
    return "invoice.built" if entry.get("event") == "document.built" and at_once else entry.get("event")


def _place(number: object, story: Story) -> int | None:
    """The place of an entry, if there is one at it."""
    return number if isinstance(number, int) and 1 <= number <= len(story.entries) else None


def _compared(
    story: Story, row: Row, body: dict[str, Any], entry: dict[str, Any], where: str
) -> Iterator[Finding]:
    """The whole body, made anew from the log and the invoice."""
    expected = {
        "id": str(row["id"]),
        "type": row["type"],
        "sequence": row["seq"],
        "data": _data(story, entry, body.get("data")),
    }
    for name, value in expected.items():
        if body.get(name) != value:
            yield Finding("I7", f"its {name} is not what the log gives", where)
    if set(body) != {*expected, "timestamp", "chain"}:
        yield Finding("I7", "it has members that no event has", where)
    if row["type"] != _told_as(entry):
        yield Finding("I7", f"its type is {row['type']}, its entry is {entry.get('event')}", where)
    if row["tenant_id"] != story.invoice["tenant_id"]:
        yield Finding("I7", "it belongs to another tenant", where)
    if row["subject"] != "invoice":
        yield Finding("I7", f"it is said to be about a {row['subject']}", where)
    yield from _timed(row, body, entry, where)


def _timed(row: Row, body: dict[str, Any], entry: dict[str, Any], where: str) -> Iterator[Finding]:
    """The first event has the time of its entry, a later one its own; its row's is never earlier."""
    timestamp = str(body.get("timestamp"))
    try:
        late = (row["at"] - datetime.fromisoformat(timestamp)).total_seconds()
        after = (row["at"] - datetime.fromisoformat(str(entry.get("at")))).total_seconds()
    except (ValueError, TypeError):
        yield Finding("I7", "its timestamp is no time", where)
        return
    exact = str(entry.get("at")) if row["seq"] == 1 else stamp(row["at"])
    if timestamp != exact or not 0 <= late <= NEAR or not 0 <= after <= NEAR:
        yield Finding("I7", "its time is not that of its entry", where)


def _data(story: Story, entry: dict[str, Any], told_then: object) -> dict[str, Any]:
    """What an event says of the state after its entry; `told_then` is believed where its source is erased."""
    told = entry.get("data") or {}
    processing, authority = told.get("processing_status"), told.get("authority_status")
    path = f"/v1/invoices/{story.invoice['id']}"
    data = {
        "invoice_id": str(story.invoice["id"]),
        "invoice_number": story.invoice["number"],
        "mode": story.invoice["mode"],
        "status": _summary(processing, authority),
        "processing_status": processing,
        "authority_status": authority,
        "authority_reference": told.get("reference"),
        "links": {"self": path},
    }
    if entry.get("event") == "invoice.accepted":
        data["supersedes"] = told.get("supersedes")
    if str(entry.get("event")).startswith("deadline.") and story.submission is not None:
        due = stamp(story.submission["deadline_at"])
        data["deadline"] = {"due_at": due, "percent": told.get("percent")}
    if str(entry.get("event")).startswith("official."):
        data["official"] = {name: told[name] for name in JUDGED if name in told}
    if told.get("act_id") is not None:
        data["act"] = {"id": told["act_id"], "name": told.get("act"), "reference": told.get("act_reference")}
    if entry.get("event") not in RESUMED:
        data |= _why(story, entry, told, told_then)
    return data


def _why(story: Story, entry: dict[str, Any], told: dict[str, Any], told_then: object) -> dict[str, Any]:
    more: dict[str, Any] = {}
    faults = _faults(story, entry)
    if faults is None and isinstance(told_then, dict) and "errors" in told_then:
        more["errors"] = told_then["errors"]
    elif faults:
        more["errors"] = faults[:20]
    reason = told.get("dead_reason") or told.get("parked_reason")
    if reason is not None:
        more["reason"] = reason
    return more


def _faults(story: Story, entry: dict[str, Any]) -> list[Any] | None:
    """The authority's faults, from the report that is kept beside the entry; None when that was erased."""
    for id_, item in named(entry):
        body = story.bodies.get(id_)
        if item.get("name") != "outcome.json" or body is None:
            continue
        if body.erased:
            return None
        found = body.json.get("faults") if isinstance(body.json, dict) else None
        return found if isinstance(found, list) else []
    return []


def _summary(processing: object, authority: object) -> str:
    if processing in ATTENTION:
        return "attention"
    if processing != "completed":
        return "processing"
    if authority == "cancelled":
        return "cancelled"
    return "rejected" if authority in {"rejected", "pending", "conflict"} else "issued"
