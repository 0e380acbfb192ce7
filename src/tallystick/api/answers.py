"""Good answers: bytes with the right headers, and 304 where the caller already holds them."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send
from msgspec import Struct, json

from tallystick.api.ask import Ask
from tallystick.api.describe import JSON
from tallystick.api.problems import Refusal

__all__ = [
    "Posted",
    "cacheable",
    "created",
    "etag_of",
    "listing",
    "no_content",
    "plain",
    "require_match",
    "resource",
]

JSON_BYTES: Final = JSON.encode()
PRIVATE: Final = {"Cache-Control": "private, no-cache"}


class Posted:
    """A JSON answer to a POST, ready to be sent: what the busiest route needs of a response, and no more."""

    __slots__ = ("_body", "_headers", "_status")

    def __init__(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self._status = status
        self._body = body
        self._headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        self._headers.append((b"content-type", JSON_BYTES))
        self._headers.append((b"content-length", b"%d" % len(body)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        await send({"type": "http.response.start", "status": self._status, "headers": self._headers})
        await send({"type": "http.response.body", "body": self._body, "more_body": False})


def etag_of(body: bytes) -> str:
    """A strong entity tag of exactly these bytes."""
    return f'"{sha256(body).hexdigest()[:32]}"'


def plain(body: bytes, media_type: str = JSON, status: int = 200, **headers: str) -> ASGIResponse:
    """Bytes as they are."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return ASGIResponse(body=body, media_type=media_type, status_code=status, headers=named)


def no_content() -> ASGIResponse:
    """204."""
    return ASGIResponse(status_code=204)


def cacheable(
    ask: Ask,
    body: bytes,
    etag: str | None = None,
    media_type: str = JSON,
    headers: Mapping[str, str] | None = None,
) -> ASGIResponse:
    """200 with `ETag`, or 304 if `If-None-Match` holds it."""
    tag = etag or etag_of(body)
    all_headers = {"ETag": tag, **PRIVATE, **(headers or {})}
    if matches(ask.headers("if-none-match"), tag):
        kept = {name: all_headers[name] for name in ("ETag", "Cache-Control")}
        return ASGIResponse(status_code=304, headers=kept)
    return ASGIResponse(body=body, media_type=media_type, headers=all_headers)


def resource(ask: Ask, view: Struct, version: int | None = None) -> ASGIResponse:
    """A resource as JSON. Its entity tag is its version, where it has one."""
    return cacheable(ask, json.encode(view), None if version is None else f'"{version}"')


def created(view: Struct, location: str, version: int | None = None) -> ASGIResponse:
    """201 with `Location`."""
    body = json.encode(view)
    tag = etag_of(body) if version is None else f'"{version}"'
    headers = {"Location": location, "ETag": tag, "Cache-Control": "no-store"}
    return ASGIResponse(body=body, media_type=JSON, status_code=201, headers=headers)


def listing(
    ask: Ask, page: Struct, next_cursor: str | None, kept: Mapping[str, str] = PRIVATE
) -> ASGIResponse:
    """A page of a list, with `Link: rel="next"` where there is more."""
    headers = dict(kept)
    if next_cursor is not None:
        path = ask.request.scope["path"]
        limit = f"&limit={ask.query['limit']}" if "limit" in ask.query else ""
        headers["Link"] = f'<{path}?cursor={next_cursor}{limit}{filters(ask)}>; rel="next"'
    return cacheable(ask, json.encode(page), headers=headers)


def filters(ask: Ask) -> str:
    """The request's own filters as query text, for the link to the next page."""
    kept = ask.request.scope["query_string"].decode("latin-1").split("&")
    return "".join(f"&{pair}" for pair in kept if pair and pair.split("=")[0] not in ("cursor", "limit"))


def require_match(ask: Ask, current: str) -> None:
    """Refuse a change without `If-Match` (428) or with an old version (412)."""
    sent = ask.headers("if-match")
    if not sent:
        raise Refusal("request/precondition-required", "Send `If-Match` with the resource's ETag.")
    if not matches(sent, current):
        raise Refusal("request/precondition-failed", "The resource has changed since its ETag was read.")


def matches(sent: list[Any], tag: str) -> bool:
    """Whether a list of entity tags (or `*`) holds this one; weak tags compare by their text."""
    if not sent:
        return False
    tags = [item.strip().removeprefix("W/") for item in ",".join(sent).split(",")]
    return "*" in tags or tag in tags
