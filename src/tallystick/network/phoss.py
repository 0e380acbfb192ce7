"""phoss-ap over REST: hand a document over under our own instance identifier, and ask for it by that.

Source: phoss-ap, REST interface of August 2026. It keeps no unique key on the identifier: a second submission
would be sent again, and afterwards no status is found for either. So it is asked before every resend, and a
document whose status is known is never sent twice.
"""

from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from httpx import Request, Response

from tallystick.network.answers import (
    accepted,
    complaint_in,
    complaints_in,
    concerns,
    faults_of,
    headers_of,
    in_short,
    is_duplicate,
    is_sent,
    is_unsent,
    refusal_of_service,
    text_in,
    told,
    unclear,
)
from tallystick.network.names import PARTICIPANTS, PROCESSES, Names
from tallystick.strategy import Conversation, Document, Enrolment, Outcome, Verdict

_LONGEST_PAUSE: Final = 3600
_REFUSED_LATE: Final = "received_re"


def submit(document: Document, names: Names, enrolment: Enrolment) -> Conversation:
    """One submission; where its report leaves open what becomes of the document, one look at its status.

    Sent is accepted: the receiver's access point has signed for it. What its message level status says days
    later is another message, not an answer to this one.
    """
    answer = yield _submission(document, names, enrolment)
    report = told(answer, enrolment)
    outcome = _refused(answer, report)
    if outcome is not None:
        return outcome
    if (
        answer.status_code not in (200, 422)
        or not isinstance(report, dict)
        or not concerns(report, enrolment)
    ):
        return unclear(answer)
    complaints = complaints_in(report)
    if is_duplicate(complaints, enrolment):
        return accepted(report, enrolment, "the receiver has it already")
    if is_sent(report):
        return accepted(report, enrolment)
    if not is_unsent(report):
        return unclear(answer, "an answer that contradicts itself")
    status = yield _status(enrolment)
    return _known(status, enrolment) or unclear(status, "not sent, and nothing known of what comes next")


def inquire(enrolment: Enrolment) -> Conversation:
    """The status of our instance; an access point that does not know it never got it."""
    answer = yield _status(enrolment)
    refused = refusal_of_service(answer, first=False)
    if refused is not None:
        return refused
    if answer.status_code == 404 and not answer.content.strip():
        return Outcome(verdict=Verdict.ABSENT, detail="the access point does not know the instance")
    return _known(answer, enrolment) or unclear(answer)


def _submission(document: Document, names: Names, enrolment: Enrolment) -> Request:
    segments = (
        f"{PARTICIPANTS}::{names.sender}",
        f"{PARTICIPANTS}::{names.receiver}",
        f"{names.document_scheme}::{names.document_type}",
        f"{PROCESSES}::{names.process}",
        names.country,
    )
    path = "/".join(quote(segment, safe="") for segment in segments)
    return Request(
        "POST",
        f"{enrolment.endpoint.rstrip('/')}/api/outbound/submit/{path}"
        f"?sbdhInstanceID={quote(enrolment.reference, safe='')}",
        headers={"Content-Type": "application/xml", **headers_of(enrolment)},
        content=document.body,
    )


def _status(enrolment: Enrolment) -> Request:
    return Request(
        "GET",
        f"{enrolment.endpoint.rstrip('/')}/api/outbound/status/{quote(enrolment.reference, safe='')}",
        headers=headers_of(enrolment),
    )


def _refused(answer: Response, report: Any) -> Outcome | None:
    """Turned away at the door: no entry, too busy, switched off, or a text that says what is wrong."""
    # a 503 may be a proxy's, after the access point took the document: its status tells, and costs little
    outcome = refusal_of_service(answer, first=answer.status_code != 503)
    if outcome is not None:
        return outcome
    if answer.status_code == 404:
        return Outcome(verdict=Verdict.HALTED, detail="the access point has sending switched off (404)")
    if answer.status_code in (400, 422) and isinstance(report, str) and report.strip():
        complaint = complaint_in({"said": report}, "said")
        return Outcome(verdict=Verdict.REJECTED, detail=in_short(complaint), faults=faults_of([complaint]))
    return None


def _known(answer: Response, enrolment: Enrolment) -> Outcome | None:
    """What a status answer says of our instance; None if it says nothing that can be relied on."""
    said = told(answer, enrolment)
    if answer.status_code != 200 or not isinstance(said, dict) or not enrolment.reference:
        return None
    if said.get("sbdhInstanceID") != enrolment.reference:
        return None
    status = text_in(said, "status")
    if status in ("rejected", "permanently_failed") or text_in(said, "mlsStatus") == _REFUSED_LATE:
        return _failed(said, enrolment)
    if status == "sent":
        reference = text_in(said, "id") or enrolment.reference
        return Outcome(verdict=Verdict.ACCEPTED, reference=reference)
    if status in ("pending", "sending", "failed"):
        detail = f"the access point is still trying: {status}; {text_in(said, 'errorDetails')}"
        return Outcome(verdict=Verdict.PENDING, detail=detail, after=_pause(said, enrolment.now))
    return None


def _failed(said: dict[str, Any], enrolment: Enrolment) -> Outcome:
    details = complaint_in(said, "errorDetails")
    complaints = [part.strip() for part in details.split("; [")] if details else []
    complaints = [part if place == 0 else f"[{part}" for place, part in enumerate(complaints)]
    if is_duplicate(complaints, enrolment):
        reference = text_in(said, "id") or enrolment.reference
        return Outcome(verdict=Verdict.ACCEPTED, reference=reference, detail="the receiver has it already")
    detail = details or f"given up by the access point: {text_in(said, 'status')}"
    return Outcome(
        verdict=Verdict.REJECTED, detail=in_short(detail), faults=faults_of(complaints or [detail])
    )


def _pause(said: dict[str, Any], now: datetime) -> int | None:
    """Seconds until the access point tries again by itself."""
    then = _moment(said, "nextRetryDT")
    if then is None:
        return None
    return min(max(int((then - now).total_seconds()) + 1, 1), _LONGEST_PAUSE)


def _moment(said: dict[str, Any], name: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text_in(said, name))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
