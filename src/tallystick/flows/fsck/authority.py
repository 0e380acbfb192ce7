"""I3 and I4 against the authority's own journal: processed once, our bytes, the outcome that we stored."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from msgspec import Struct, field

from tallystick.flows.fsck.journal import lines
from tallystick.flows.fsck.proof import parsed
from tallystick.flows.fsck.report import Finding
from tallystick.flows.fsck.story import Story
from tallystick.store.fsck import Row

__all__ = ["Authority"]

TOOK: Final = frozenset({"processed", "duplicate"})
ANOTHERS: Final = frozenset({"rejected", "conflict"})
CANCELLED: Final = "cancelled"
GOOD: Final = frozenset({"cleared", "reported", "registered", "accepted"})


class Seen(Struct):
    """What the authority says of one reference: contents it processed, its verdict, what it resisted.

    `documents` are the hashes of the documents themselves, where the journal tells them apart from the
    requests that carried them.
    """

    number: str = ""
    contents: set[str] = field(default_factory=set)
    documents: set[str] = field(default_factory=set)
    verdict: str = ""
    processed: int = 0
    again: int = 0
    cancelled: int = 0
    violations: int = 0


class Authority:
    """The authority's journal. `given` is false when there is none to compare with."""

    def __init__(self, path: Path | None) -> None:
        """Raises ValueError or OSError when the journal cannot be read."""
        self.given = path is not None
        self._seen: dict[str, Seen] = {}
        self.events = 0
        for event in lines(path):
            self.events += 1
            self._note(event)

    def _note(self, event: dict[str, Any]) -> None:
        seen = self._seen.setdefault(str(event.get("instance_id")), Seen())
        kind = event.get("event")
        seen.number = str(event.get("number") or seen.number)
        if kind in TOOK:
            seen.contents.add(str(event.get("sha256")))
            if "authority" in event:
                seen.documents.add(str(event.get("document_sha256")))
            seen.processed += kind == "processed"
            seen.again += kind == "duplicate"
        if kind in {"processed", "status"}:
            seen.verdict = str(event.get("verdict"))
        seen.cancelled += kind == "cancelled"
        if kind == "rejected":  # long after it was taken
            seen.verdict = "rejected"
        seen.violations += kind == "violation"

    def compare(self, story: Story) -> Iterator[Finding]:
        """Whatever the authority tells otherwise than this invoice's log. Call it once for each invoice."""
        row = story.submission
        if not self.given or row is None:
            return
        where = f"submission {row['id']} of {story.where}"
        seen = self._found(row)
        sent = {
            str((entry.get("data") or {}).get("content_sha256"))
            for entry in story.of_event("authority.request")
            if (entry.get("data") or {}).get("kind") == "submit"
        }
        if seen.violations:
            yield Finding("I3", "the authority was sent other content under the same reference", where)
        if len(seen.contents) > 1:
            yield Finding("I3", f"the authority processed {len(seen.contents)} contents", where)
        if seen.processed > 1:
            yield Finding("I3", f"the authority processed it {seen.processed} times as new", where)
        if seen.contents and not sent:
            yield Finding("I3", "the authority processed what the log says was never sent", where)
        if seen.documents and seen.documents != {_frozen(row)}:
            yield Finding("I4", "the authority processed other bytes than were frozen", where)
        if sent and not seen.documents and not seen.contents <= sent:
            yield Finding("I4", "the authority processed other bytes than the log says were sent", where)
        yield from _outcome(story, seen, where)
        yield from _cancelled(story, seen, where)

    def _found(self, row: Row) -> Seen:
        """What is told of this submission: under its reference, or under a name that the marks give it.

        A name may be of the number alone: what was refused does not claim what another took under it.
        """
        if row["external_ref"] in self._seen:
            return self._seen.pop(row["external_ref"])
        marks = [parsed((row[name] or "{}").encode()) for name in ("marks_text", "outcome_marks_text")]
        for name in (value for one in marks for value in one.values()):
            seen = self._seen.get(name)
            others = row["state"] in ANOTHERS and seen is not None and _frozen(row) not in seen.documents
            if seen is not None and not others:
                return self._seen.pop(name)
        return Seen()

    def leftovers(self) -> Iterator[Finding]:
        """What the authority processed and no submission here knows. Call it after every invoice."""
        for reference, seen in self._seen.items():
            if seen.contents or seen.violations:
                what = "the authority processed a document that no submission here stands for"
                yield Finding("I3", what, f"reference {reference}, number {seen.number}")


def _frozen(row: Row) -> str:
    return row["wire_sha256"].hex() if row["wire_sha256"] else ""


def _ended(story: Story) -> bool:
    """Whether an act ended the document, as we know it."""
    return any(act["state"] == "done" and act["verdict"] == CANCELLED for act in story.acts)


def _cancelled(story: Story, seen: Seen, where: str) -> Iterator[Finding]:
    """Both sides agree on whether the document was cancelled, once nothing is under way."""
    if seen.cancelled > 1:
        yield Finding("I3", f"the authority cancelled it {seen.cancelled} times", where)
    by_hand = any(entry.get("event") == "act.resolved" for entry in story.told)
    under_way = any(act["state"] not in {"done", "rejected"} for act in story.acts)
    if by_hand or under_way:
        return
    if seen.cancelled and not _ended(story):
        yield Finding("I4", "the authority cancelled it, and no act of ours did", where)
    if _ended(story) and seen.documents and not seen.cancelled:
        yield Finding("I4", "an act of ours cancelled it, and the authority did not", where)


def _outcome(story: Story, seen: Seen, where: str) -> Iterator[Finding]:
    row = story.submission
    if row is None or (story.entries and story.entries[-1].get("event") == "submission.resolved"):
        return  # a person decided, with evidence
    state, verdict = row["state"], row["verdict"]
    if state == "done" and verdict in GOOD:
        if not seen.contents:
            yield Finding("I3", f"it is {verdict}, and the authority never processed it", where)
        elif seen.verdict != "accepted" and not (seen.verdict == CANCELLED and _ended(story)):
            yield Finding("I4", f"it is {verdict}, and the authority says {seen.verdict}", where)
    if state == "rejected" and seen.verdict == "accepted":
        yield Finding("I4", "it is rejected, and the authority says accepted", where)
