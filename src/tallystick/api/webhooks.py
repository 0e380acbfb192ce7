"""Routes of webhook endpoints."""

from typing import Final

from litestar.response.base import ASGIResponse
from msgspec import json

from tallystick.api.answers import created, etag_of, listing, require_match, resource
from tallystick.api.ask import Ask
from tallystick.api.bodies import decoded
from tallystick.api.describe import JSON, NOT_MODIFIED, Answer, Body, Operation, page_of
from tallystick.api.parameters import CURSOR, EXAMPLE_ID, IF_MATCH, IF_NONE_MATCH, LIMIT, path_uuid
from tallystick.api.routing import route
from tallystick.flows.administer import Endpoint, EndpointBody, EndpointChange, NewEndpoint, NewSecret
from tallystick.flows.administer import endpoints as flow
from tallystick.flows.paging import Page
from tallystick.flows.slices import DEFAULT_LIMIT

__all__ = ["ROUTES"]

ID: Final = path_uuid("endpoint_id", "webhook endpoint")
BODY_EXAMPLE: Final = {"url": "https://shop.example.com/hooks/einvoice", "events": ["*"]}
EXAMPLE: Final = {
    "id": EXAMPLE_ID,
    "url": "https://shop.example.com/hooks/einvoice",
    "description": "",
    "events": ["*"],
    "state": "active",
    "first_failure_at": None,
    "public_key": "whpk_MCowBQYDK2VwAyEA",
    "created_at": "2026-03-01T09:30:00Z",
}
TAGGED: Final = {"ETag": "The endpoint's entity tag."}


@route(
    "POST",
    "/v1/webhook-endpoints",
    Operation(
        id="createWebhookEndpoint",
        summary="Create a webhook endpoint",
        description="Events of the key's mode are delivered to `url`, in order per invoice, signed as "
        "Standard Webhooks "
        "define it: `v1` with `secret`, which is shown this once, and `v1a` with our key, verified by "
        "`public_key`.",
        tag="Webhooks",
        scope="webhooks:write",
        body=Body(description="The endpoint.", type=EndpointBody, example=BODY_EXAMPLE),
        answers=(
            Answer(
                status=201,
                description="Created and active.",
                type=NewEndpoint,
                example={**EXAMPLE, "secret": "whsec_…"},
                headers={"Location": "The endpoint's path.", "ETag": "Of this answer."},
            ),
        ),
        problems=("request/invalid-body",),
    ),
)
async def create(ask: Ask) -> ASGIResponse:
    """POST /v1/webhook-endpoints."""
    made = await flow.create_webhook_endpoint(ask.gateway, ask.caller, await decoded(ask, EndpointBody))
    return created(made, f"/v1/webhook-endpoints/{made.id}")


@route(
    "GET",
    "/v1/webhook-endpoints",
    Operation(
        id="listWebhookEndpoints",
        summary="List webhook endpoints",
        description="Oldest first.",
        tag="Webhooks",
        scope="webhooks:write",
        parameters=(LIMIT, CURSOR, IF_NONE_MATCH),
        answers=(
            page_of(Page[Endpoint], EXAMPLE),
            NOT_MODIFIED,
        ),
    ),
)
async def index(ask: Ask) -> ASGIResponse:
    """GET /v1/webhook-endpoints."""
    limit, cursor = ask.query.get("limit", DEFAULT_LIMIT), ask.query.get("cursor")
    page = await flow.webhook_endpoints(ask.gateway, ask.caller, limit, cursor)
    return listing(ask, page, page.next_cursor)


@route(
    "GET",
    "/v1/webhook-endpoints/{endpoint_id}",
    Operation(
        id="getWebhookEndpoint",
        summary="Read a webhook endpoint",
        description="One endpoint, without its secrets.",
        tag="Webhooks",
        scope="webhooks:write",
        parameters=(ID, IF_NONE_MATCH),
        answers=(
            Answer(description="The endpoint.", type=Endpoint, example=EXAMPLE, headers=TAGGED),
            NOT_MODIFIED,
        ),
        problems=("resource/not-found",),
    ),
)
async def show(ask: Ask) -> ASGIResponse:
    """GET /v1/webhook-endpoints/{endpoint_id}."""
    return resource(ask, await flow.webhook_endpoint(ask.gateway, ask.caller, ask.path["endpoint_id"]))


@route(
    "PATCH",
    "/v1/webhook-endpoints/{endpoint_id}",
    Operation(
        id="changeWebhookEndpoint",
        summary="Change a webhook endpoint",
        description="What is given is changed, the rest stays. While an endpoint is disabled its "
        "deliveries are held; when "
        "it is active again they follow in order.",
        tag="Webhooks",
        scope="webhooks:write",
        parameters=(ID, IF_MATCH),
        body=Body(description="The change.", type=EndpointChange, example={"state": "disabled"}),
        answers=(
            Answer(
                description="The changed endpoint.",
                type=Endpoint,
                example={**EXAMPLE, "state": "disabled"},
                headers=TAGGED,
            ),
        ),
        problems=(
            "resource/not-found",
            "request/invalid-body",
            "request/precondition-failed",
            "request/precondition-required",
        ),
    ),
)
async def change(ask: Ask) -> ASGIResponse:
    """PATCH /v1/webhook-endpoints/{endpoint_id}."""
    body = await decoded(ask, EndpointChange)

    def unchanged(endpoint: Endpoint) -> None:
        require_match(ask, etag_of(json.encode(endpoint)))

    id_ = ask.path["endpoint_id"]
    return resource(ask, await flow.change_webhook_endpoint(ask.gateway, ask.caller, id_, body, unchanged))


@route(
    "DELETE",
    "/v1/webhook-endpoints/{endpoint_id}",
    Operation(
        id="deleteWebhookEndpoint",
        summary="Delete a webhook endpoint",
        description="What was still to be delivered to it is given up. The events themselves stay readable.",
        tag="Webhooks",
        scope="webhooks:write",
        parameters=(ID,),
        answers=(Answer(status=204, description="Deleted.", media_types=()),),
        problems=("resource/not-found",),
    ),
)
async def remove(ask: Ask) -> ASGIResponse:
    """DELETE /v1/webhook-endpoints/{endpoint_id}."""
    await flow.delete_webhook_endpoint(ask.gateway, ask.caller, ask.path["endpoint_id"])
    return ASGIResponse(status_code=204)


@route(
    "POST",
    "/v1/webhook-endpoints/{endpoint_id}:rotate-secret",
    Operation(
        id="rotateWebhookSecret",
        summary="Rotate a webhook secret",
        description="Makes a new secret, shown this once. For 24 hours deliveries carry signatures by both.",
        tag="Webhooks",
        scope="webhooks:write",
        parameters=(ID,),
        answers=(
            Answer(
                description="The new secret.",
                type=NewSecret,
                example={"secret": "whsec_…", "previous_until": "2026-03-02T09:30:00Z"},
            ),
        ),
        problems=("resource/not-found",),
    ),
)
async def rotate(ask: Ask) -> ASGIResponse:
    """POST /v1/webhook-endpoints/{endpoint_id}:rotate-secret."""
    made = await flow.rotate_secret(ask.gateway, ask.caller, ask.path["endpoint_id"])
    headers = {"Cache-Control": "no-store"}
    return ASGIResponse(body=json.encode(made), media_type=JSON, headers=headers)


ROUTES: Final = (create, index, show, change, remove, rotate)
