"""Answers no authority should give and every authority gives one day."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from httpx import Request

from tallystick.conformance.talk import Answer, Held
from tallystick.strategy import GOOD, Outcome, Verdict

__all__ = ["BODIES", "RETRY_AFTERS", "STATUSES", "echo", "garbage", "truncated", "twisted", "wrong_with"]

STATUSES: Final = (
    *(200, 201, 202, 204, 206, 208, 226, 300, 301, 302, 303, 304, 307, 308),
    *(
        400,
        401,
        402,
        403,
        404,
        405,
        406,
        408,
        409,
        410,
        411,
        412,
        413,
        415,
        422,
        423,
        425,
        428,
        429,
        431,
        451,
    ),
    *(500, 501, 502, 503, 504, 507, 511, 520, 529, 599),
)

BODIES: Final[tuple[str, ...]] = (
    "",
    " \r\n",
    "null",
    "true",
    "0",
    '""',
    "[]",
    "{}",
    "[[[]]]",
    '{"":""}',
    '{"a":1}{"a":2}',
    "OK",
    "<html><body><h1>502 Bad Gateway</h1></body></html>",
    "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
    "\x00\x01\x02\ufffd",
    "[" * 20_000,
    '{"a":' * 5_000,
    '"' + "A" * 200_000,
    "NaN",
    "1e999999999",
)

TWISTS: Final[tuple[Any, ...]] = (
    *(None, 7, -1, True, "", "0", "\u0000"),
    *([], {}, [[]], {"": None}, [None, 1, "x"]),
)

RETRY_AFTERS: Final = (
    "soon",
    "",
    "-5",
    "1e9",
    "9" * 400,
    "³",
    "0x10",
    "Wed, 21 Oct 2015 07:28:00 GMT",
    "Wed, 99 Oct 9999 99:99:99 GMT",
)

TAKEN: Final = GOOD | {Verdict.CANCELLED}
FINAL: Final = TAKEN | {Verdict.REJECTED, Verdict.CONFLICT, Verdict.ABSENT}
BUSY: Final = (429, 503)
REFUSED: Final = (401, 403)
DUPLICATE: Final = (208, 409)
"""Statuses that some authorities use, without a body, to say that they have the document already."""


def garbage() -> Iterator[Answer]:
    """Every status with every body that says nothing."""
    for status in STATUSES:
        for body in BODIES:
            yield Answer(status=status, body=body)
        yield Answer(status=status, headers={"content-type": "application/json; charset=nonsense"}, body="ÿ")


def truncated(answer: Answer) -> Iterator[Answer]:
    """A real answer that breaks off: a JSON or XML document is then no document any more."""
    text = answer.content.decode("latin-1")
    for share in (0.05, 0.5, 0.95):
        cut = text[: int(len(text) * share)]
        if cut != text:
            yield Answer(status=answer.status, headers=answer.headers, body=cut)


def twisted(answer: Answer) -> Iterator[Answer]:
    """A real JSON answer in which one value is of another kind than it was."""
    if isinstance(answer.body, dict | list):
        for status in (answer.status, 200, 400, 500):
            for body in _twists(answer.body):
                yield Answer(status=status, headers=answer.headers, body=body)


def _twists(value: Any) -> Iterator[Any]:
    for other in TWISTS:
        if type(other) is not type(value) or other != value:
            yield other
    if isinstance(value, dict):
        for key, member in value.items():
            yield {name: kept for name, kept in value.items() if name != key}
            yield from ({**value, key: twist} for twist in _twists(member))
    if isinstance(value, list):
        for at, member in enumerate(value):
            yield from ([*value[:at], twist, *value[at + 1 :]] for twist in _twists(member))


def echo(status: int, *, as_json: bool) -> Any:
    """An authority that answers with what it was sent, credentials and all."""

    def answer(request: Request) -> Any:
        said = f"{request.url} {dict(request.headers)} {request.content[:500]!r}"
        names = ("error", "message", "detail", "errors", "reference", "id", "sendingException", "status")
        body: Any = dict.fromkeys(names, said) if as_json else said
        return Answer(status=status, body=body).to(request)

    return answer


def wrong_with(held: Held, answer: Answer, verb: str) -> str:
    """What is wrong with the outcome of a conversation in which only `answer` was heard; empty if nothing is.

    `answer` says nothing of the document: no outcome may be read out of it but what its status allows.
    """
    outcome = held.result
    if not isinstance(outcome, Outcome) or not isinstance(outcome.verdict, Verdict):
        return f"came to {outcome!r}, which is no outcome"
    if not held.requests:
        return "" if outcome.verdict is Verdict.NOT_REQUIRED else "came to a verdict without asking anybody"
    if outcome.verdict is Verdict.NOT_REQUIRED:
        return "asked, and then said that nobody wants the document"
    if outcome.verdict is Verdict.ABSENT and verb != "inquire":
        return "said ABSENT, which only an inquiry can find out"
    return _too_sure(outcome, answer) or _wrong_pause(outcome, answer)


def _too_sure(outcome: Outcome, answer: Answer) -> str:
    silent_duplicate = answer.status in DUPLICATE and not answer.content
    if outcome.verdict in TAKEN and not silent_duplicate:
        return f"took garbage for {outcome.verdict}"
    undecided = answer.status < 400 or answer.status >= 500 or answer.status in BUSY
    if undecided and outcome.verdict in FINAL and not silent_duplicate:
        return f"took an undecided answer for {outcome.verdict}"
    if answer.status in REFUSED and outcome.verdict in FINAL:
        return f"took a refused credential for {outcome.verdict}"
    return ""


def _wrong_pause(outcome: Outcome, answer: Answer) -> str:
    if outcome.after is not None and outcome.after < 0:
        return f"wants to wait {outcome.after} seconds"
    asked = answer.headers.get("Retry-After", "")
    if answer.status in BUSY and asked == "7" and outcome.after != 7:
        return f"was asked to wait 7 seconds and says {outcome.after}"
    return ""


def encoded(outcome: object) -> str:
    """All that an outcome says, as text in which a secret would be seen."""
    return msgspec.json.encode(outcome, enc_hook=repr).decode() + repr(outcome)
