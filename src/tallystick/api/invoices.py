"""Routes of invoices: post, dry run, from a document, read, list, repeat."""

import re
from typing import Any, Final

from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp
from msgspec import json
from msgspec.structs import replace

from tallystick.api import examples
from tallystick.api.answers import Posted, cacheable, listing
from tallystick.api.ask import Ask
from tallystick.api.bodies import MALFORMED
from tallystick.api.describe import JSON, NOT_MODIFIED, Answer, Body, Operation, page_of
from tallystick.api.language import ARABIC, Arabic, prefers_arabic
from tallystick.api.parameters import (
    ACCEPT_LANGUAGE,
    CURSOR,
    IDEMPOTENCY_ALIAS,
    IDEMPOTENCY_KEY,
    IF_NONE_MATCH,
    LIMIT,
    PREFER,
    SUPERSEDES,
    instant,
    one_of,
    path_uuid,
    plain_text,
)
from tallystick.api.problems import Refusal
from tallystick.api.routing import route
from tallystick.flows import accept as flow
from tallystick.flows import showing
from tallystick.flows.accept import Accepted
from tallystick.flows.errors import Faulty
from tallystick.flows.paging import Page
from tallystick.flows.showing import InvoiceSummary, Wanted
from tallystick.flows.slices import DEFAULT_LIMIT

__all__ = ["ROUTES", "key_of", "wait_of"]

ID: Final = path_uuid("invoice_id", "invoice")
RESOURCE: Final = {"$ref": "#/components/schemas/InvoiceResource"}
QUOTED: Final = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')
BARE: Final = re.compile(r"[!#-~]+")
WAIT: Final = re.compile(r"wait\s*=\s*\"?([0-9]{1,9})\"?")
STRATEGY: Final = b'"strategy":"'
NO_OBJECT: Final = MALFORMED | {"request/not-an-object", "request/too-large"}
MOST_SECONDS: Final = 30
AUTHORITY_STATUSES: Final = (
    "pending",
    "not_required",
    "cleared",
    "reported",
    "registered",
    "accepted",
    "rejected",
    "conflict",
    "cancelled",
)
ACCEPTED_HEADERS: Final = {
    "Location": "The invoice's path.",
    "ETag": "The head of the invoice's log when it was accepted.",
    "Idempotency-Replayed": "`true` if this is the stored answer of an earlier request with the same key.",
    "Preference-Applied": "What of `Prefer` was obeyed.",
}
ACCEPT_PROBLEMS: Final = (
    "request/invalid-header",
    "idempotency/key-required",
    "idempotency/key-reused",
    "idempotency/in-progress",
    "invoice/invalid",
    "invoice/duplicate-number",
    "state/illegal-transition",
    "resource/not-found",
)


def key_of(ask: Ask, *, required: bool = True) -> str | None:
    """The idempotency key: from either header, quoted or bare. Raises Refusal 400 for a malformed or second
    one, and where it is `required` for a live key that sent none.
    """
    sent = [*ask.headers("idempotency-key"), *ask.headers("x-idempotency-key")]
    keys = {unquoted(text.strip()) for text in sent}
    if len(keys) > 1:
        detail = "Idempotency-Key and X-Idempotency-Key (or two of them) are different."
        raise Refusal("request/invalid-header", detail)
    if required and not keys and ask.caller.mode == "live":
        raise Refusal("idempotency/key-required", "Send an Idempotency-Key with every new invoice.")
    return keys.pop() if keys else None


def unquoted(text: str) -> str:
    """The key of a structured-field string, or the bare text. Raises Refusal 400."""
    found = QUOTED.fullmatch(text)
    key = re.sub(r"\\(.)", r"\1", found[1]) if found else text
    if not 1 <= len(key) <= 255 or not (found or BARE.fullmatch(text)):
        raise Refusal("request/invalid-header", "An Idempotency-Key is 1 to 255 visible ASCII characters.")
    return key


def wait_of(ask: Ask) -> int | None:
    """How many seconds the caller would wait, at most 30; None if it did not say. Unknown preferences are
    ignored.
    """
    sent = ask.headers("prefer")
    for preference in ",".join(sent).split(",") if sent else ():
        found = WAIT.fullmatch(preference.partition(";")[0].strip().lower())
        if found:
            return min(int(found[1]), MOST_SECONDS)
    return None


def strategy_of(body: bytes) -> str:
    """The strategy an answer names."""
    start = body.find(STRATEGY) + len(STRATEGY)
    return body[start : body.find(b'"', start)].decode() if start >= len(STRATEGY) else "unknown"


async def answer(ask: Ask, accepted: Accepted) -> ASGIApp:
    """201, after the wait the caller asked for. A replayed answer is the stored one and waits for nothing."""
    headers = {"location": f"/v1/invoices/{accepted.invoice_id}", "cache-control": "no-store"}
    body, tag = accepted.body, accepted.etag
    if accepted.replayed:
        ask.metrics.replayed.inc()
        headers["idempotency-replayed"] = "true"
    else:
        ask.metrics.accepted.labels(strategy_of(body), ask.caller.mode).inc()
        seconds = wait_of(ask)
        if seconds is not None:
            now = await showing.settled(
                ask.gateway, ask.caller, accepted.invoice_id, seconds, built=accepted.at_once
            )
            body, tag = now.body, now.etag
            headers["preference-applied"] = f"wait={seconds}"
    headers["etag"] = f'"{tag}"'
    return Posted(accepted.status, body, headers)


@route(
    "POST",
    "/v1/invoices",
    Operation(
        id="createInvoice",
        summary="Post an invoice",
        description="The invoice is checked whole, against the canonical model and the rules of whoever "
        "serves its seller, "
        "and stored durably. The authority is not asked yet: its verdict becomes a state and an event. A "
        "rejected invoice is "
        "posted again under its number with `supersedes`.",
        tag="Invoices",
        scope="invoices:write",
        parameters=(IDEMPOTENCY_KEY, IDEMPOTENCY_ALIAS, PREFER, ACCEPT_LANGUAGE, SUPERSEDES),
        body=Body(
            description="The canonical invoice. Totals and tax breakdown may be left out: they are computed.",
            schema={"$ref": "#/components/schemas/Invoice"},
            example=examples.INVOICE,
            max_bytes=None,
        ),
        answers=(
            Answer(
                status=201,
                description="Accepted.",
                schema=RESOURCE,
                example=examples.RESOURCE,
                headers=ACCEPTED_HEADERS,
            ),
        ),
        problems=ACCEPT_PROBLEMS,
    ),
)
async def create(ask: Ask) -> ASGIApp:
    """POST /v1/invoices."""
    key = key_of(ask)
    accepted = await flow.accept(
        ask.gateway,
        ask.caller,
        await ask.body(),
        idempotency_key=key,
        supersedes=ask.query.get("supersedes"),
    )
    return await answer(ask, accepted)


@route(
    "POST",
    "/v1/invoices:from-document",
    Operation(
        id="createInvoiceFromDocument",
        summary="Post an invoice as a wire document",
        description="Reads a wire document (UBL) into the canonical model and accepts that. The original "
        "bytes are kept as "
        "evidence. What the model cannot carry is named in `validation.warnings`, each with its place in "
        "the document.",
        tag="Invoices",
        scope="invoices:write",
        parameters=(IDEMPOTENCY_KEY, IDEMPOTENCY_ALIAS, PREFER, ACCEPT_LANGUAGE, SUPERSEDES),
        body=Body(
            description="The document.",
            example=examples.UBL,
            media_types=("application/xml", "text/xml"),
            max_bytes=None,
        ),
        answers=(
            Answer(
                status=201,
                description="Accepted.",
                schema=RESOURCE,
                example=examples.RESOURCE,
                headers=ACCEPTED_HEADERS,
            ),
        ),
        problems=(*ACCEPT_PROBLEMS, "document/unreadable"),
    ),
)
async def from_document(ask: Ask) -> ASGIApp:
    """POST /v1/invoices:from-document."""
    key = key_of(ask)
    accepted = await flow.from_document(
        ask.gateway,
        ask.caller,
        await ask.body(),
        idempotency_key=key,
        supersedes=ask.query.get("supersedes"),
    )
    return await answer(ask, accepted)


@route(
    "POST",
    "/v1/invoices:validate",
    Operation(
        id="validateInvoice",
        summary="Check an invoice without posting it",
        description="The same checks as a POST; nothing is stored. 200 whether it is valid or not: the "
        "report is the answer.",
        tag="Invoices",
        scope="invoices:read",
        parameters=(ACCEPT_LANGUAGE,),
        body=Body(
            description="The canonical invoice (see the schema `Invoice`), right or wrong.",
            schema={"type": "object"},
            example=examples.INVOICE,
            max_bytes=None,
        ),
        answers=(
            Answer(
                description="The report.",
                schema={"$ref": "#/components/schemas/ValidationReport"},
                headers={"Content-Language": "`ar` where the messages are in Arabic."},
                example=examples.REPORT,
            ),
        ),
        problems=("invoice/invalid",),
    ),
)
async def validate(ask: Ask) -> ASGIResponse:
    """POST /v1/invoices:validate."""
    report = await flow.validate(ask.gateway, ask.caller, await ask.body())
    if report.faults and report.faults[0].code in NO_OBJECT:
        raise Faulty(report.faults)
    headers = {"Cache-Control": "no-store"}
    if prefers_arabic(ask.headers("accept-language")):
        report = replace(report, faults=Arabic(ask.gateway.explorer).faults(report.faults))
        headers["Content-Language"] = ARABIC
    return ASGIResponse(body=json.encode(report), media_type=JSON, headers=headers)


@route(
    "GET",
    "/v1/invoices",
    Operation(
        id="listInvoices",
        summary="List invoices",
        description="The tenant's invoices of the key's mode, newest first. New invoices do not shift pages.",
        tag="Invoices",
        scope="invoices:read",
        parameters=(
            plain_text("seller", "One of the seller's identifiers, as on its invoices.", "DE123456789"),
            plain_text("number", "The invoice number, exactly.", "INV-2026-0117"),
            one_of("status", "The summary status.", showing.STATUSES),
            one_of("authority_status", "What the authority said.", AUTHORITY_STATUSES),
            instant("created_gte", "Accepted at this time or later."),
            instant("created_lt", "Accepted before this time."),
            LIMIT,
            CURSOR,
            IF_NONE_MATCH,
        ),
        answers=(
            page_of(Page[InvoiceSummary], examples.SUMMARY),
            NOT_MODIFIED,
        ),
    ),
)
async def index(ask: Ask) -> ASGIResponse:
    """GET /v1/invoices."""
    given: dict[str, Any] = dict(ask.query)
    limit, cursor = given.pop("limit", DEFAULT_LIMIT), given.pop("cursor", None)
    page = await showing.invoices(ask.gateway, ask.caller, Wanted(**given), limit, cursor)
    return listing(ask, page, page.next_cursor)


@route(
    "GET",
    "/v1/invoices/{invoice_id}",
    Operation(
        id="getInvoice",
        summary="Read an invoice",
        description="Where the invoice stands. `ETag` is the head of its log.",
        tag="Invoices",
        scope="invoices:read",
        parameters=(ID, IF_NONE_MATCH),
        answers=(
            Answer(
                description="The invoice.",
                schema=RESOURCE,
                example=examples.RESOURCE,
                headers={"ETag": "The head of the invoice's log."},
            ),
            NOT_MODIFIED,
        ),
        problems=("resource/not-found",),
    ),
)
async def show(ask: Ask) -> ASGIResponse:
    """GET /v1/invoices/{invoice_id}."""
    found = await showing.invoice(ask.gateway, ask.caller, ask.path["invoice_id"])
    return cacheable(ask, found.body, f'"{found.etag}"')


ROUTES: Final = (create, from_document, validate, index, show)
