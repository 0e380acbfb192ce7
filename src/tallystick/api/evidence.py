"""Routes of evidence: events, attempts, artefacts, log, receipt."""

from typing import Any, Final

from litestar.response.base import ASGIResponse

from tallystick.api import examples
from tallystick.api.answers import cacheable, listing, resource
from tallystick.api.ask import Ask
from tallystick.api.describe import NOT_MODIFIED, Answer, Operation, Parameter
from tallystick.api.parameters import CURSOR, IF_NONE_MATCH, LIMIT, one_of, path_text, path_uuid
from tallystick.api.routing import route
from tallystick.flows import read
from tallystick.flows.administer.endpoints import EVENTS
from tallystick.flows.read import Artifacts, Attempts, Log
from tallystick.flows.slices import DEFAULT_LIMIT

__all__ = ["ROUTES"]

ID: Final = path_uuid("invoice_id", "invoice")
NAME: Final = path_text(
    "name", "The artefact's name, from the list.", r"[A-Za-z0-9._-]{1,200}", "invoice.json"
)
EVENT_PAGE: Final = {"$ref": "#/components/schemas/EventPage"}
ZIP: Final = "application/zip"


def about_invoice(
    name: str,
    summary: str,
    description: str,
    scope: str,
    answer: Answer,
    *more: Parameter,
    problems: Any = (),
) -> Operation:
    """A GET below an invoice."""
    return Operation(
        id=name,
        summary=summary,
        description=description,
        tag="Evidence",
        scope=scope,
        parameters=(ID, *more, IF_NONE_MATCH),
        answers=(answer, NOT_MODIFIED),
        problems=("resource/not-found", *problems),
    )


@route(
    "GET",
    "/v1/invoices/{invoice_id}/events",
    about_invoice(
        "listInvoiceEvents",
        "List an invoice's events",
        "In order, exactly as they are delivered to webhook endpoints.",
        "invoices:read",
        Answer(
            description="The events.",
            schema=EVENT_PAGE,
            example=examples.EVENTS,
            headers={"ETag": "Of the list."},
        ),
    ),
)
async def events(ask: Ask) -> ASGIResponse:
    """GET /v1/invoices/{invoice_id}/events."""
    return resource(ask, await read.events(ask.gateway, ask.caller, ask.path["invoice_id"]))


@route(
    "GET",
    "/v1/events",
    Operation(
        id="listEvents",
        summary="Read the event feed",
        description="All events of the tenant in one order, oldest first: what a webhook endpoint got, "
        "or would have got. "
        "`next_cursor` is there on the last page too: ask again with it later, and no event is missed or "
        "seen twice.",
        tag="Evidence",
        scope="invoices:read",
        parameters=(one_of("type", "Only this type.", EVENTS), LIMIT, CURSOR, IF_NONE_MATCH),
        answers=(
            Answer(
                description="A page.",
                schema=EVENT_PAGE,
                example=examples.EVENTS,
                headers={"ETag": "The page's entity tag.", "Link": "The next page, if there is one."},
            ),
            NOT_MODIFIED,
        ),
    ),
)
async def feed(ask: Ask) -> ASGIResponse:
    """GET /v1/events."""
    limit, cursor = ask.query.get("limit", DEFAULT_LIMIT), ask.query.get("cursor")
    page = await read.tenant_events(ask.gateway, ask.caller, ask.query.get("type"), limit, cursor)
    return listing(ask, page, page.next_cursor if page.has_more else None)


@route(
    "GET",
    "/v1/invoices/{invoice_id}/attempts",
    about_invoice(
        "listInvoiceAttempts",
        "List an invoice's attempts",
        "Every try to reach the authority, over all rounds. Requests and answers themselves are artefacts.",
        "invoices:read",
        Answer(
            description="The attempts.",
            type=Attempts,
            example=examples.ATTEMPTS,
            headers={"ETag": "Of the list."},
        ),
    ),
)
async def attempts(ask: Ask) -> ASGIResponse:
    """GET /v1/invoices/{invoice_id}/attempts."""
    return resource(ask, await read.attempts(ask.gateway, ask.caller, ask.path["invoice_id"]))


@route(
    "GET",
    "/v1/invoices/{invoice_id}/artifacts",
    about_invoice(
        "listInvoiceArtifacts",
        "List an invoice's artefacts",
        "The bytes that are kept: what came in, the wire document, each request and answer.",
        "invoices:read",
        Answer(
            description="The artefacts.",
            type=Artifacts,
            example=examples.ARTIFACTS,
            headers={"ETag": "Of the list."},
        ),
    ),
)
async def artifacts(ask: Ask) -> ASGIResponse:
    """GET /v1/invoices/{invoice_id}/artifacts."""
    return resource(ask, await read.artifacts(ask.gateway, ask.caller, ask.path["invoice_id"]))


@route(
    "GET",
    "/v1/invoices/{invoice_id}/artifacts/{name}",
    about_invoice(
        "getInvoiceArtifact",
        "Download an artefact",
        "The exact bytes. 410 if they were erased: their digest stays in the log.",
        "invoices:read",
        Answer(
            description="The bytes, with their own media type where a browser cannot run it.",
            media_types=("*/*",),
            headers={"ETag": "Of the bytes.", "Content-Disposition": "Always `attachment`."},
        ),
        NAME,
        problems=("resource/erased",),
    ),
)
async def artifact(ask: Ask) -> ASGIResponse:
    """GET /v1/invoices/{invoice_id}/artifacts/{name}."""
    name = ask.path["name"]
    body, media_type = await read.artifact(ask.gateway, ask.caller, ask.path["invoice_id"], name)
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return cacheable(ask, body, media_type=media_type, headers=headers)


@route(
    "GET",
    "/v1/invoices/{invoice_id}/log",
    about_invoice(
        "listInvoiceLog",
        "Read an invoice's compliance log",
        "Its whole chain. `entry` is the exact text: `hash` is SHA-256 over `tallystick/log-entry/v1`, a "
        "line feed and it; "
        "each entry names the hash of the one before.",
        "audit:read",
        Answer(description="The entries.", type=Log, example=examples.LOG, headers={"ETag": "Of the list."}),
    ),
)
async def log(ask: Ask) -> ASGIResponse:
    """GET /v1/invoices/{invoice_id}/log."""
    return resource(ask, await read.log(ask.gateway, ask.caller, ask.path["invoice_id"]))


@route(
    "GET",
    "/v1/invoices/{invoice_id}/receipt",
    about_invoice(
        "getInvoiceReceipt",
        "Download an invoice's receipt",
        "A ZIP that proves what was sent, what came back, when and in which order; anyone can check it "
        "offline with the "
        "verifier at `/v1/verifier` and our key at `/v1/keys`.",
        "invoices:read",
        Answer(
            description="The receipt.",
            media_types=(ZIP,),
            headers={"ETag": "Of the receipt.", "Content-Disposition": "Its file name."},
        ),
    ),
)
async def receipt(ask: Ask) -> ASGIResponse:
    """GET /v1/invoices/{invoice_id}/receipt."""
    id_ = ask.path["invoice_id"]
    from tallystick.flows.receipt import receipt as make_receipt

    body = await make_receipt(ask.gateway, ask.caller, id_)
    named = {"Content-Disposition": f'attachment; filename="receipt-{id_}.zip"'}
    return cacheable(ask, body, media_type=ZIP, headers=named)


ROUTES: Final = (events, feed, attempts, artifacts, artifact, log, receipt)
