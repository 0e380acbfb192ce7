"""What both dialects share: take a document in once, judge it, remember it, journal it.

The memory is rebuilt from the journal, so a restarted sandbox still knows every instance id.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Literal

from tallystick.sandbox.faults import Fault, FaultBook
from tallystick.sandbox.journal import Journal, now
from tallystick.sandbox.judge import Addressing, Complaint, judge

Dialect = Literal["phoss-ap", "phase4"]
DUPLICATES = ("again", "refuse")
REFUSALS = ("receiver", "verifier")

REUSED = "SANDBOX-REUSED-ID"
UNDELIVERED = "SANDBOX-UNDELIVERED"


@dataclass(frozen=True, slots=True)
class Submission:
    """One document as it came over the wire.

    `wire`: the request body; `document`: the business document in it (the same bytes for a raw submit).
    """

    dialect: Dialect
    instance_id: str
    addressing: Addressing
    document: bytes
    wire: bytes


@dataclass(slots=True)
class Transaction:
    """What the sandbox knows about an instance id.

    `status`/`mls` are what a status call shows while `polls` is above zero, `then`/`then_mls` afterwards.
    `rows` counts how often it was taken in: the real product keeps a row for each and then finds none.
    """

    instance_id: str
    sha256: str
    addressing: Addressing
    number: str
    accepted: bool
    complaints: list[str]
    created_at: str
    stored: bool = True
    rows: int = 1
    status: str = "sent"
    mls: str = "received_ap"
    polls: int = 0
    then: str = ""
    then_mls: str = ""
    completed_at: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What the answer must tell. `how` chooses its shape, `complaints` what it says."""

    how: Literal["sent", "refused", "duplicate", "retrying", "unreported"]
    complaints: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


class AccessPoint:
    """The stand-in itself, without HTTP.

    duplicates: `again` sends a repeated instance id once more, as the real products do; `refuse` plays a
    receiver that turns repeated ids away. refusal: `receiver` (the verdict comes back from the receiving
    access point, the transaction is known) or `verifier` (phoss-ap's own check, nothing is stored).
    """

    def __init__(self, journal: Journal, *, duplicates: str = "again", refusal: str = "receiver") -> None:
        self.journal = journal
        self.faults = FaultBook()
        self.duplicates = duplicates
        self.refusal = refusal
        self.transactions: dict[str, Transaction] = {}
        for event in journal.events:
            if "authority" not in event:  # others write the same journal, under their names
                self._recall(event)

    def facts(self, submission: Submission, number: str) -> dict[str, str]:
        """What a standing order can match on."""
        return {
            "operation": "submit",
            "dialect": submission.dialect,
            "sender": submission.addressing.sender,
            "receiver": submission.addressing.receiver,
            "instance_id": submission.instance_id,
            "number": number,
        }

    def note_fault(self, submission: Submission, fault: Fault, number: str) -> None:
        """Journal a request that was turned away before its document was looked at."""
        self.journal.write(
            self._event(
                submission, "fault", number=number, verdict="not_processed", fault=fault.text, answered=False
            )
        )

    def take(self, submission: Submission, fault: Fault | None) -> Result:
        """Process one document. It is journaled, and remembered, when this returns."""
        known = self.transactions.get(submission.instance_id)
        if known is None:
            return self._first(submission, fault)
        if known.sha256 != _sha256(submission.wire):
            return self._violation(submission, known)
        return self._again(submission, known, fault)

    def look(self, instance_id: str) -> Transaction | None:
        """The transaction as a status call sees it; one look is one poll. None when unknown or not unique."""
        found = self.transactions.get(instance_id)
        if found is None or not found.stored or found.rows != 1:
            return None
        if found.polls > 0:
            found.polls -= 1
        elif found.then or found.then_mls:
            found.status, found.mls = found.then or found.status, found.then_mls or found.mls
            found.then = found.then_mls = ""
            event = self.journal.write(
                {
                    "event": "status",
                    "instance_id": instance_id,
                    "number": found.number,
                    "verdict": "refused" if _is_refusal(found) else "accepted",
                    "status": found.status,
                    "mls": found.mls,
                    "answered": True,
                }
            )
            found.completed_at = _completed(found, event["at"])
        return found

    def _first(self, submission: Submission, fault: Fault | None) -> Result:
        judgement = judge(submission.document, submission.addressing)
        complaints = list(judgement.complaints)
        if fault is not None and fault.kind == "reject":
            rule, _, place = fault.argument.partition("@")
            complaints.insert(0, Complaint(rule or "SANDBOX-REJECT", "refused as told", place))
        found = Transaction(
            instance_id=submission.instance_id,
            sha256=_sha256(submission.wire),
            addressing=submission.addressing,
            number=judgement.number,
            accepted=not complaints,
            complaints=[str(complaint) for complaint in complaints],
            created_at=now(),
        )
        rules = tuple(dict.fromkeys(complaint.rule for complaint in complaints))
        if complaints:
            found.status, found.mls = "permanently_failed", "pending"
            found.stored = self.refusal == "receiver" or submission.dialect == "phase4"
            result = Result("refused", tuple(found.complaints), rules)
        else:
            result = _told(found, fault, submission.dialect)
        found.completed_at = _completed(found, found.created_at)
        self.transactions[submission.instance_id] = found
        self._journal(submission, found, "processed", fault, list(rules))
        return result

    def _again(self, submission: Submission, known: Transaction, fault: Fault | None) -> Result:
        known.rows += 1
        self._journal(submission, known, "duplicate", fault, [])
        if self.duplicates == "refuse" or (fault is not None and fault.kind == "duplicate"):
            return _already(known)
        if known.accepted:
            return Result("sent")
        return Result("refused", tuple(known.complaints), tuple(_rules(known.complaints)))

    def _violation(self, submission: Submission, known: Transaction) -> Result:
        text = f"[{REUSED}] instance identifier '{known.instance_id}' was used for another document"
        self.journal.write(
            {
                **self._event(
                    submission, "violation", number=known.number, verdict="violation", answered=True
                ),
                "rules": [REUSED],
                "first_sha256": known.sha256,
            }
        )
        return Result("refused", (text,), (REUSED,))

    def _journal(
        self, submission: Submission, found: Transaction, event: str, fault: Fault | None, rules: list[str]
    ) -> None:
        answered = fault is None or fault.kind not in ("drop", "garbage", "html", "empty", "truncated")
        if fault is not None and fault.kind.isdigit():
            answered = False
        self.journal.write(
            {
                **self._event(
                    submission,
                    event,
                    number=found.number,
                    verdict="accepted" if found.accepted else "refused",
                    fault="" if fault is None else fault.text,
                    answered=answered,
                ),
                "rules": rules,
                "details": found.complaints[:10],
                "stored": found.stored,
                "status": found.status,
                "mls": found.mls,
                "polls": found.polls,
                "then": found.then,
                "then_mls": found.then_mls,
            }
        )

    def _event(
        self,
        submission: Submission,
        event: str,
        *,
        number: str,
        verdict: str,
        answered: bool,
        fault: str = "",
    ) -> dict[str, Any]:
        said = submission.addressing
        return {
            "event": event,
            "dialect": submission.dialect,
            "instance_id": submission.instance_id,
            "sha256": _sha256(submission.wire),
            "document_sha256": _sha256(submission.document),
            "size": len(submission.wire),
            "sender": said.sender,
            "receiver": said.receiver,
            "doc_type": said.doc_type,
            "process": said.process,
            "country": said.country,
            "number": number,
            "verdict": verdict,
            "fault": fault,
            "answered": answered,
        }

    def _recall(self, event: dict[str, Any]) -> None:
        """Bring the memory to where it was after this event."""
        known = self.transactions.get(event.get("instance_id", ""))
        if event["event"] == "processed":
            self.transactions[event["instance_id"]] = Transaction(
                instance_id=event["instance_id"],
                sha256=event["sha256"],
                addressing=Addressing(
                    event["sender"], event["receiver"], event["doc_type"], event["process"], event["country"]
                ),
                number=event["number"],
                accepted=event["verdict"] == "accepted",
                complaints=list(event["details"]),
                created_at=event["at"],
                stored=event["stored"],
                status=event["status"],
                mls=event["mls"],
                polls=event["polls"],
                then=event["then"],
                then_mls=event["then_mls"],
                completed_at=event["at"] if event["status"] == "sent" else "",
            )
        elif event["event"] == "duplicate" and known is not None:
            known.rows += 1
        elif event["event"] == "status" and known is not None:
            known.status, known.mls, known.polls = event["status"], event["mls"], 0
            known.then = known.then_mls = ""
            known.completed_at = _completed(known, event["at"])


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _rules(complaints: list[str]) -> list[str]:
    return list(dict.fromkeys(text[1:].partition("]")[0] for text in complaints))


def _completed(found: Transaction, at: str) -> str:
    """When sending succeeded: `at` the moment it is first seen as sent, empty while it is not."""
    return (found.completed_at or at) if found.status == "sent" else ""


def _is_refusal(found: Transaction) -> bool:
    return found.status in ("permanently_failed", "rejected") or found.mls == "received_re"


def _already(known: Transaction) -> Result:
    return Result("duplicate", (f"Rejecting duplicate SBDH instance '{known.instance_id}'",))


def _told(found: Transaction, fault: Fault | None, dialect: Dialect) -> Result:
    """The outcome of a good document under the faults that change it."""
    kind = "" if fault is None else fault.kind
    if kind == "unreported":
        return Result("unreported")
    if kind == "duplicate":
        result = _already(found)
        found.status, found.mls, found.complaints = "permanently_failed", "pending", list(result.complaints)
        return result
    if fault is None or dialect == "phase4":
        return Result("sent")
    if kind == "late_reject":
        found.mls, found.then_mls, found.polls = "pending", "received_re", 1
    elif kind in ("pending", "failed", "give_up"):
        _goes_on(found, fault)
        return Result("retrying")
    return Result("sent")


def _goes_on(found: Transaction, fault: Fault) -> None:
    """The access point tries by itself: what status calls show meanwhile, and in the end."""
    found.status, found.mls = "pending" if fault.kind == "pending" else "failed", "pending"
    found.polls = fault.count()
    if fault.kind == "give_up":
        found.then, found.accepted = "permanently_failed", False
        found.complaints = [f"[{UNDELIVERED}] Error in AS4 sending with result code TRANSPORT_ERROR"]
    else:
        found.then, found.then_mls = "sent", "received_ap"
