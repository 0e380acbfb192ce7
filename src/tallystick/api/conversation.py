"""What surrounds every request: its id and trace, its path inside, its line in the log, its place in the
metrics.

`X-Request-Id` is taken from the caller if it is short and plain, else made; it comes back in the answer, in
every problem and in the log. A W3C `traceparent` is read and its trace id carried along. Every answer says
`nosniff`.
"""

import os
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from litestar.response.base import ASGIResponse
from litestar.types import Message, Receive, Send
from msgspec import Struct
from structlog.contextvars import bind_contextvars, clear_contextvars

from tallystick.api.logs import heard, logger
from tallystick.api.metrics import Metrics
from tallystick.api.problems import Refusal, answer
from tallystick.api.routing import inward, outward

__all__ = ["Conversation", "conversation_of", "hold"]

REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,128}")
TRACEPARENT: Final = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?"
)
SAFE: Final = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"))
QUIET: Final = frozenset({"/healthz", "/readyz", "/metrics"})
SCOPE_KEY: Final = "tallystick"
METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
Scope = Any
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Conversation(Struct):
    """One request on its way: ids, public path, when it began, what came of it."""

    request_id: str
    trace_id: str | None
    path: str
    began: float
    status: int = 0
    code: str | None = None


def conversation_of(scope: Scope) -> Conversation:
    """The conversation a scope belongs to."""
    found: Conversation = scope[SCOPE_KEY]
    return found


async def hold(app: App, scope: Scope, receive: Receive, send: Send, metrics: Metrics) -> None:
    """Lead one HTTP request through the app."""
    conversation = begin(scope)
    scope[SCOPE_KEY] = conversation
    scope["path"] = inward(scope["path"])
    clear_contextvars()
    bind_contextvars(request_id=conversation.request_id)
    request_id = (b"x-request-id", conversation.request_id.encode())

    async def marked(message: Message) -> None:
        if message["type"] == "http.response.start":
            conversation.status = message["status"]
            message["headers"] = [*message["headers"], request_id, *SAFE]
        await send(message)

    metrics.in_flight.inc()
    try:
        await app(scope, receive, marked)
    except Exception as error:
        logger.error("unforeseen", exc_info=error)
        if conversation.status:  # the answer has begun: all that is left is to cut it off
            raise
        await last_resort(conversation)(scope, receive, marked)
    finally:
        metrics.in_flight.dec()
        finish(conversation, scope, metrics)


def last_resort(conversation: Conversation) -> ASGIResponse:
    """The answer when even making an answer failed."""
    refusal = Refusal("server/internal", "The gateway failed. The failure is recorded under the request id.")
    conversation.code = refusal.kind.code
    return answer(refusal, path="", request_id=conversation.request_id, trace_id=conversation.trace_id)


def begin(scope: Scope) -> Conversation:
    """The ids of the request: the caller's where they are well formed, else new ones."""
    sent: dict[bytes, bytes] = dict(scope["headers"])
    given = sent.get(b"x-request-id", b"").decode("latin-1")
    request_id = given if REQUEST_ID.fullmatch(given) else os.urandom(16).hex()
    trace = TRACEPARENT.fullmatch(sent.get(b"traceparent", b"").decode("latin-1"))
    return Conversation(request_id, trace[1] if trace else None, scope["path"], time.perf_counter())


def finish(conversation: Conversation, scope: Scope, metrics: Metrics) -> None:
    """Count and log what came of the request. Labels are templates and known methods only."""
    seconds = time.perf_counter() - conversation.began
    template = scope.get("path_template")
    route = outward(template) if template else "unknown"
    method = scope["method"] if scope["method"] in METHODS else "other"
    status = conversation.status or 499
    metrics.answered(method, route, status, seconds)
    if conversation.code is not None:
        metrics.problems.labels(conversation.code).inc()
    if (route in QUIET and status < 400) or not heard("info"):
        return
    logger.info(
        "request",
        method=method,
        route=route,
        status=status,
        code=conversation.code,
        duration_ms=round(seconds * 1000, 2),
        trace_id=conversation.trace_id,
    )
