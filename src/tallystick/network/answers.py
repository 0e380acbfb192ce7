"""What an access point's answer means, as far as both products say it alike.

Nothing is believed that does not name our own instance identifier; what cannot be read decides nothing.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
from httpx import Response

from tallystick.canonical import Fault, RuleRef
from tallystick.keys import Secret
from tallystick.network.places import place_in
from tallystick.strategy import Enrolment, Outcome, Verdict

TOKEN: Final = "token"  # noqa: S105  # the secret's name, not the secret

_LONGEST_ANSWER: Final = 256 * 1024
_LONGEST_TEXT: Final = 500
_LONGEST_MESSAGE: Final = 2_000
_LONGEST_COMPLAINTS: Final = 20_000
_LONGEST_WAIT: Final = 7 * 24 * 3600
_MOST_FAULTS: Final = 50
_wait: Final = re.compile(r"[0-9]{1,6}", re.ASCII).fullmatch
_ruled: Final = re.compile(
    r"(?:\[(?:fatal|error|warning)\]\s*)?\[([A-Za-z][A-Za-z0-9-]{1,40})\]\s*(.*)", re.DOTALL
).match


def headers_of(enrolment: Enrolment) -> dict[str, str]:
    """The credential, where the registration has one."""
    token = enrolment.secrets.get(TOKEN)
    return {"X-Token": token.reveal()} if token else {}


def told(answer: Response, enrolment: Enrolment) -> Any:
    """The answer's JSON without our own credential in it; None if it is no JSON or longer than any report."""
    token: Secret | None = enrolment.secrets.get(TOKEN)
    content = answer.content
    if len(content) > _LONGEST_ANSWER:
        return None
    if token:
        content = content.replace(token.reveal_bytes(), b"(token)")
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None


def text_in(said: Mapping[str, Any], name: str, longest: int = _LONGEST_TEXT) -> str:
    """The member as one line of bearable length; empty if it is no text."""
    value = said.get(name)
    return " ".join(value.split())[:longest] if isinstance(value, str) else ""


def complaint_in(said: Mapping[str, Any], name: str) -> str:
    """The member as one line, long enough for the rules and places that a complaint names."""
    return text_in(said, name, _LONGEST_COMPLAINTS)


def asked_to_wait(answer: Response) -> int | None:
    """Seconds of a Retry-After header; None for none, for a date and for nonsense."""
    stated = answer.headers.get("retry-after", "").strip()
    seconds = int(stated) if _wait(stated) else None
    return seconds if seconds is not None and seconds <= _LONGEST_WAIT else None


def refusal_of_service(answer: Response, *, first: bool) -> Outcome | None:
    """What the status alone says, whatever the product: no entry, or too busy; None for any other status.

    `first`: the document has never been sent before, so a busy access point certainly did not take it.
    """
    if answer.status_code in (401, 403):
        return Outcome(
            verdict=Verdict.HALTED, detail=f"the access point refuses the token ({answer.status_code})"
        )
    if answer.status_code in (429, 503):
        return Outcome(
            verdict=Verdict.RETRY if first else Verdict.UNKNOWN,
            detail=f"the access point is busy ({answer.status_code})",
            after=asked_to_wait(answer),
        )
    return None


def unclear(answer: Response, what: str = "an answer that cannot be read") -> Outcome:
    """Nothing is known of the document after this answer."""
    return Outcome(verdict=Verdict.UNKNOWN, detail=f"{what} ({answer.status_code})")


def concerns(report: Mapping[str, Any], enrolment: Enrolment) -> bool:
    """Whether a sending report is about our instance."""
    return bool(enrolment.reference) and report.get("sbdhInstanceIdentifier") == enrolment.reference


def is_sent(report: Mapping[str, Any]) -> bool:
    """Whether the report says that the document was handed to the receiver's access point."""
    return report.get("sendingSuccess") is True


def is_unsent(report: Mapping[str, Any]) -> bool:
    """Whether the report says in both places that nothing came of it."""
    return report.get("sendingSuccess") is False and report.get("overallSuccess") is False


def accepted(report: Mapping[str, Any], enrolment: Enrolment, detail: str = "") -> Outcome:
    """The document was sent; the number of the message that carried it is the reference."""
    reference = text_in(report, "as4MessageId") or enrolment.reference
    return Outcome(verdict=Verdict.ACCEPTED, reference=reference, detail=detail)


def complaints_in(report: Mapping[str, Any]) -> list[str]:
    """What the receiving access point complained of, one text per error."""
    errors = report.get("as4ResponseErrors")
    if not isinstance(errors, list):
        return []
    found = (
        complaint_in(error, "errorDetails") or text_in(error, "description")
        for error in errors[:_MOST_FAULTS]
        if isinstance(error, dict)
    )
    return [text for text in found if text]


def in_short(complaint: str) -> str:
    """A complaint as a detail for the operator."""
    return complaint[:_LONGEST_TEXT]


def is_duplicate(complaints: list[str], enrolment: Enrolment) -> bool:
    """Whether the receiver turns our instance away because it has it: the first success, told once more."""
    return bool(enrolment.reference) and any(
        "duplicate" in text.lower() and enrolment.reference in text for text in complaints
    )


def faults_of(complaints: list[str]) -> tuple[Fault, ...]:
    """Each complaint as a fault: under its number if it begins with `[RULE-NUMBER]`, with the place in the
    document that it names.
    """
    return tuple(_faults(complaints))


def _faults(complaints: list[str]) -> Iterator[Fault]:
    for text in complaints:
        ruled = _ruled(text)
        number, message = (ruled[1], ruled[2] or text) if ruled else ("", text)
        yield Fault(
            code="authority/rejected",
            pointer="",
            message=message[:_LONGEST_MESSAGE],
            rule=RuleRef("authority", number) if number else None,
            wire_location=place_in(message),
        )
