"""Routes of what a person decides: a dead letter sent again, a doubt settled with evidence."""

from typing import Annotated, Final, Literal

from litestar.response.base import ASGIResponse
from msgspec import Meta, Struct, json

from tallystick.api.ask import Ask
from tallystick.api.bodies import decoded
from tallystick.api.describe import JSON, Answer, Body, Operation
from tallystick.api.parameters import EXAMPLE_ID, path_uuid
from tallystick.api.routing import route
from tallystick.flows import operate
from tallystick.flows.operate import Operated

__all__ = ["ROUTES"]

ID: Final = path_uuid("invoice_id", "invoice")
EXAMPLE: Final = {
    "invoice_id": EXAMPLE_ID,
    "state": "queued",
    "processing_status": "accepted",
    "authority_status": "pending",
}
Status = Literal["not_required", "cleared", "reported", "registered", "accepted", "cancelled"]


class ReplayBody(Struct, kw_only=True, forbid_unknown_fields=True):
    """Why it is sent again; kept as evidence."""

    reason: Annotated[str, Meta(max_length=10_000)] = ""


class ResolveBody(Struct, kw_only=True, forbid_unknown_fields=True):
    """What the authority has, and how you know. `sent`: it has the document, with this status (unless given:
    `accepted`) and reference; of an act it did it, and the status says whether the document is `cancelled` or
    still `accepted`.
    """

    decision: Literal["sent", "not_sent"]
    evidence: Annotated[str, Meta(min_length=1, max_length=10_000, pattern=r"\S")]
    authority_status: Status | None = None
    reference: Annotated[str, Meta(max_length=200)] = ""


@route(
    "POST",
    "/v1/invoices/{invoice_id}:replay",
    Operation(
        id="replayInvoice",
        summary="Send a dead letter again",
        description="A new round of attempts with the same bytes and the same reference. What may have "
        "reached the "
        "authority is asked about first.",
        tag="Invoices",
        scope="submission:resolve",
        parameters=(ID,),
        body=Body(
            description="The reason; may be left out.",
            type=ReplayBody,
            example={"reason": "The access point is back."},
            required=False,
        ),
        answers=(Answer(description="Where the invoice stands now.", type=Operated, example=EXAMPLE),),
        problems=("resource/not-found", "request/invalid-body", "state/illegal-transition"),
    ),
)
async def replay(ask: Ask) -> ASGIResponse:
    """POST /v1/invoices/{invoice_id}:replay."""
    body = await decoded(ask, ReplayBody)
    return answered(await operate.replay(ask.gateway, ask.caller, ask.path["invoice_id"], body.reason))


@route(
    "POST",
    "/v1/invoices/{invoice_id}:resolve",
    Operation(
        id="resolveInvoice",
        summary="Settle by hand what the authority has",
        description="For a dead letter or a conflict. `sent`: the authority has the document. "
        "`not_sent`: it has not; a "
        "dead letter is sent again, a conflict ends as rejected. The evidence is kept with the decision "
        "in the log.",
        tag="Invoices",
        scope="submission:resolve",
        parameters=(ID,),
        body=Body(
            description="The decision.",
            type=ResolveBody,
            example={
                "decision": "sent",
                "evidence": "Found in the authority's portal on 2026-03-04, screenshot in ticket 4711.",
                "authority_status": "accepted",
                "reference": "0d3b5e0a-3f64-4a53-8f7e-0c6f1a2b3c4d",
            },
        ),
        answers=(
            Answer(
                description="Where the invoice stands now.",
                type=Operated,
                example={
                    **EXAMPLE,
                    "state": "done",
                    "processing_status": "completed",
                    "authority_status": "accepted",
                },
            ),
        ),
        problems=("resource/not-found", "request/invalid-body", "state/illegal-transition"),
    ),
)
async def resolve(ask: Ask) -> ASGIResponse:
    """POST /v1/invoices/{invoice_id}:resolve."""
    body = await decoded(ask, ResolveBody)
    return answered(
        await operate.resolve(
            ask.gateway,
            ask.caller,
            ask.path["invoice_id"],
            body.decision,
            body.evidence,
            authority_status=body.authority_status,
            reference=body.reference,
        )
    )


def answered(done: Operated) -> ASGIResponse:
    """200 with where the invoice stands."""
    return ASGIResponse(body=json.encode(done), media_type=JSON, headers={"Cache-Control": "no-store"})


ROUTES: Final = (replay, resolve)
