"""The paths of the interface. Every request goes the same way: who asks, under which session, which fault."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from tallystick.sandbox.irp import cancelling, reading
from tallystick.sandbox.irp.answers import ENCODINGS, Refused, Reply, written_out
from tallystick.sandbox.irp.call import Call, client_of
from tallystick.sandbox.irp.forging import after_work, before_work, refuses
from tallystick.sandbox.irp.judge.binding import Unbound, bound, plain_object
from tallystick.sandbox.irp.login import data_of, log_in, session_of
from tallystick.sandbox.irp.registering import generate, identity_of
from tallystick.sandbox.irp.sealing import Sealed, opened
from tallystick.sandbox.wire import tell

if TYPE_CHECKING:
    from tallystick.sandbox.irp.desk import Desk

__all__ = ["router"]

_DEFAULT = "nic1"
_MOST_BYTES = 6 * 1024 * 1024
Work = Callable[["Desk", Call], Reply]
Handled = Request[Any, Any, Any]


class NotDone(Exception):
    """The fault keeps the request from being worked on; the middleware answers."""


async def _served(request: Handled, operation: str, work: Work | None, path: str = "") -> Response[bytes]:
    desk: Desk = request.app.state.irp
    name = request.path_params.get("portal", _DEFAULT)
    if name not in desk.names:
        return Response(b"", status_code=404)
    headers = {key.lower(): value for key, value in request.headers.items()}
    call = Call(desk.portal(name), operation, headers, dict(request.query_params), path)
    try:
        reply = await _conducted(desk, call, await request.body(), work, request)
    except Refused as refused:
        status = 401 if refused.errors[0][0] == "401" else 200
        errors = [("1005", text) if code == "401" else (code, text) for code, text in refused.errors]
        reply = Reply(errors=errors, infos=refused.infos, status=status)
    except NotDone:
        desk.note(call, "fault", verdict="not_processed", **_named(call))
        return Response(b"", status_code=503)
    except ValueError as error:
        return Response(str(error).encode("utf-8", "replace"), status_code=400)
    if not call.noted:
        verdict = "refused" if reply.errors else "accepted"
        desk.note(call, "exchange", verdict=verdict, codes=reply.codes, **_named(call))
    return _response(desk, call, reply)


def _named(call: Call) -> dict[str, str]:
    facts = _facts(call)
    wanted = {"number": facts["number"], "instance_id": facts["instance_id"]}
    return {name: text.encode("utf-8", "replace").decode()[:64] for name, text in wanted.items()}


def _response(desk: Desk, call: Call, reply: Reply) -> Response[bytes]:
    habits, fault = call.portal.habits, call.fault
    encoding = ENCODINGS[desk.turn() % len(ENCODINGS)] if habits.errors == "mixed" else habits.errors
    key = None if call.session is None else call.session.key
    if fault is not None and fault.text.endswith("answer:wrong-session-key"):
        key = secrets.token_bytes(32)
    body = written_out(reply, key, encoding=encoding, status_as_text=habits.status_as_text)
    return Response(body, status_code=reply.status, media_type="application/json")


async def _conducted(desk: Desk, call: Call, body: bytes, work: Work | None, request: Handled) -> Reply:
    call.client = client_of(call.portal, call.headers)
    if work is not None:
        call.session = session_of(desk, call)
        if request.method == "POST":
            _open(call, body)
    call.fault = desk.faults.pick(_facts(call), call.headers.get("x-sandbox-fault", ""))
    tell(request.scope, call.fault)
    refusing = refuses(call)
    fault = call.fault
    if fault is not None and not (fault.processes or refusing):
        if fault.kind != "stall":
            raise NotDone
        await asyncio.sleep(fault.seconds())
    if refusing and not (fault is not None and fault.text.startswith("after:")):
        before_work(desk, call)
    reply = log_in(desk, call, body) if work is None else work(desk, call)
    if refusing:
        before_work(desk, call)
    return after_work(desk, call, reply)


def _open(call: Call, body: bytes) -> None:
    """Decrypt the body. Raises Refused."""
    if len(body) > _MOST_BYTES:
        raise Refused("5002", "Data: the request is too large")
    assert call.session is not None
    try:
        action = "CANEWB" if call.operation == "ewb_cancel" else ""
        call.raw = opened(data_of(body, action), call.session.key)
        call.said = plain_object(call.raw)
    except (Sealed, Unbound) as error:
        raise Refused("2140", str(error)) from error


def _facts(call: Call) -> dict[str, str]:
    """What a standing order can match on."""
    facts = {
        "operation": call.operation,
        "dialect": "irp",
        "unit": call.portal.name,
        "environment": call.portal.environment,
        "sender": call.gstin,
        "number": call.query.get("docnum", ""),
        "instance_id": call.path or call.text("Irn"),
    }
    if call.operation != "submit" or not call.raw:
        return facts
    try:
        document = bound(call.raw)
    except Unbound:
        return facts
    identity = identity_of(document)
    buyer = document.get("BuyerDtls")
    receiver = buyer.get("Gstin", "") if isinstance(buyer, dict) else ""
    if identity is None:
        return facts
    return facts | {
        "number": identity.number,
        "flow": identity.kind,
        "instance_id": identity.irn,
        "receiver": receiver if isinstance(receiver, str) else "",
    }


@post("/eivital/v1.04/auth", status_code=200)
async def auth(request: Handled) -> Response[bytes]:
    """Log in."""
    return await _served(request, "auth", None)


@post("/eicore/v1.03/Invoice", status_code=200)
async def invoice(request: Handled) -> Response[bytes]:
    """Register a document."""
    return await _served(request, "submit", generate)


@get("/eicore/v1.03/Invoice/irn/{irn:str}")
async def invoice_by_number(request: Handled, irn: FromPath[str]) -> Response[bytes]:
    """Read a registration back."""
    return await _served(request, "status", reading.by_number, irn)


@get("/eicore/v1.03/Invoice/irnbydocdetails")
async def invoice_by_document(request: Handled) -> Response[bytes]:
    """Read back what a document was registered as."""
    return await _served(request, "status", reading.by_document)


@post("/eicore/v1.03/Invoice/Cancel", status_code=200)
async def cancel(request: Handled) -> Response[bytes]:
    """Cancel a registration."""
    return await _served(request, "cancel", cancelling.cancel)


@get("/eicore/v1.03/Invoice/rejectedirn")
async def rejected(request: Handled) -> Response[bytes]:
    """Numbers that lost to another portal on a day."""
    return await _served(request, "rejected", reading.rejected)


@post("/eiewb/v1.03/ewaybill", status_code=200)
async def bill(request: Handled) -> Response[bytes]:
    """Make an e-way bill for a registration."""
    return await _served(request, "ewb", cancelling.make_bill)


@get("/eiewb/v1.03/ewaybill/irn/{irn:str}")
async def bill_details(request: Handled, irn: FromPath[str]) -> Response[bytes]:
    """Read an e-way bill."""
    return await _served(request, "ewb_details", cancelling.bill_details, irn)


@post("/ewaybillapi/v1.03/ewayapi", status_code=200)
async def bill_action(request: Handled) -> Response[bytes]:
    """Cancel an e-way bill (action CANEWB; there is no other)."""
    return await _served(request, "ewb_cancel", cancelling.cancel_bill)


@get("/eivital/v1.04/Master/gstin/{gstin:str}")
async def taxpayer(request: Handled, gstin: FromPath[str]) -> Response[bytes]:
    """A line of the registry."""
    return await _served(request, "taxpayer", reading.taxpayer, gstin)


@get("/eivital/v1.04/Master/syncgstin/{gstin:str}")
async def synchronised(request: Handled, gstin: FromPath[str]) -> Response[bytes]:
    """A line of the registry, asked anew of the tax portal."""
    return await _served(request, "sync", reading.synchronised, gstin)


@get("/eivital/v1.03/health")
async def health(request: Handled) -> Response[bytes]:
    """Whether the portal is up; nobody need log in."""
    desk: Desk = request.app.state.irp
    if request.path_params.get("portal", _DEFAULT) not in desk.names:
        return Response(b"", status_code=404)
    tell(request.scope, desk.faults.pick({"operation": "health", "dialect": "irp"}))
    return Response(b'{"Status":1,"Data":{"Status":"UP"}}', media_type="application/json")


def router() -> Router:
    """All paths, as the real portal has them and under `/irp/{portal}`."""
    calls = [auth, invoice, invoice_by_number, invoice_by_document, cancel, rejected, bill, bill_details]
    calls += [bill_action, taxpayer, synchronised, health]
    return Router(
        "/",
        route_handlers=[Router("/", route_handlers=calls), Router("/irp/{portal:str}", route_handlers=calls)],
    )
