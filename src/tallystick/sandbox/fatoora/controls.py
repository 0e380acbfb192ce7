"""Admin calls of this stand-in, under /admin/fatoora. Environments by segment or by common name."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.params import JSONBody

from tallystick.sandbox.fatoora.canned import CONTRADICTORY, OBSERVED
from tallystick.sandbox.fatoora.chain import chain
from tallystick.sandbox.fatoora.environments import environment_named
from tallystick.sandbox.fatoora.office import Fatoora


class CodeWanted(msgspec.Struct, forbid_unknown_fields=True):
    """A one-time code for an environment, bound to a VAT number unless that is empty."""

    environment: str
    vat: str = ""


class Revocation(msgspec.Struct, forbid_unknown_fields=True):
    """A credential that is no longer good from now on. `unit` is its request id."""

    environment: str
    unit: str
    reason: str = "revoked by hand"


class Wishes(msgspec.Struct, forbid_unknown_fields=True):
    """Habits to change; absent leaves one as it is. See `office.Habits`.

    clearance_off: environments where clearance is switched off; ahead: seconds our clock goes before.
    """

    strict: bool | None = None
    clearance_off: list[str] | None = None
    renewal: str | None = None
    lifetime_days: float | None = None
    duplicate_hours: float | None = None
    ahead: float | None = None


def _office(request: Request[Any, Any, Any]) -> Fatoora:
    office: Fatoora = request.app.state.fatoora
    return office


def _wrong(text: str) -> Response[Any]:
    return Response({"error": text}, status_code=400)


@post("/otp", status_code=201)
async def otp(request: Request[Any, Any, Any], data: JSONBody[CodeWanted]) -> Response[Any]:
    """Issue a one-time code: {otp, expires_at}. It is good for one hour and one call."""
    environment = environment_named(data.environment)
    if environment is None:
        return _wrong(f"no such environment: {data.environment!r}")
    code, ends = _office(request).registry.give_code(environment, data.vat)
    return Response({"otp": code, "expires_at": ends.isoformat()}, status_code=201)


@get("/units")
async def units(request: Request[Any, Any, Any]) -> list[dict[str, Any]]:
    """Every credential that was given out, without its secret."""
    return [
        {
            "environment": one.environment,
            "kind": one.kind,
            "unit": one.unit,
            "name": one.name,
            "vat": one.vat,
            "title": one.title,
            "parent": one.parent,
            "renews": one.renews,
            "revoked": one.revoked,
            "steps": sorted(one.steps),
            "expires_at": one.expires_at.isoformat(),
            "certificate": one.certificate_text,
        }
        for one in _office(request).registry.credentials.values()
    ]


@post("/revoke", status_code=200)
async def revoke(request: Request[Any, Any, Any], data: JSONBody[Revocation]) -> Response[Any]:
    """Revoke one credential: from now on it is answered 401."""
    environment = environment_named(data.environment)
    registry = _office(request).registry
    known = None if environment is None else registry.find(environment.segment, data.unit)
    if known is None:
        return _wrong("no such credential")
    registry.revoke(known, data.reason)
    return Response({"revoked": known.revoked}, status_code=200)


@post("/habits", status_code=200)
async def habits(request: Request[Any, Any, Any], data: JSONBody[Wishes]) -> Response[Any]:
    """Change habits; answers what holds now."""
    office = _office(request)
    named = {name: environment_named(name) for name in data.clearance_off or []}
    if None in named.values():
        return _wrong("no such environment in clearance_off")
    if data.renewal not in (None, "auto", "428", "200", "not_compliant"):
        return _wrong("renewal is one of auto, 428, 200, not_compliant")
    if data.clearance_off is not None:
        office.habits.clearance_off = {one.segment for one in named.values() if one is not None}
    for name in ("strict", "renewal", "lifetime_days", "duplicate_hours"):
        if getattr(data, name) is not None:
            setattr(office.habits, name, getattr(data, name))
    office.ahead = office.ahead if data.ahead is None else data.ahead
    return Response(
        {
            "strict": office.habits.strict,
            "clearance_off": sorted(office.habits.clearance_off),
            "renewal": office.habits.renewal,
            "lifetime_days": office.habits.lifetime_days,
            "duplicate_hours": office.habits.duplicate_hours,
            "ahead": office.ahead,
        },
        status_code=200,
    )


@get("/chains")
async def chains(request: Request[Any, Any, Any]) -> list[dict[str, Any]]:
    """The chain of every unit that handed documents in; `unit` narrows, `documents=1` adds their bytes."""
    wanted = request.query_params.get("unit")
    bodies = request.query_params.get("documents") == "1"
    return [
        chain(environment, unit, events, bodies=bodies)
        for (environment, unit), events in _office(request).processed.items()
        if wanted in (None, unit)
    ]


@get("/answers")
async def names() -> dict[str, list[str]]:
    """Names that `answer:NAME` takes: those observed, and those that contradict themselves."""
    return {"observed": sorted(OBSERVED), "contradictory": sorted(CONTRADICTORY)}


def router() -> Router:
    """The calls of this stand-in's operator."""
    return Router("/admin/fatoora", route_handlers=[otp, units, revoke, habits, chains, names])
