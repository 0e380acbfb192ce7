"""Routes of acts: what may be asked of the authority about a document in force, such as to cancel it."""

from typing import Any, Final

from litestar.response.base import ASGIResponse
from msgspec import json

from tallystick.api import examples
from tallystick.api.answers import resource
from tallystick.api.ask import Ask
from tallystick.api.bodies import decoded
from tallystick.api.describe import JSON, NOT_MODIFIED, Answer, Body, Operation, Parameter
from tallystick.api.invoices import key_of, wait_of
from tallystick.api.parameters import (
    IDEMPOTENCY_ALIAS,
    IDEMPOTENCY_KEY,
    IF_NONE_MATCH,
    PREFER,
    path_text,
    path_uuid,
)
from tallystick.api.routing import route
from tallystick.flows import acting, showing_acts
from tallystick.flows.showing_acts import ActResource, Acts

__all__ = ["ROUTES"]

ID: Final = path_uuid("invoice_id", "invoice")
ACT_ID: Final = path_uuid("act", "act")
ACT: Final = path_text(
    "act",
    "The act's name: one of the invoice's `actions`, such as `cancel`.",
    r"[a-z][a-z0-9_]{0,39}",
    "cancel",
)
PREFER_ACT: Final = Parameter(
    name=PREFER.name,
    where=PREFER.where,
    description="`wait=N` (RFC 7240) holds the answer up to N seconds, at most 30, until the authority "
    "has answered. The act is stored before the wait begins, and the status is the same either way.",
    schema=PREFER.schema,
    example=PREFER.example,
)
HEADERS: Final = {
    "Location": "The act's path.",
    "Idempotency-Replayed": "`true` if this is the stored answer of an earlier request with the same key.",
    "Preference-Applied": "What of `Prefer` was obeyed.",
}
PROBLEMS: Final = (
    "request/invalid-header",
    "request/invalid-body",
    "idempotency/key-reused",
    "resource/not-found",
    "state/illegal-transition",
    "state/under-way",
)
ASKING: Final = (
    "What the act needs to know is its strategy's own (see the country's page). The same act asked twice is "
    "one act while it is under way and, unless a new Idempotency-Key says otherwise, afterwards. What the "
    "strategy knows the authority would refuse is answered with 422 and a hint, and nothing is sent."
)


def asking(name: str, summary: str, description: str, *more: Parameter) -> Operation:
    """A question to the authority about an invoice."""
    return Operation(
        id=name,
        summary=summary,
        description=f"{description} {ASKING}",
        tag="Acts",
        scope="invoices:write",
        parameters=(ID, *more, IDEMPOTENCY_KEY, IDEMPOTENCY_ALIAS, PREFER_ACT),
        body=Body(
            description="The request, as the strategy wants it; may be left out where it wants nothing.",
            schema={"type": "object"},
            example=examples.ACT_REQUEST,
            required=False,
        ),
        answers=(
            Answer(
                status=201,
                description="Stored; the authority is being asked.",
                type=ActResource,
                example=examples.ACT,
                headers=HEADERS,
            ),
            Answer(
                description="The same was asked before: that act, as it stands.",
                type=ActResource,
                example=examples.ACT,
                headers=HEADERS,
            ),
        ),
        problems=PROBLEMS,
    )


@route(
    "POST",
    "/v1/invoices/{invoice_id}:cancel",
    asking(
        "cancelInvoice",
        "Cancel an invoice at its authority",
        "The same as the act `cancel`, where the authority knows one. Elsewhere, and once its window has "
        "closed, a credit note is the way.",
    ),
)
async def cancel(ask: Ask) -> ASGIResponse:
    """POST /v1/invoices/{invoice_id}:cancel."""
    return await asked(ask, "cancel")


@route(
    "POST",
    "/v1/invoices/{invoice_id}/acts/{act}",
    asking(
        "requestAct",
        "Ask the authority for an act",
        "The invoice must be in force there, and nothing else may be under way. `actions` of the invoice "
        "are the acts its state allows.",
        ACT,
    ),
)
async def request(ask: Ask) -> ASGIResponse:
    """POST /v1/invoices/{invoice_id}/acts/{act}."""
    return await asked(ask, ask.path["act"])


async def asked(ask: Ask, act: str) -> ASGIResponse:
    """201 or 200 with the act, after the wait the caller asked for. A replayed answer waits for nothing."""
    given: dict[str, Any] = await decoded(ask, dict[str, Any])
    invoice_id, key = ask.path["invoice_id"], key_of(ask, required=False)
    done = await acting.ask(ask.gateway, ask.caller, invoice_id, act, given, idempotency_key=key)
    headers = {
        "location": f"/v1/invoices/{invoice_id}/acts/{done.act_id}",
        "cache-control": "no-store",
    }
    body, seconds = done.body, wait_of(ask)
    if done.replayed:
        headers["idempotency-replayed"] = "true"
    elif seconds is not None:
        now = await showing_acts.settled(ask.gateway, ask.caller, invoice_id, done.act_id, seconds)
        body = json.encode(now)
        headers["preference-applied"] = f"wait={seconds}"
    return ASGIResponse(body=body, status_code=done.status, media_type=JSON, headers=headers)


@route(
    "GET",
    "/v1/invoices/{invoice_id}/acts",
    Operation(
        id="listActs",
        summary="List the acts on an invoice",
        description="Everything that was asked of the authority about the invoice in force, oldest first.",
        tag="Acts",
        scope="invoices:read",
        parameters=(ID, IF_NONE_MATCH),
        answers=(
            Answer(
                description="The acts.",
                type=Acts,
                example={"data": [examples.ACT]},
                headers={"ETag": "Of the list."},
            ),
            NOT_MODIFIED,
        ),
        problems=("resource/not-found",),
    ),
)
async def index(ask: Ask) -> ASGIResponse:
    """GET /v1/invoices/{invoice_id}/acts."""
    return resource(ask, await showing_acts.acts(ask.gateway, ask.caller, ask.path["invoice_id"]))


@route(
    "GET",
    "/v1/invoices/{invoice_id}/acts/{act}",
    Operation(
        id="getAct",
        summary="Read an act",
        description="Where it stands, what was asked, and what the authority said.",
        tag="Acts",
        scope="invoices:read",
        parameters=(ID, ACT_ID, IF_NONE_MATCH),
        answers=(
            Answer(
                description="The act.",
                type=ActResource,
                example=examples.ACT,
                headers={"ETag": "Of the act."},
            ),
            NOT_MODIFIED,
        ),
        problems=("resource/not-found",),
    ),
)
async def show(ask: Ask) -> ASGIResponse:
    """GET /v1/invoices/{invoice_id}/acts/{act}."""
    found = await showing_acts.act(ask.gateway, ask.caller, ask.path["invoice_id"], ask.path["act"])
    return resource(ask, found)


ROUTES: Final = (cancel, request, index, show)
