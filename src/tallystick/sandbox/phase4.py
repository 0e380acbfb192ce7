"""The REST surface of phase4-peppol-standalone: sendas4, sendsbdh, phase4ping.

Every report is a 200, also a failed one; a missing token header is 400, a wrong one 403. `sendas4` makes
a random instance id on each call: only `sendsbdh` lets the sender choose it.
"""

from __future__ import annotations

import uuid
from typing import Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from tallystick.sandbox import report
from tallystick.sandbox.access_point import Submission
from tallystick.sandbox.envelope import BadIdentifier, addressing, opened
from tallystick.sandbox.intake import settled
from tallystick.sandbox.journal import now
from tallystick.sandbox.judge.paper import Unreadable


def _error(request: Request[Any, Any, Any], status: int, error: str) -> Response[bytes]:
    body = {"timestamp": now(), "status": status, "error": error, "path": request.url.path}
    return Response(msgspec.json.encode(body), status_code=status, media_type="application/json")


def _refused_token(request: Request[Any, Any, Any]) -> Response[bytes] | None:
    stated = request.headers.get("x-token")
    token = request.app.state.token
    if stated is None:
        return _error(request, 400, "Bad Request")
    if not stated or (token and stated != token):
        return _error(request, 403, "Forbidden")
    return None


def _report(content: dict[str, Any], rules: tuple[str, ...] = ()) -> Response[bytes]:
    headers = {"x-sandbox-rules": ",".join(rules)} if rules else {}
    return Response(
        msgspec.json.format(msgspec.json.encode(content)), media_type="application/json", headers=headers
    )


async def _answered(request: Request[Any, Any, Any], submission: Submission) -> Response[bytes]:
    header = request.headers.get("x-sandbox-fault", "")
    try:
        result = await settled(request.app.state.point, submission, request.scope, header)
    except ValueError:
        return _error(request, 400, "Bad Request")
    if result is None:
        return _error(request, 503, "told not to process")
    return _report(report.report(submission, result), result.rules)


@post("/sendas4/{sender:str}/{receiver:str}/{doc_type:str}/{process:str}/{country:str}", status_code=200)
async def sendas4(
    request: Request[Any, Any, Any],
    sender: FromPath[str],
    receiver: FromPath[str],
    doc_type: FromPath[str],
    process: FromPath[str],
    country: FromPath[str],
) -> Response[bytes]:
    """A raw document; the instance id is random on every call."""
    refusal = _refused_token(request)
    body = await request.body()
    if refusal is not None:
        return refusal
    if not body:
        return _error(request, 400, "Bad Request")
    try:
        said = addressing(sender, receiver, doc_type, process, country)
    except BadIdentifier as error:
        return _report(report.unreadable("SANDBOX-IDENTIFIER", str(error)))
    return await _answered(request, Submission("phase4", str(uuid.uuid4()), said, body, body))


@post("/sendsbdh", status_code=200)
async def sendsbdh(request: Request[Any, Any, Any]) -> Response[bytes]:
    """A complete Standard Business Document; its InstanceIdentifier is the sender's own."""
    refusal = _refused_token(request)
    body = await request.body()
    if refusal is not None:
        return refusal
    if not body:
        return _error(request, 400, "Bad Request")
    try:
        envelope = opened(body)
    except Unreadable as error:
        return _report(report.unreadable(error.rule, error.text), (error.rule,))
    return await _answered(
        request, Submission("phase4", envelope.instance_id, envelope.addressing, envelope.document, body)
    )


@get("/phase4ping", media_type="text/plain")
async def ping() -> str:
    """Alive."""
    return "pong"


def router() -> Router:
    """All routes under the prefix an adapter's endpoint carries."""
    return Router("/phase4", route_handlers=[sendas4, sendsbdh, ping])
