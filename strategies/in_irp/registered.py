"""From the portal's copy to an outcome: verified, compared with what we hold, kept word for word."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec import Struct

from tallystick.canonical import Fault
from tallystick.strategy import Artifact, Enrolment, Outcome, Verdict

from .answers import Answer, fault_of, one_line, quiet, told_errors
from .session import settings_of
from .signed import (
    UnknownKey,
    Unverified,
    Verified,
    contradictions,
    keys_of,
    listed,
    names,
    others_than,
    verified,
)

JOSE: Final = "application/jose"
CANCELLED: Final = "CNL"
FEW: Final = 8
"""Repeating hardly mends some answers: after so many somebody must look. Portals bar those who insist."""

EWAY_ERROR: Final = "EWBERR"
EWAY_DISTANCE: Final = "EWBPPD"

_EWAY: Final = (
    ("EwbNo", "eway_bill_number"),
    ("EwbDt", "eway_bill_date"),
    ("EwbValidTill", "eway_bill_valid_until"),
)


class Copy(Struct, frozen=True, kw_only=True):
    """The portal's record of a document: what it says, and what it remarks."""

    data: Mapping[str, Any]
    said: Answer


def copy_of(data: Any, said: Answer) -> Copy | None:
    """The record in an answer; None if there is none."""
    if not isinstance(data, dict) or not one_line(data.get("Irn")):
        return None
    return Copy(data=data, said=said)


def registered(copy: Copy, content: Mapping[str, Any], enrolment: Enrolment) -> Outcome:
    """REGISTERED if both tokens are proven and say what `content` says; the tokens are kept in any case."""
    irn = one_line(copy.data.get("Irn"))
    if irn not in names(content):
        return Outcome(verdict=Verdict.UNKNOWN, detail="the answer is about another document")
    kept = tuple(_tokens(copy.data))
    keys = keys_of(settings_of(enrolment))
    try:
        invoice = verified(copy.data.get("SignedInvoice"), keys)
        code = verified(copy.data.get("SignedQRCode"), keys)
        _are_of(enrolment, invoice, code)
    except UnknownKey as error:
        detail = f"{error}: have its certificate from the portal, add it to the settings, and resume"
        return Outcome(verdict=Verdict.HALTED, reference=irn, detail=detail, artifacts=kept)
    except Unverified as error:
        detail = f"the portal's signature proves nothing: {error}"
        return Outcome(verdict=Verdict.UNKNOWN, reference=irn, detail=detail, artifacts=kept, tries=FEW)
    wrong = _wrong(invoice, code, content, irn)
    if not wrong and one_line(copy.data.get("Status")) == CANCELLED:
        wrong = "the number is cancelled at the portal"
    if wrong:
        return Outcome(verdict=Verdict.CONFLICT, reference=irn, detail=wrong, artifacts=kept)
    return Outcome(
        verdict=Verdict.REGISTERED,
        reference=irn,
        marks=dict(_marks(copy, invoice, irn, enrolment)),
        faults=tuple(_remarks(copy.said, enrolment)),
        artifacts=kept,
    )


def _are_of(enrolment: Enrolment, *tokens: Verified) -> None:
    """Raises Unverified where a portal for tries has signed what shall count, whoever trusts its key."""
    if enrolment.environment == "production" and any("sandbox" in one.issuer.lower() for one in tokens):
        raise Unverified(f"a portal for tries has signed: {one_line(tokens[0].issuer)[:40]}")


def _wrong(invoice: Verified, code: Verified, content: Mapping[str, Any], irn: str) -> str:
    """What is signed and is not ours; empty if all of it is."""
    if one_line(invoice.data.get("Irn")) != irn:
        return "the signed document bears another number"
    other = others_than(content, invoice.data)
    if other:
        return f"the portal holds other content under our number: {listed(other)}"
    against = contradictions(invoice.data, code.data)
    return f"the signed code contradicts the signed document: {listed(against)}" if against else ""


def _tokens(data: Mapping[str, Any]) -> Iterator[Artifact]:
    """Both tokens, word for word."""
    for member, name in (("SignedInvoice", "signed_invoice.jws"), ("SignedQRCode", "signed_qr.jws")):
        token = data.get(member)
        if isinstance(token, str) and token:
            yield Artifact(name, JOSE, token.encode("utf-8", "replace"))


def _marks(copy: Copy, invoice: Verified, irn: str, enrolment: Enrolment) -> Iterator[tuple[str, str]]:
    """What is printed and looked for. Number and time of the acknowledgement are those that were signed."""
    yield "irn", irn
    yield "ack_no", one_line(invoice.data.get("AckNo")) or one_line(copy.data.get("AckNo"))
    yield "ack_date", one_line(invoice.data.get("AckDt")) or one_line(copy.data.get("AckDt"))
    yield "qr", str(copy.data["SignedQRCode"])
    yield "kid", invoice.kid
    for member, name in _EWAY:
        told = one_line(copy.data.get(member))
        if told:
            yield name, told
    for error in eway_errors(copy.said)[:1]:
        yield "eway_bill_error", quiet(error.told, enrolment)
    for one in copy.said.said(EWAY_DISTANCE)[:1]:
        yield "eway_bill_distance", quiet(one_line(one), enrolment)


def eway_errors(said: Answer) -> list[Any]:
    """Why there is no e-way bill, although there is a number."""
    return [error for one in said.said(EWAY_ERROR) for error in told_errors(one)]


def _remarks(said: Answer, enrolment: Enrolment) -> Iterator[Fault]:
    for error in eway_errors(said):
        yield fault_of(error, enrolment, "warning")
