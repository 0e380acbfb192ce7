"""Telling the portals what to be, and reading what they hold. No login: it is for loopback."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.params import FromPath, JSONBody

from tallystick.sandbox.irp.accounts import User, hashed
from tallystick.sandbox.irp.clock import written
from tallystick.sandbox.irp.judge.customs import Taxpayer
from tallystick.sandbox.irp.keys import public_pem
from tallystick.sandbox.irp.portal import Portal

if TYPE_CHECKING:
    from tallystick.sandbox.irp.desk import Desk
    from tallystick.sandbox.irp.records import Record

__all__ = ["router"]

_NOT_FOUND = {"error": "no such portal, or no such number in force"}
Asked = Request[Any, Any, Any]
_FARTHEST = 10**9
"""Seconds, some thirty years."""
Seconds = Annotated[float, msgspec.Meta(gt=0, le=_FARTHEST)]
Shift = Annotated[float, msgspec.Meta(ge=-_FARTHEST, le=_FARTHEST)]


class Habits(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Absent leaves a habit as it is. `life` and `renewal_window` in seconds, `window` in days (null: none),
    `floor` an ISO date (null: none); see `portal.Habits` and `sessions.Sessions`.
    """

    errors: Literal["array", "text", "base64", "mixed"] | msgspec.UnsetType = msgspec.UNSET
    status_as_text: bool | msgspec.UnsetType = msgspec.UNSET
    ack_as_text: bool | msgspec.UnsetType = msgspec.UNSET
    window: Annotated[int, msgspec.Meta(ge=0)] | msgspec.UnsetType | None = msgspec.UNSET
    floor: date | msgspec.UnsetType | None = msgspec.UNSET
    strict: bool | msgspec.UnsetType = msgspec.UNSET
    cancel_hours: Seconds | msgspec.UnsetType = msgspec.UNSET
    read_days: Seconds | msgspec.UnsetType = msgspec.UNSET
    life: Seconds | msgspec.UnsetType = msgspec.UNSET
    renewal_window: Seconds | msgspec.UnsetType = msgspec.UNSET
    renewal_revokes: bool | msgspec.UnsetType = msgspec.UNSET
    lock_after: Annotated[int, msgspec.Meta(ge=1)] | msgspec.UnsetType = msgspec.UNSET
    open: bool | msgspec.UnsetType = msgspec.UNSET


class Client(msgspec.Struct, forbid_unknown_fields=True):
    """A client that may ask."""

    client_id: str
    client_secret: str


class Login(msgspec.Struct, forbid_unknown_fields=True):
    """An interface user of a taxpayer; `client_id` ties him to one client."""

    gstin: str
    user_name: str
    password: str
    client_id: str = ""
    state: Literal["active", "frozen", "inactive", "suspended", "cancelled"] = "active"


class Registered(msgspec.Struct, forbid_unknown_fields=True):
    """A taxpayer as the registry has it; see `customs.Taxpayer`. An empty status: not in the copy."""

    gstin: str
    status: Literal["ACT", "CNL", "INA", "PRO", ""] = "ACT"
    kind: str = "REG"
    legal_name: str = ""
    trade_name: str = ""
    registered: str = "01/07/2017"
    deregistered: str = ""
    later: Literal["ACT", "CNL", "INA", "PRO", ""] = ""


class Move(msgspec.Struct, forbid_unknown_fields=True):
    """Moves the portals' clock: on from where it is, or to so many seconds beside real time."""

    advance: Shift | None = None
    offset: Shift | None = None


class Loss(msgspec.Struct, forbid_unknown_fields=True):
    """A number that another portal turns out to have registered first."""

    irn: str
    environment: Literal["sandbox", "production"] = "sandbox"
    first_at: str = "NIC2"


class Whose(msgspec.Struct, forbid_unknown_fields=True):
    """Whose tokens: one taxpayer's, or everybody's."""

    gstin: str = ""


def _desk(request: Asked) -> Desk:
    desk: Desk = request.app.state.irp
    return desk


def _portal(request: Asked, name: str) -> Portal | None:
    desk = _desk(request)
    return desk.portal(name) if name in desk.names else None


def _described(desk: Desk, portal: Portal) -> dict[str, Any]:
    signing = desk.keys.signing(portal.name)
    return {
        "portal": portal.name,
        "irp": portal.label,
        "path": f"/irp/{portal.name}",
        "environment": portal.environment,
        "issuer": portal.issuer,
        "auth_key": public_pem(desk.keys.auth(portal.name)),
        "kid": signing.kid,
        "signing_key": public_pem(signing.private),
        "certificate": signing.certificate_pem,
        "token_seconds": portal.sessions.life,
        "habits": asdict(portal.habits),
    }


def _held(record: Record) -> dict[str, Any]:
    return {
        "irn": record.irn,
        "portal": record.portal,
        **asdict(record.identity),
        "buyer": record.buyer,
        "sha256": record.sha256,
        "status": record.status,
        "ack_no": record.ack_no,
        "ack_dt": written(record.ack_dt),
        "bills": [{"number": one.number, "live": one.cancelled is None} for one in record.bills],
    }


@get("/")
async def portals(request: Asked) -> list[str]:
    """The names of all portals."""
    return _desk(request).names


@get("/{name:str}")
async def describe(request: Asked, name: FromPath[str]) -> Response[Any]:
    """One portal: its keys, its certificate, its habits."""
    portal = _portal(request, name)
    if portal is None:
        return Response(_NOT_FOUND, status_code=404)
    return Response(_described(_desk(request), portal))


@get("/{name:str}/registered")
async def registered(request: Asked, name: FromPath[str]) -> Response[Any]:
    """What is registered there, in order; query `gstin`, `number` and `irn` narrow it."""
    portal = _portal(request, name)
    if portal is None:
        return Response(_NOT_FOUND, status_code=404)
    wanted = {
        key: request.query_params[key] for key in ("gstin", "number", "irn") if key in request.query_params
    }
    held = [_held(one) for one in _desk(request).records(portal).all() if one.portal == name]
    return Response([one for one in held if all(one[key] == value for key, value in wanted.items())])


def _changed(request: Asked, name: str, event: str, **facts: Any) -> Response[Any]:
    if _portal(request, name) is None:
        return Response(_NOT_FOUND, status_code=404)
    _desk(request).configure(event, name, **facts)
    return Response(None, status_code=204)


@post("/{name:str}/habits", status_code=200)
async def habits(request: Asked, name: FromPath[str], data: JSONBody[Habits]) -> Response[Any]:
    """Change habits; answers what holds now."""
    portal = _portal(request, name)
    if portal is None:
        return Response(_NOT_FOUND, status_code=404)
    _desk(request).configure("habits", name, habits=msgspec.to_builtins(data))
    return Response(_described(_desk(request), portal)["habits"])


@post("/{name:str}/clients", status_code=200)
async def client(request: Asked, name: FromPath[str], data: JSONBody[Client]) -> Response[Any]:
    """Let a client in, or change its secret."""
    return _changed(request, name, "client", client_id=data.client_id, secret=hashed(data.client_secret))


@post("/{name:str}/users", status_code=200)
async def user(request: Asked, name: FromPath[str], data: JSONBody[Login]) -> Response[Any]:
    """Let a user in, change his password or state; a frozen one is set free by being written anew."""
    made = User(data.gstin, data.user_name, hashed(data.password), data.client_id, data.state)
    return _changed(request, name, "user", user=asdict(made))


@post("/{name:str}/taxpayers", status_code=200)
async def taxpayer(request: Asked, name: FromPath[str], data: JSONBody[Registered]) -> Response[Any]:
    """Say what the registry knows of a taxpayer."""
    made = Taxpayer(**msgspec.to_builtins(data))
    return _changed(request, name, "taxpayer", taxpayer=asdict(made))


@post("/{name:str}/revoke", status_code=200)
async def revoke(request: Asked, name: FromPath[str], data: JSONBody[Whose]) -> Response[Any]:
    """End tokens that live; says how many."""
    portal = _portal(request, name)
    if portal is None:
        return Response(_NOT_FOUND, status_code=404)
    return Response({"ended": portal.sessions.end_all(data.gstin)})


@post("/clock", status_code=200)
async def clock(request: Asked, data: JSONBody[Move]) -> Response[Any]:
    """Move the clock of all portals; answers what it shows."""
    desk = _desk(request)
    moved = data.offset if data.offset is not None else desk.clock.offset + (data.advance or 0)
    if abs(moved) > _FARTHEST:
        return Response({"error": "so far the clock does not go"}, status_code=400)
    if moved != desk.clock.offset:
        desk.configure("clock", "nic1", offset=moved)
    return Response({"offset": desk.clock.offset, "now": written(desk.clock.now())})


@post("/reject", status_code=200)
async def reject(request: Asked, data: JSONBody[Loss]) -> Response[Any]:
    """Another portal was first: the number appears among the rejected."""
    done = _desk(request).reject(data.irn, data.environment, data.first_at)
    return Response(None, status_code=204) if done else Response(_NOT_FOUND, status_code=404)


def router() -> Router:
    """Admin calls under /admin/irp."""
    calls = [portals, describe, registered, habits, client, user, taxpayer, revoke, clock, reject]
    return Router("/admin/irp", route_handlers=calls)
