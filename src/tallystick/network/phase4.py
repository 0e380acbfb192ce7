"""phase4-peppol-standalone over REST: the whole envelope goes over, so that the instance identifier is ours.

Source: phase4-peppol-standalone, REST interface of July 2026. It answers every report with 200 and keeps no
record that could be asked: an inquiry is the identical envelope sent once more.
"""

from typing import Any, Final

from httpx import Request, Response

from tallystick.network.answers import (
    accepted,
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
from tallystick.network.envelope import enveloped
from tallystick.network.names import Names
from tallystick.strategy import Conversation, Document, Enrolment, Outcome, Verdict

_UNDELIVERED: Final = frozenset({"EBMS:0005", "EBMS:0202", "EBMS:0301", "EBMS:0302", "EBMS:0303"})
"""Errors of transport and receipt: they say nothing against the document."""

_NOT_TRIED: Final = frozenset({"INVALID_PARAMETERS"})


def submit(document: Document, names: Names, enrolment: Enrolment) -> Conversation:
    """One sending of the envelope."""
    return (yield from _send(document, names, enrolment, first=True))


def inquire(document: Document, names: Names, enrolment: Enrolment) -> Conversation:
    """The identical envelope again: the receiver tells a repeated instance identifier."""
    return (yield from _send(document, names, enrolment, first=False))


def _send(document: Document, names: Names, enrolment: Enrolment, *, first: bool) -> Conversation:
    credential = headers_of(enrolment)
    if not credential:
        return Outcome(verdict=Verdict.HALTED, detail="the registration has no token")
    answer = yield Request(
        "POST",
        f"{enrolment.endpoint.rstrip('/')}/sendsbdh",
        headers={"Content-Type": "application/xml", **credential},
        content=enveloped(document.body, names, enrolment.reference),
    )
    said = told(answer, enrolment)
    refused = refusal_of_service(answer, first=first) or _misconfigured(answer, said)
    if refused is not None:
        return refused
    if answer.status_code != 200 or not isinstance(said, dict):
        return unclear(answer)
    return _reported(answer, said, enrolment, first=first)


def _misconfigured(answer: Response, said: Any) -> Outcome | None:
    if answer.status_code == 404:
        return Outcome(verdict=Verdict.HALTED, detail="the access point has sending switched off (404)")
    if answer.status_code == 400 and isinstance(said, dict) and said.get("status") == 400:
        detail = f"the access point does not understand the call: {text_in(said, 'error')}"
        return Outcome(verdict=Verdict.HALTED, detail=detail)
    return None


def _reported(answer: Response, report: dict[str, Any], enrolment: Enrolment, *, first: bool) -> Outcome:
    if "sbdhParsingException" in report and is_unsent(report):
        return _unreadable(report)
    if not concerns(report, enrolment):
        return unclear(answer)
    if is_sent(report):
        return accepted(report, enrolment)
    if not is_unsent(report):
        return unclear(answer, "an answer that contradicts itself")
    complaints = complaints_in(report)
    if is_duplicate(complaints, enrolment):
        return accepted(report, enrolment, "the receiver has it already")
    result = text_in(report, "sendingResult")
    if result == "AS4_ERROR_MESSAGE_RECEIVED" and complaints and not _is_of_transport(report):
        return Outcome(verdict=Verdict.REJECTED, detail=in_short(complaints[0]), faults=faults_of(complaints))
    return _untaken(answer, report, result, first=first)


def _unreadable(report: dict[str, Any]) -> Outcome:
    exception = report["sbdhParsingException"]
    complaint = text_in(exception, "message") if isinstance(exception, dict) else ""
    complaint = complaint or "the access point cannot read the envelope"
    return Outcome(verdict=Verdict.REJECTED, detail=complaint, faults=faults_of([complaint]))


def _is_of_transport(report: dict[str, Any]) -> bool:
    errors = report["as4ResponseErrors"]
    return any(isinstance(error, dict) and error.get("errorCode") in _UNDELIVERED for error in errors)


def _untaken(answer: Response, report: dict[str, Any], result: str, *, first: bool) -> Outcome:
    """Not sent: certainly so if the receiver was never spoken to, and if it never was before."""
    lookup = text_in(report, "lookupError")
    never_spoken = (bool(lookup) and not result) or result in _NOT_TRIED
    reason = lookup or text_in(report, "sendingError") or result or "no reason given"
    if never_spoken and first:
        return Outcome(verdict=Verdict.RETRY, detail=f"not sent: {reason}")
    return unclear(answer, f"not sent, or nobody knows: {reason}")
