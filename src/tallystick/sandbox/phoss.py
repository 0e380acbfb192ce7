"""The REST surface of phoss-ap: submit, submit-sbd, status, in-transmission."""

from __future__ import annotations

import uuid
from typing import Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from tallystick.sandbox import report
from tallystick.sandbox.access_point import AccessPoint, Submission
from tallystick.sandbox.envelope import BadIdentifier, addressing, opened
from tallystick.sandbox.faults import Fault
from tallystick.sandbox.intake import settled
from tallystick.sandbox.judge.paper import Unreadable
from tallystick.sandbox.wire import tell

_CUSTOM_LIMIT = 255


def _json(content: Any, status: int, **headers: str) -> Response[bytes]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(
        msgspec.json.encode(content), status_code=status, media_type="application/json", headers=named
    )


def _refused_token(request: Request[Any, Any, Any]) -> Response[bytes] | None:
    token = request.app.state.token
    if token and request.headers.get("x-token") != token:
        return _json({"error": "Invalid or missing API token"}, 401)
    return None


def _overlong(request: Request[Any, Any, Any]) -> Response[bytes] | None:
    for number in (1, 2, 3):
        if len(request.query_params.get(f"custom{number}", "")) > _CUSTOM_LIMIT:
            text = f"The 'custom{number}' field exceeds the maximum length of {_CUSTOM_LIMIT} characters"
            return _json(text, 400)
    return None


async def _answered(request: Request[Any, Any, Any], submission: Submission) -> Response[bytes]:
    point: AccessPoint = request.app.state.point
    try:
        result = await settled(point, submission, request.scope, request.headers.get("x-sandbox-fault", ""))
    except ValueError as error:
        return _json(str(error), 400)
    if result is None:
        return _json("told not to process", 503)
    if result.how == "sent":
        return _json(report.report(submission, result), 200)
    named = {"x_sandbox_rules": ",".join(result.rules)} if result.rules else {}
    if result.how == "refused" and point.refusal == "verifier":
        return _json("Failed to submit outbound transaction", 422, **named)
    return _json(report.report(submission, result), 422, **named)


@post("/submit/{sender:str}/{receiver:str}/{doc_type:str}/{process:str}/{country:str}", status_code=200)
async def submit(
    request: Request[Any, Any, Any],
    sender: FromPath[str],
    receiver: FromPath[str],
    doc_type: FromPath[str],
    process: FromPath[str],
    country: FromPath[str],
) -> Response[bytes]:
    """A raw document; the access point makes the envelope with the given `sbdhInstanceID`."""
    refusal = _refused_token(request) or _overlong(request)
    if refusal is not None:
        return refusal
    try:
        said = addressing(sender, receiver, doc_type, process, country)
    except BadIdentifier as error:
        return _json(str(error), 400)
    body = await request.body()
    instance_id = request.query_params.get("sbdhInstanceID") or str(uuid.uuid4())
    return await _answered(request, Submission("phoss-ap", instance_id, said, body, body))


@post("/submit-sbd", status_code=200)
async def submit_sbd(request: Request[Any, Any, Any]) -> Response[bytes]:
    """A complete Standard Business Document."""
    refusal = _refused_token(request) or _overlong(request)
    if refusal is not None:
        return refusal
    body = await request.body()
    try:
        envelope = opened(body)
    except Unreadable as error:
        return _json("Failed to submit outbound SBD transaction", 400, x_sandbox_rules=error.rule)
    return await _answered(
        request, Submission("phoss-ap", envelope.instance_id, envelope.addressing, envelope.document, body)
    )


def _status_fault(request: Request[Any, Any, Any], instance_id: str) -> Fault | None:
    point: AccessPoint = request.app.state.point
    facts = {"operation": "status", "dialect": "phoss-ap", "instance_id": instance_id}
    known = point.transactions.get(instance_id)
    if known is not None:
        facts |= {
            "sender": known.addressing.sender,
            "receiver": known.addressing.receiver,
            "number": known.number,
        }
    fault = point.faults.pick(facts, request.headers.get("x-sandbox-fault", ""))
    tell(request.scope, fault)
    return fault


@get("/status/{instance_id:str}")
async def status(request: Request[Any, Any, Any], instance_id: FromPath[str]) -> Response[bytes]:
    """One transaction; 404 without a body for an unknown id and for one that was submitted twice."""
    refusal = _refused_token(request)
    if refusal is not None:
        return refusal
    try:
        fault = _status_fault(request, instance_id)
    except ValueError as error:
        return _json(str(error), 400)
    if fault is not None and not fault.processes:
        return Response(b"", status_code=503)
    found = request.app.state.point.look(instance_id)
    if found is None:
        return Response(b"", status_code=404)
    return _json(report.transaction(found), 200)


@get("/in-transmission")
async def in_transmission(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Every transaction that is not final."""
    refusal = _refused_token(request)
    if refusal is not None:
        return refusal
    point: AccessPoint = request.app.state.point
    waiting = [
        one for one in point.transactions.values() if one.stored and one.status in ("pending", "failed")
    ]
    return _json([report.transaction(one) for one in waiting], 200)


def router() -> Router:
    """All routes under the prefix an adapter's endpoint carries."""
    return Router("/phoss-ap/api/outbound", route_handlers=[submit, submit_sbd, status, in_transmission])
