"""Handing a document to Fatoora: clearance or reporting, and what each answer makes of it.

The same bytes go out at every attempt. An answer counts as success only if it carries the status word of the
flow it was asked in and no error; 208 (clearance) and 409 (reporting) are how Fatoora says that it has the
document already, whatever else they contain. What cannot be read decides nothing: the identical resend does.
"""

import base64
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

import msgspec
from httpx import Request, Response
from msgspec import Struct

from tallystick.canonical import Fault
from tallystick.formats import Unreadable
from tallystick.strategy import Artifact, Conversation, Document, Enrolment, Outcome, Verdict

from .answers import Said, asked_to_wait, decoded, heard, object_in, text_in
from .verifying import Examined, examine

__all__ = ["CLEARANCE", "REPORTING", "Flow", "headers_of", "inquire", "submit"]

RIYADH: Final = timedelta(hours=3)
FUTURE: Final = "BR-KSA-04"
GLITCHES: Final = 3  # how often an answer that refuses without a reason is asked for again
OVERSIZE: Final = 2
ONCE: Final = 1


class Flow(Struct, frozen=True, kw_only=True):
    """One of the two ways in. `word` is said of what was taken, `member` is where it stands."""

    name: str
    path: str
    header: str
    member: str
    word: str
    verdict: Verdict
    duplicate: int


CLEARANCE: Final = Flow(
    name="clearance",
    path="/invoices/clearance/single",
    header="1",
    member="clearanceStatus",
    word="CLEARED",
    verdict=Verdict.CLEARED,
    duplicate=208,
)
REPORTING: Final = Flow(
    name="reporting",
    path="/invoices/reporting/single",
    header="0",
    member="reportingStatus",
    word="REPORTED",
    verdict=Verdict.REPORTED,
    duplicate=409,
)


def submit(document: Document, enrolment: Enrolment) -> Conversation:
    """One call in the document's own flow; a second one where Fatoora points to the other flow, or where what
    it cleared did not come along.
    """
    flow = CLEARANCE if document.marks.get("flow") == CLEARANCE.name else REPORTING
    answer = yield _request(flow, document, enrolment)
    if answer.status_code == 303 and flow is CLEARANCE:  # clearance is switched off: the same bytes, reported
        flow = REPORTING
        answer = yield _request(flow, document, enrolment)
    outcome = _outcome(flow, answer, document, enrolment)
    if _lacks_its_document(flow, outcome) and answer.status_code == 200:
        again = yield _request(flow, document, enrolment)
        second = _outcome(flow, again, document, enrolment)
        if second.verdict is Verdict.CONFLICT or _has_its_document(second):
            return second
    return outcome


def inquire(document: Document, enrolment: Enrolment) -> Conversation:
    """Fatoora cannot be asked: the identical bytes once more, which it knows by their hash."""
    return (yield from submit(document, enrolment))


def headers_of(enrolment: Enrolment) -> dict[str, str]:
    """What every authenticated call carries. The token goes out exactly as it came."""
    token, secret = enrolment.secrets.get("token"), enrolment.secrets.get("secret")
    pair = f"{token.reveal() if token else ''}:{secret.reveal() if secret else ''}"
    return {
        "Accept-Version": "V2",
        "Accept": "application/json",
        "Accept-Language": "en",
        "Content-Type": "application/json",
        "Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}",
    }


def content_of(document: Document) -> bytes:
    """The body of a call about a document: its hash, its UUID and its very bytes."""
    return msgspec.json.encode(
        {
            "invoiceHash": document.link,
            "uuid": document.marks.get("uuid", ""),
            "invoice": base64.b64encode(document.body).decode(),
        }
    )


def _request(flow: Flow, document: Document, enrolment: Enrolment) -> Request:
    return Request(
        "POST",
        f"{enrolment.endpoint.rstrip('/')}{flow.path}",
        headers={**headers_of(enrolment), "Clearance-Status": flow.header},
        content=content_of(document),
    )


def _outcome(flow: Flow, answer: Response, document: Document, enrolment: Enrolment) -> Outcome:
    """What the answer makes of the document."""
    status = answer.status_code
    content = object_in(answer, enrolment.secrets)
    said = heard(content, flow.member) if content is not None else None
    if status in (200, 202) and said is not None:
        return _taken(flow, answer, said, document)
    if status == flow.duplicate:
        return _known(flow, answer, said, document)
    if status == 400:
        return _refused(flow, answer, said, document, enrolment)
    return _unheard(flow, answer, content)


def _taken(flow: Flow, answer: Response, said: Said, document: Document) -> Outcome:
    """200 or 202: taken, if the flow's own word says so and nothing contradicts it."""
    if said.word != flow.word or said.against or said.judged not in ("PASS", "WARNING"):
        return _unclear(answer, "an answer that contradicts itself")
    return _good(flow, said, document)


def _known(flow: Flow, answer: Response, said: Said | None, document: Document) -> Outcome:
    """208 or 409: it was taken before. Its body may be missing, or call the second sending an error."""
    if not answer.content:
        return _good(flow, Said(), document, "taken before")
    if said is None or not (said.duplicate or said.word in (flow.word, f"{flow.word}_SUCCESSFULLY_EARLIER")):
        return _unclear(answer, "an answer that contradicts itself")
    repeated = Said(word=flow.word, cleared=said.cleared)
    return _good(flow, repeated, document, "taken before")


def _good(flow: Flow, said: Said, document: Document, detail: str = "") -> Outcome:
    """Taken: its own hash is the reference. What was cleared is kept byte for byte, if it is ours."""
    plain = Outcome(
        verdict=flow.verdict,
        reference=document.link,
        detail=detail,
        faults=said.warnings,
        marks={"flow": flow.name},
    )
    if flow is REPORTING:
        return plain
    body = decoded(said.cleared)
    cleared = _examined(body)
    if cleared is None:
        return _without_document(plain, detail)
    if (cleared.hash, cleared.uuid) != (document.link, document.marks.get("uuid")):
        kept = (Artifact("cleared.xml", "application/xml", body),)
        return Outcome(
            verdict=Verdict.CONFLICT, detail="Fatoora cleared other content than ours", artifacts=kept
        )
    return _with_document(plain, cleared, body)


def _examined(body: bytes) -> Examined | None:
    """What a cleared document says of itself; None for what is no document."""
    try:
        return examine(body)
    except Unreadable:
        return None


def _without_document(plain: Outcome, detail: str) -> Outcome:
    """Cleared, but the stamped document, which is the legal one, is not to be had: somebody must know."""
    lack = Fault(
        code="authority/remarked",
        pointer="",
        message="The invoice is cleared, but Fatoora did not hand out the document it stamped.",
        severity="warning",
        hint="Fetch the stamped document from the Fatoora portal: it, not ours, is the legal invoice.",
    )
    words = "cleared, the stamped document is unavailable"
    return msgspec.structs.replace(
        plain,
        detail=f"{detail}; {words}" if detail else words,
        faults=(*plain.faults, lack),
        marks={**plain.marks, "cleared_document": "unavailable"},
    )


def _with_document(plain: Outcome, cleared: Examined, body: bytes) -> Outcome:
    marks = {**plain.marks, "cleared_document": "kept" if cleared.stamped else "unstamped"}
    if cleared.qr:
        marks["qr"] = cleared.qr
    return msgspec.structs.replace(
        plain, marks=marks, artifacts=(Artifact("cleared.xml", "application/xml", body),)
    )


def _lacks_its_document(flow: Flow, outcome: Outcome) -> bool:
    return flow is CLEARANCE and outcome.marks.get("cleared_document") == "unavailable"


def _has_its_document(outcome: Outcome) -> bool:
    return outcome.verdict is Verdict.CLEARED and bool(outcome.artifacts)


def _refused(
    flow: Flow, answer: Response, said: Said | None, document: Document, enrolment: Enrolment
) -> Outcome:
    """400: rejected if it says why; without a reason it is a slip, and the same bytes go again.

    One that says as well that the document is there decides nothing.
    """
    if said is None:
        return Outcome(verdict=Verdict.UNKNOWN, detail="refused without a word (400)", tries=GLITCHES)
    if not said.errors:
        return Outcome(verdict=Verdict.UNKNOWN, detail="refused without a reason (400)", tries=GLITCHES)
    if said.duplicate or said.word == flow.word:
        return _unclear(answer, "an answer that contradicts itself")
    wait = _until_tomorrow_there(said, document, enrolment.now)
    if wait is not None:
        return Outcome(
            verdict=Verdict.RETRY,
            detail="dated tomorrow by Fatoora's clock, today by Riyadh's",
            after=wait,
        )
    first = said.errors[0]
    return Outcome(
        verdict=Verdict.REJECTED,
        detail=f"{first.rule.id}: {first.message}" if first.rule else first.message,
        faults=(*said.errors, *said.warnings),
    )


def _until_tomorrow_there(said: Said, document: Document, now: datetime) -> int | None:
    """Seconds until a clock in UTC reaches the issue date, if only that is wrong and Riyadh is there."""
    numbers = {fault.rule.id for fault in said.errors if fault.rule}
    if numbers != {FUTURE} or len(said.errors) != 1:
        return None
    issued = document.marks.get("issue_date", "")
    there = now.astimezone(UTC)
    if issued != (there + RIYADH).date().isoformat() or issued == there.date().isoformat():
        return None
    midnight = datetime.combine(there.date() + timedelta(days=1), time(), UTC)
    return max(1, int((midnight - there).total_seconds()) + 60)


def _unheard(flow: Flow, answer: Response, content: dict[str, Any] | None) -> Outcome:
    """Any other status: nothing is decided about the document."""
    status = answer.status_code
    if status in (401, 403):
        return Outcome(verdict=Verdict.HALTED, detail=f"Fatoora refuses the unit's credential ({status})")
    if status == 429:
        wait = asked_to_wait(answer)
        return Outcome(verdict=Verdict.RETRY, detail="Fatoora is busy (429)", after=wait)
    if status == 413:
        return Outcome(verdict=Verdict.RETRY, detail="too large for Fatoora (413)", tries=OVERSIZE)
    if status == 303:
        where = text_in(content or {}, "message")
        return Outcome(
            verdict=Verdict.RETRY,
            detail=f"Fatoora wants {flow.name} elsewhere (303): {where}",
            tries=GLITCHES,
        )
    if 400 <= status < 500 and status not in (408, 409, 425):
        said = text_in(content or {}, "message")
        return Outcome(verdict=Verdict.RETRY, detail=f"not as Fatoora wants it ({status}) {said}", tries=ONCE)
    return _unclear(answer)


def _unclear(answer: Response, what: str = "an answer that cannot be read") -> Outcome:
    wait = asked_to_wait(answer)
    return Outcome(verdict=Verdict.UNKNOWN, detail=f"{what} ({answer.status_code})", after=wait)
