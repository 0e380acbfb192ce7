"""An exchange as evidence: a request and an answer as the bytes that are kept, without a secret in them."""

from collections.abc import Iterable
from typing import Final

from httpx import URL, Request, Response

from tallystick.keys import Secret

__all__ = ["answer_bytes", "endpoint_of", "head_of_answer", "request_bytes"]

_HIDDEN: Final = "***"
_CREDENTIALS: Final = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-token", "x-api-key"}
)


def endpoint_of(url: URL) -> str:
    """The address without query, fragment or user: what the log may name."""
    return str(url.copy_with(query=None, fragment=None, userinfo=b""))


def request_bytes(request: Request, secrets: Iterable[Secret], with_body: bool) -> bytes:
    """The request's line, headers and (if asked for) body, as HTTP/1.1 text; credentials are blotted out."""
    line = f"{request.method} {request.url} HTTP/1.1"
    body = request.content if with_body else b""
    return _blotted(_head(line, request.headers.multi_items()), secrets) + body


def answer_bytes(answer: Response, secrets: Iterable[Secret]) -> bytes:
    """The answer's line, headers and body as they came; credentials in headers are blotted out."""
    return head_of_answer(answer, secrets) + answer.content


def head_of_answer(answer: Response, secrets: Iterable[Secret]) -> bytes:
    """The answer's line and headers alone, where the body is a secret."""
    line = f"HTTP/1.1 {answer.status_code} {answer.reason_phrase}"
    return _blotted(_head(line, answer.headers.multi_items()), secrets)


def _head(line: str, headers: Iterable[tuple[str, str]]) -> str:
    shown = (f"{k}: {_HIDDEN if k.lower() in _CREDENTIALS else v}" for k, v in headers)
    return "\r\n".join((line, *shown, "", ""))


def _blotted(head: str, secrets: Iterable[Secret]) -> bytes:
    text = head.encode("utf-8", "replace")
    for secret in secrets:
        hidden = secret.reveal_bytes()
        if len(hidden) >= 4:
            text = text.replace(hidden, _HIDDEN.encode())
    return text
