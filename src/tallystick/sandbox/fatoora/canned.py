"""Every answer that the authority was seen or said to give, by name, and some it should never give.

A fault `answer:NAME` has one of them told. Those that give something (a credential, a cleared document)
carry what was really given, when the request was processed first.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Any

from tallystick.sandbox.fatoora import answers
from tallystick.sandbox.fatoora.answers import (
    CLEARED_EARLIER,
    REPORTED_EARLIER,
    VALID,
    WRONG_HASH,
    WRONG_VAT,
    Answer,
    Particulars,
    answer,
    credential,
    judged,
    text,
    validation,
)
from tallystick.sandbox.fatoora.finding import Finding, error, warning
from tallystick.sandbox.fatoora.law.calendar import LATE
from tallystick.sandbox.fatoora.qr import CLOCK
from tallystick.sandbox.fatoora.registry import STEPS

_CLOCK = Finding("WARNING", CLOCK[0], "QRCODE_VALIDATION", CLOCK[1])
_BEFORE = Finding("ERROR", "Invoice-Errors", "Duplicate-Invoice", "Invoice Hash Previously Submitted")
_EARLIER = Finding("WARNING", *(getattr(REPORTED_EARLIER, name) for name in ("code", "category", "message")))
_NOTHING = dict.fromkeys(("type", "code", "category", "message", "status"))

Body = Callable[[Particulars], Answer]


def _reported(status: int, *findings: Finding, word: str | None = "REPORTED") -> Body:
    return lambda _: answer(status, judged(validation(findings), reporting=word))


def _cleared(status: int, *findings: Finding, word: str | None = "CLEARED") -> Body:
    def told(given: Particulars) -> Answer:
        return answer(
            status, {**judged(validation(findings), clearance=word), "clearedInvoice": given.cleared}
        )

    return told


def _as_it_is(status: int, body: Any) -> Body:
    return lambda _: answer(status, body)


def _plain(status: int, body: str) -> Body:
    return lambda _: text(status, body)


def _certified(
    status: int, disposition: str = "ISSUED", *, wrapped: bool = False, typed: bool = True
) -> Body:
    def told(given: Particulars) -> Answer:
        body = credential(given, disposition, typed=typed)
        return answer(status, {"value": body} if wrapped else body)

    return told


def _with_tokentype(given: Particulars) -> Answer:
    body = credential(given) | {"requestID": str(given.request_id), "errors": []}
    return answer(200, body)


def _reported_earlier(_: Particulars) -> Answer:
    results = validation([_EARLIER])
    results["warningMessages"][0] |= {"type": "ERROR", "status": "ERROR"}
    return answer(409, judged(results, reporting="REPORTED_SUCCESSFULLY_EARLIER"))


def _misspelt(_: Particulars) -> Answer:
    results = {
        "infoMessages": VALID,
        "warningMessages": [],
        "erroMessages": [WRONG_HASH.item()],
        "status": "ERROR",
    }
    return answer(400, {"validationResults": results, "reportingStatus": "NOT_REPORTED"})


def _nothing_said(_: Particulars) -> Answer:
    results = validation([], valid=False) | {"errorMessages": [_NOTHING], "status": "ERROR"}
    return answer(400, judged(results, reporting="NOT_REPORTED"))


_LEGACY = {"invoiceHash": "x", "status": "NOT_REPORTED", "warnings": [], "errors": [WRONG_HASH.item()]}


def _refused_clearance(_: Particulars) -> Answer:
    found = [error("BR-KSA-14", "...")]
    return answer(400, {**judged(validation(found), clearance="NOT_CLEARED"), "clearedInvoice": None})


def _other_document(_: Particulars) -> Answer:
    """Cleared, and the document handed back is not the one that was sent."""
    other = b64encode(
        b'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"></Invoice>'
    ).decode()
    return _cleared(200)(Particulars(cleared=other))


def _without_xml(status: int, *findings: Finding) -> Body:
    return lambda _: answer(status, judged(validation(findings), clearance="CLEARED"))


OBSERVED: dict[str, Body] = {
    "any-401": lambda _: answers.unauthorized(),
    "any-406": lambda _: answers.no_version(),
    "any-413": lambda _: answers.too_large(),
    "any-429": _as_it_is(429, {"code": "429", "message": "Too Many Requests"}),
    "any-500": _as_it_is(
        500,
        {
            "category": "HTTP-Errors",
            "code": "500",
            "message": "Something went wrong and caused an Internal Server Error.",
        },
    ),
    "any-500-invalid-request": _as_it_is(
        500, {"code": "Invalid-Request", "message": "System failed to process your request"}
    ),
    "any-503": _plain(503, "<html><h1>503 Service Unavailable</h1></html>"),
    "any-504": _plain(504, "<html><h1>504 Gateway Time-out</h1></html>"),
    "clearance-200": _cleared(200),
    "clearance-202": _cleared(202, warning("BR-KSA-63", "...")),
    "clearance-208": _cleared(208, CLEARED_EARLIER),
    "clearance-208-without-xml": _without_xml(208, CLEARED_EARLIER),
    "clearance-303": lambda _: answers.clearance_off(),
    "clearance-400": _refused_clearance,
    "compliance-200": _certified(200, typed=False),
    "compliance-200-with-tokentype": _with_tokentype,
    "compliance-400-csr-flat": lambda _: answers.long_csr(),
    "compliance-400-invalid-csr": lambda _: answers.invalid_csr(),
    "compliance-400-invalid-otp": lambda _: answers.invalid_otp(),
    "compliance-400-missing-otp": lambda _: answers.missing_otp(),
    "compliance-400-not-compliant": lambda _: answers.not_compliant(),
    "compliance-invoices-200-simplified": _reported(200),
    "compliance-invoices-200-standard": lambda _: answer(200, judged(validation([]), clearance="CLEARED")),
    "compliance-invoices-400-hash": lambda _: answer(
        400, judged(validation([WRONG_HASH]), clearance="NOT_CLEARED")
    ),
    "production-csids-200": _certified(200),
    "production-csids-400-invalid-request-id": lambda _: answers.invalid_request_id(),
    "production-csids-400-missing-steps": lambda _: answers.missing_steps(STEPS.values()),
    "renewal-200": _certified(200, wrapped=True),
    "renewal-200-not-compliant": _certified(200, "NOT_COMPLIANT", typed=False),
    "renewal-428": _certified(428, "NOT_COMPLIANT"),
    "reporting-200": _reported(200),
    "reporting-202": _reported(202, LATE),
    "reporting-202-qr-time": _reported(202, _CLOCK),
    "reporting-303": lambda _: answers.clearance_on(),
    "reporting-400": _reported(400, _CLOCK, WRONG_HASH, word="NOT_REPORTED"),
    "reporting-400-erro-messages": _misspelt,
    "reporting-400-legacy": _as_it_is(400, _LEGACY),
    "reporting-400-null-messages": _nothing_said,
    "reporting-400-permission": _reported(400, WRONG_VAT, word="NOT_REPORTED"),
    "reporting-409": _reported(409, REPORTED_EARLIER, word="NOT_REPORTED"),
    "reporting-409-empty": _plain(409, ""),
    "reporting-409-older": _reported(409, _BEFORE, word="NOT_REPORTED"),
    "reporting-409-reported-earlier": _reported_earlier,
}
"""The answers of which there is a report."""

CONTRADICTORY: dict[str, Body] = {
    "any-200-empty-object": _as_it_is(200, {}),
    "any-200-list": _as_it_is(200, []),
    "any-200-null": _as_it_is(200, None),
    "any-200-text": _plain(200, "OK"),
    "any-400-empty": _plain(400, ""),
    "any-400-html": _plain(400, "<html><body><h1>Request Rejected</h1></body></html>"),
    "clearance-200-not-cleared": _cleared(200, word="NOT_CLEARED"),
    "clearance-200-other-document": _other_document,
    "clearance-200-reported": lambda _: answer(200, judged(validation([]), reporting="REPORTED")),
    "clearance-200-undecodable": lambda _: _cleared(200)(Particulars(cleared="%%%")),
    "clearance-200-with-errors": _cleared(200, WRONG_HASH),
    "clearance-200-without-xml": _without_xml(200),
    "clearance-400-without-messages": lambda _: answer(
        400, judged(validation([]) | {"status": "ERROR"}, clearance="NOT_CLEARED")
    ),
    "reporting-200-cleared": lambda _: answer(200, judged(validation([]), clearance="CLEARED")),
    "reporting-200-no-word": _reported(200, word=None),
    "reporting-200-not-reported": _reported(200, word="NOT_REPORTED"),
    "reporting-200-unknown-word": _reported(200, word="QUEUED"),
    "reporting-200-with-errors": _reported(200, WRONG_HASH),
    "reporting-400-reported": _reported(400, word="REPORTED"),
}
"""Answers that contradict themselves or say nothing, on which no success may be built."""

ANSWERS = OBSERVED | CONTRADICTORY
_PROCESSED = frozenset({200, 202, 208, 409, 428})


def refuses(name: str) -> bool:
    """Whether this answer says that nothing was taken, so that by default nothing is."""
    return canned(name).status not in _PROCESSED


def canned(name: str, given: Particulars | None = None) -> Answer:
    """The answer of a name. Raises ValueError for a name there is not."""
    if name not in ANSWERS:
        raise ValueError(f"no such answer: {name!r}; there are {', '.join(sorted(ANSWERS))}")
    return ANSWERS[name](given or _INVENTED)


_INVENTED = Particulars(
    token=b64encode(b64encode(b"a credential that nobody was given")).decode(),
    secret=b64encode(b"a secret that nobody was given..").decode(),
    cleared=b64encode(b"<nothing/>").decode(),
)
