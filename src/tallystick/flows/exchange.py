"""An exchange as evidence: a request and an answer as the bytes that are kept, without a secret in them."""

from collections.abc import Iterable, Iterator
from typing import Final

from httpx import URL, Request, Response

from tallystick.keys import Secret
from tallystick.strategy import Enrolment

__all__ = [
    "answer_bytes",
    "confidential",
    "endpoint_of",
    "head_of_answer",
    "request_bytes",
    "whole_request_bytes",
]

_HIDDEN: Final = "***"
_UNMISTAKABLE: Final = 8
_SHORTEST_CODE: Final = 6
_CREDENTIALS: Final = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-token", "x-api-key", "otp"}
)


def endpoint_of(url: URL) -> str:
    """The address without query, fragment or user: what the log may name."""
    return str(url.copy_with(query=None, fragment=None, userinfo=b""))


def request_bytes(request: Request, secrets: Iterable[Secret], with_body: bool) -> bytes:
    """The request's line, headers and (if asked for) body, as HTTP/1.1 text; credentials are blotted out."""
    line = f"{request.method} {request.url} HTTP/1.1"
    body = request.content if with_body else b""
    return _blotted(_head(line, request.headers.multi_items()), secrets) + body


def whole_request_bytes(request: Request, secrets: Iterable[Secret]) -> bytes:
    """The request with its body; credentials are blotted out of both."""
    known = tuple(secrets)
    return request_bytes(request, known, with_body=False) + _blotted(request.content, known, _UNMISTAKABLE)


def answer_bytes(answer: Response, secrets: Iterable[Secret]) -> bytes:
    """The answer's line, headers and body as they came; credentials are blotted out, also where a careless
    authority repeats them in its body, as we know them or as our request's headers spelled them.
    """
    known = tuple(secrets)
    body = _blotted(answer.content, _carried(answer), _SHORTEST_CODE)
    return head_of_answer(answer, known) + _blotted(body, known, _UNMISTAKABLE)


def head_of_answer(answer: Response, secrets: Iterable[Secret]) -> bytes:
    """The answer's line and headers alone, where the body is a secret."""
    line = f"HTTP/1.1 {answer.status_code} {answer.reason_phrase}"
    head = _blotted(_head(line, answer.headers.multi_items()), _carried(answer), _SHORTEST_CODE)
    return _blotted(head, secrets)


def confidential(enrolment: Enrolment) -> tuple[Secret, ...]:
    """What must not be seen in an exchange: the registration's secrets and the session's."""
    session = enrolment.session.secrets.values() if enrolment.session is not None else ()
    return (*enrolment.secrets.values(), *session)


def _head(line: str, headers: Iterable[tuple[str, str]]) -> bytes:
    shown = (f"{k}: {_HIDDEN if k.lower() in _CREDENTIALS else v}" for k, v in headers)
    return "\r\n".join((line, *shown, "", "")).encode("utf-8", "replace")


def _carried(answer: Response) -> Iterator[Secret]:
    """The credentials in the headers of the request that was answered, without the name of their scheme."""
    try:
        headers = answer.request.headers.multi_items()
    except RuntimeError:  # an answer that nobody asked for
        return
    for name, value in headers:
        if name.lower() in _CREDENTIALS:
            yield Secret(value.rpartition(" ")[2])


def _blotted(text: bytes, secrets: Iterable[Secret], shortest: int = 4) -> bytes:
    """The text without the secrets of at least `shortest` bytes: a shorter one may stand there by chance."""
    for secret in secrets:
        hidden = secret.reveal_bytes()
        if len(hidden) >= shortest:
            text = text.replace(hidden, _HIDDEN.encode())
    return text
