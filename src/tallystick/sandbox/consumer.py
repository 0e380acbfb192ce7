"""A webhook consumer stand-in: takes what arrives, journals it, fails when told to."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from typing import Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.params import FromPath, JSONBody

from tallystick.sandbox.access_point import AccessPoint
from tallystick.sandbox.journal import Journal
from tallystick.sandbox.wire import tell

_SIGNED = ("webhook-id", "webhook-timestamp", "webhook-signature")


def _text(body: bytes) -> dict[str, str]:
    try:
        return {"body": body.decode("utf-8"), "encoding": "utf-8"}
    except UnicodeDecodeError:
        return {"body": b64encode(body).decode("ascii"), "encoding": "base64"}


@post("/consumer/{name:str}", status_code=200)
async def arrive(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
    """One arrival: on the disk before it is answered, whatever the answer will be."""
    body = await request.body()
    point: AccessPoint = request.app.state.point
    try:
        fault = point.faults.pick(
            {"operation": "consumer", "consumer": name}, request.headers.get("x-sandbox-fault", "")
        )
    except ValueError as error:
        return Response(str(error).encode(), status_code=400)
    tell(request.scope, fault)
    if fault is not None and fault.kind == "stall" and not fault.processes:
        await asyncio.sleep(fault.seconds())
    journal: Journal = request.app.state.arrivals
    journal.write(
        {
            "event": "arrival",
            "consumer": name,
            **{key.replace("-", "_"): request.headers.get(key, "") for key in _SIGNED},
            "headers": dict(request.headers),
            **_text(body),
            "fault": "" if fault is None else fault.text,
            "accepted": fault is None or fault.kind == "stall",
        }
    )
    return Response(b"", status_code=204)


@get("/admin/consumer/{name:str}")
async def arrivals(request: Request[Any, Any, Any], name: FromPath[str]) -> list[dict[str, Any]]:
    """Everything that arrived under a name, in order of arrival."""
    return [event for event in request.app.state.arrivals.events if event["consumer"] == name]


class Trouble(msgspec.Struct, forbid_unknown_fields=True):
    """What a consumer shall do wrong, how often (absent: until told otherwise)."""

    fault: str
    times: int | None = None
    every: int = 1


@post("/admin/consumer/{name:str}", status_code=201)
async def trouble(
    request: Request[Any, Any, Any], name: FromPath[str], data: JSONBody[Trouble]
) -> Response[Any]:
    """Tell a consumer to misbehave."""
    point: AccessPoint = request.app.state.point
    match = {"operation": "consumer", "consumer": name}
    try:
        rule = point.faults.add(match, data.fault, data.times, data.every)
    except ValueError as error:
        return Response({"error": str(error)}, status_code=400)
    return Response(rule.public(), status_code=201)


def router() -> Router:
    """The consumer and its admin calls."""
    return Router("/", route_handlers=[arrive, arrivals, trouble])
