"""Telling the sandbox what to do wrong, and reading what it processed. No token: it is for loopback."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, Router, delete, get, post
from litestar.params import FromPath, JSONBody

from tallystick.sandbox.access_point import DUPLICATES, REFUSALS, AccessPoint


class Order(msgspec.Struct, forbid_unknown_fields=True):
    """A standing order. `match`: shell patterns over dialect, operation, sender, receiver, number,
    instance_id, environment, flow, unit; `times` absent means until struck; `every` takes each n-th match
    only, `share` (0 to 1) as many of them as chance under `seed` picks.
    """

    fault: str
    match: dict[str, str] = {}
    times: int | None = None
    every: int = 1
    share: float = 1.0
    seed: int = 0


class Habits(msgspec.Struct, forbid_unknown_fields=True):
    """How the access point treats repeated ids and bad documents; absent leaves it."""

    duplicates: str | None = None
    refusal: str | None = None


def _point(request: Request[Any, Any, Any]) -> AccessPoint:
    point: AccessPoint = request.app.state.point
    return point


@post("/faults", status_code=201)
async def add_fault(request: Request[Any, Any, Any], data: JSONBody[Order]) -> Response[Any]:
    """Write a standing order down; 400 says what is wrong with it."""
    try:
        rule = _point(request).faults.add(
            data.match, data.fault, data.times, data.every, data.share, data.seed
        )
    except ValueError as error:
        return Response({"error": str(error)}, status_code=400)
    return Response(rule.public(), status_code=201)


@get("/faults")
async def list_faults(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """Standing orders, and how often each fault happened."""
    book = _point(request).faults
    return {"faults": [rule.public() for rule in book.rules], "fired": book.fired}


@delete("/faults", status_code=204)
async def clear_faults(request: Request[Any, Any, Any]) -> None:
    """Strike all orders."""
    _point(request).faults.clear()


@delete("/faults/{rule_id:int}", status_code=200)
async def strike_fault(request: Request[Any, Any, Any], rule_id: FromPath[int]) -> Response[None]:
    """Strike one order."""
    return Response(None, status_code=204 if _point(request).faults.remove(rule_id) else 404)


@get("/journal")
async def journal(request: Request[Any, Any, Any]) -> list[dict[str, Any]]:
    """Events in order, narrowed by any of `_FILTERS`; `skip` skips.

    Whole documents (`document`, `cleared`) are left out unless `documents=1` asks for them.
    """
    wanted = {key: request.query_params[key] for key in _FILTERS if key in request.query_params}
    events = _point(request).journal.events[_count(request.query_params.get("skip", "0")) :]
    left_out = () if request.query_params.get("documents") == "1" else _BODIES
    return [
        {key: value for key, value in event.items() if key not in left_out}
        for event in events
        if all(event.get(key) == value for key, value in wanted.items())
    ]


_FILTERS = ("instance_id", "event", "number", "dialect", "authority", "environment", "unit")
_BODIES = ("document", "cleared")


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


@post("/habits", status_code=200)
async def habits(request: Request[Any, Any, Any], data: JSONBody[Habits]) -> Response[Any]:
    """Switch `duplicates` (again, refuse) and `refusal` (receiver, verifier); answers what holds now."""
    point = _point(request)
    for value, allowed in ((data.duplicates, DUPLICATES), (data.refusal, REFUSALS)):
        if value is not None and value not in allowed:
            return Response({"error": f"{value!r} is none of {', '.join(allowed)}"}, status_code=400)
    point.duplicates = data.duplicates or point.duplicates
    point.refusal = data.refusal or point.refusal
    return Response({"duplicates": point.duplicates, "refusal": point.refusal}, status_code=200)


@get("/healthz")
async def healthz() -> dict[str, str]:
    """Alive."""
    return {"status": "ok"}


def router() -> Router:
    """Admin calls under /admin, the health probe beside them."""
    orders = [add_fault, list_faults, clear_faults, strike_fault, journal, habits]
    return Router("/", route_handlers=[Router("/admin", route_handlers=orders), healthz])
