"""I7 for registrations: every event says what its entry says, no more and no less, and none is missing."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from tallystick.flows.fsck.proof import compact, parsed
from tallystick.flows.fsck.report import Finding
from tallystick.flows.fsck.story import Story
from tallystick.store.fsck import Row

__all__ = ["Enrolment", "registration"]

ALWAYS: Final = frozenset(
    {"registration.step_required", "registration.completed", "registration.failed", "registration.paused"}
    | {"registration.tested", "certificate.expiring", "certificate.expired"}
)


class Enrolment(Story, kw_only=True):
    """A registration's story, told as an invoice's is: its row stands in the place of the invoice's."""

    @classmethod
    def of(
        cls,
        row: Row,
        rows: Sequence[Row],
        entries: Sequence[dict[str, Any]],
        events: Sequence[Row],
        deliveries: Sequence[Row],
    ) -> "Enrolment":
        """The story of these rows."""
        return cls(
            invoice=row,
            rows=rows,
            entries=entries,
            submission=None,
            attempts=(),
            events=events,
            deliveries=deliveries,
            bodies={},
        )

    @property
    def where(self) -> str:
        """How findings name it."""
        return f"registration {self.invoice['id']}"


def registration(story: Enrolment) -> Iterator[Finding]:
    """Whatever is wrong with a registration's events."""
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
        number = chain.get("sequence")
        if not isinstance(number, int) or not 1 <= number <= len(story.entries):
            yield Finding("I7", "it does not stand on an entry of the log", where)
            continue
        stood_on.add(number)
        if story.rows[number - 1]["hash"].hex() != chain.get("hash"):
            yield Finding("I7", "it does not stand on an entry of the log", where)
        yield from _compared(story, row, body, story.entries[number - 1], where)
    if story.invoice["event_seq"] != len(story.events):
        what = f"it has {len(story.events)} events and counts {story.invoice['event_seq']}"
        yield Finding("I7", what, story.where)
    for entry in story.entries:
        if entry.get("event") in ALWAYS and entry.get("stream_seq") not in stood_on:
            yield Finding("I7", f"entry {entry.get('stream_seq')} was told to nobody", story.where)


def _compared(
    story: Enrolment, row: Row, body: dict[str, Any], entry: dict[str, Any], where: str
) -> Iterator[Finding]:
    """The whole body, made anew from the log."""
    id_ = str(story.invoice["id"])
    expected = {
        "id": str(row["id"]),
        "type": row["type"],
        "sequence": row["seq"],
        "data": {
            "registration_id": id_,
            **(entry.get("data") or {}),
            "links": {"self": f"/v1/registrations/{id_}"},
        },
    }
    for name, value in expected.items():
        if body.get(name) != value:
            yield Finding("I7", f"its {name} is not what the log gives", where)
    if set(body) != {*expected, "timestamp", "chain"}:
        yield Finding("I7", "it has members that no event has", where)
    if row["type"] != entry.get("event"):
        yield Finding("I7", f"its type is {row['type']}, its entry is {entry.get('event')}", where)
    if row["tenant_id"] != story.invoice["tenant_id"] or row["subject"] != "registration":
        yield Finding("I7", "it belongs to somebody else", where)
