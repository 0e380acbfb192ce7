"""What the calls of the onboarding say: a credential, or why there is none.

Refusals come in four shapes; each code that is known gets a hint that says what to do.
"""

import base64
import binascii
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from cryptography import x509
from httpx import Response
from msgspec import Struct

from tallystick.canonical import Fault, RuleRef
from tallystick.keys import Secret
from tallystick.strategy import Outcome, Verdict

from .answers import asked_to_wait, text_in
from .certificate import CertificateError, certificate_of

__all__ = ["Credential", "credential_in", "expiry_of", "refusal", "refused_in", "unread"]

_HINTS: Final = {
    "Invalid-OTP": "Get a new OTP in the Fatoora portal of the same environment; it holds for an hour.",
    "Missing-OTP": "Get a new OTP in the Fatoora portal of the same environment; it holds for an hour.",
    "Invalid-CSR": "Compare the VAT number, environment and settings with the Fatoora portal.",
    "EXCEED_CHARACTER_LIMIT": "Shorten the setting that the message names.",
    "Invalid-ComplianceRequestId": "The compliance certificate has run out: begin again with a new OTP.",
    "Missing-ComplianceSteps": "Begin again with a new OTP; the title says which documents are checked.",
}
_MOST: Final = 50


class Credential(Struct, frozen=True, kw_only=True):
    """A CSID: `certificate` is its base64 DER in one line; `compliant` is false for one yet to be checked."""

    request_id: str
    token: Secret
    secret: Secret
    certificate: str
    compliant: bool


def credential_in(said: Mapping[str, Any] | None) -> Credential | None:
    """The CSID of an answer, also in the wrapper of the developers' sandbox; None if there is none in it."""
    if said is None:
        return None
    inner = said.get("value")
    content = inner if isinstance(inner, dict) else said
    token, secret = content.get("binarySecurityToken"), content.get("secret")
    word = content.get("dispositionMessage")
    if not isinstance(token, str) or not isinstance(secret, str) or not token or not secret:
        return None
    if word not in ("ISSUED", "NOT_COMPLIANT"):
        return None
    certificate = certificate_in(token)
    if certificate is None:
        return None
    return Credential(
        request_id=str(content.get("requestID", "")),
        token=Secret(token),
        secret=Secret(secret),
        certificate=certificate,
        compliant=word == "ISSUED",
    )


def certificate_in(token: str) -> str | None:
    """The certificate's base64 text, which the token is the base64 of; None if it is no certificate."""
    try:
        text = base64.b64decode(token, validate=True).decode("ascii")
        certificate_of(text)
    except (ValueError, binascii.Error, UnicodeDecodeError, CertificateError):
        return None
    return text


def expiry_of(certificate: str) -> datetime:
    """When the certificate ends, in UTC. Raises ValueError for a text that is none."""
    return x509.load_der_x509_certificate(base64.b64decode(certificate)).not_valid_after_utc


def refused_in(said: Mapping[str, Any]) -> Iterator[Fault]:
    """Each reason of a refusal, whatever its shape, with a hint where one is known."""
    if "errorCode" in said or "errorMessage" in said:
        yield _fault(
            text_in(said, "errorCategory") or text_in(said, "errorCode"), text_in(said, "errorMessage")
        )
    elif isinstance(said.get("code"), str) or isinstance(said.get("message"), str):
        yield _fault(text_in(said, "code"), text_in(said, "message"))
    errors = said.get("errors")
    for one in errors[:_MOST] if isinstance(errors, list) else ():
        if isinstance(one, dict):
            yield _fault(text_in(one, "code"), text_in(one, "message"))
        elif isinstance(one, str) and one.strip():
            yield _fault(text_in(said, "dispositionMessage"), " ".join(one.split())[:500])


def _fault(code: str, message: str) -> Fault:
    return Fault(
        code="authority/rejected",
        pointer="",
        message=message or code or "Refused without a reason.",
        rule=RuleRef("fatoora", code) if code else None,
        hint=_HINTS.get(code, ""),
    )


def refusal(answer: Response, faults: tuple[Fault, ...], what: str) -> Outcome:
    """REJECTED, with the first reason in the detail."""
    first = faults[0].message if faults else "without a reason"
    return Outcome(
        verdict=Verdict.REJECTED,
        detail=f"Fatoora refuses {what} ({answer.status_code}): {first}",
        faults=faults,
    )


def unread(answer: Response, what: str) -> Outcome:
    """Any answer that is neither a credential nor a refusal with a reason."""
    status = answer.status_code
    if status in (401, 403):
        detail = f"Fatoora refuses the credential for {what} ({status})"
        return Outcome(verdict=Verdict.HALTED, detail=detail)
    if status == 429:
        wait = asked_to_wait(answer)
        return Outcome(verdict=Verdict.RETRY, detail="Fatoora is busy (429)", after=wait)
    if 400 <= status < 500 and status not in (408, 425):
        return Outcome(verdict=Verdict.REJECTED, detail=f"Fatoora refuses {what} ({status})")
    wait = asked_to_wait(answer)
    return Outcome(
        verdict=Verdict.UNKNOWN, detail=f"the answer to {what} cannot be read ({status})", after=wait
    )
