"""Routes of sellers."""

from typing import Final

from litestar.response.base import ASGIResponse
from msgspec import json

from tallystick.api.answers import created, etag_of, listing, require_match, resource
from tallystick.api.ask import Ask
from tallystick.api.bodies import decoded
from tallystick.api.describe import NOT_MODIFIED, Answer, Body, Operation, page_of
from tallystick.api.parameters import CURSOR, EXAMPLE_ID, IF_MATCH, IF_NONE_MATCH, LIMIT, path_uuid
from tallystick.api.routing import route
from tallystick.flows.administer import SellerBody, SellerChange, SellerResource
from tallystick.flows.administer import sellers as flow
from tallystick.flows.paging import Page
from tallystick.flows.slices import DEFAULT_LIMIT

__all__ = ["ROUTES"]

ID: Final = path_uuid("seller_id", "seller")
BODY_EXAMPLE: Final = {
    "name": "Nordlicht Maschinenbau GmbH",
    "country_code": "DE",
    "tax_identifier": "DE123456789",
    "tax_region": "EU",
}
EXAMPLE: Final = {
    "id": EXAMPLE_ID,
    "name": "Nordlicht Maschinenbau GmbH",
    "country_code": "DE",
    "tax_identifier": "DE123456789",
    "legal_registration_identifier": None,
    "tax_region": "EU",
    "created_at": "2026-03-01T09:30:00Z",
}
TAGGED: Final = {"ETag": "The seller's entity tag."}


@route(
    "POST",
    "/v1/sellers",
    Operation(
        id="createSeller",
        summary="Create a seller",
        description="A seller is found by an invoice's seller tax identifier, else by its legal "
        "registration identifier.",
        tag="Sellers",
        scope="registrations:write",
        body=Body(description="The seller.", type=SellerBody, example=BODY_EXAMPLE),
        answers=(
            Answer(
                status=201,
                description="Created.",
                type=SellerResource,
                example=EXAMPLE,
                headers={"Location": "The seller's path.", **TAGGED},
            ),
        ),
        problems=("request/invalid-body", "state/conflict"),
    ),
)
async def create(ask: Ask) -> ASGIResponse:
    """POST /v1/sellers."""
    made = await flow.create_seller(ask.gateway, ask.caller, await decoded(ask, SellerBody))
    return created(made, f"/v1/sellers/{made.id}")


@route(
    "GET",
    "/v1/sellers",
    Operation(
        id="listSellers",
        summary="List sellers",
        description="The tenant's sellers, oldest first.",
        tag="Sellers",
        scope="invoices:read",
        parameters=(LIMIT, CURSOR, IF_NONE_MATCH),
        answers=(
            page_of(Page[SellerResource], EXAMPLE),
            NOT_MODIFIED,
        ),
    ),
)
async def index(ask: Ask) -> ASGIResponse:
    """GET /v1/sellers."""
    limit, cursor = ask.query.get("limit", DEFAULT_LIMIT), ask.query.get("cursor")
    page = await flow.sellers(ask.gateway, ask.caller, limit, cursor)
    return listing(ask, page, page.next_cursor)


@route(
    "GET",
    "/v1/sellers/{seller_id}",
    Operation(
        id="getSeller",
        summary="Read a seller",
        description="One seller.",
        tag="Sellers",
        scope="invoices:read",
        parameters=(ID, IF_NONE_MATCH),
        answers=(
            Answer(description="The seller.", type=SellerResource, example=EXAMPLE, headers=TAGGED),
            NOT_MODIFIED,
        ),
        problems=("resource/not-found",),
    ),
)
async def show(ask: Ask) -> ASGIResponse:
    """GET /v1/sellers/{seller_id}."""
    return resource(ask, await flow.seller(ask.gateway, ask.caller, ask.path["seller_id"]))


@route(
    "PATCH",
    "/v1/sellers/{seller_id}",
    Operation(
        id="changeSeller",
        summary="Change a seller",
        description="What is given is changed, the rest stays. Identifiers never change: they tie "
        "invoices to the seller.",
        tag="Sellers",
        scope="registrations:write",
        parameters=(ID, IF_MATCH),
        body=Body(
            description="The change.", type=SellerChange, example={"name": "Nordlicht Anlagenbau GmbH"}
        ),
        answers=(
            Answer(
                description="The changed seller.",
                type=SellerResource,
                example={**EXAMPLE, "name": "Nordlicht Anlagenbau GmbH"},
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
    """PATCH /v1/sellers/{seller_id}."""
    body = await decoded(ask, SellerChange)

    def unchanged(seller: SellerResource) -> None:
        require_match(ask, etag_of(json.encode(seller)))

    return resource(
        ask, await flow.change_seller(ask.gateway, ask.caller, ask.path["seller_id"], body, unchanged)
    )


@route(
    "DELETE",
    "/v1/sellers/{seller_id}",
    Operation(
        id="deleteSeller",
        summary="Delete a seller",
        description="Only while the seller has no registrations. Its invoices and their evidence stay.",
        tag="Sellers",
        scope="registrations:write",
        parameters=(ID,),
        answers=(Answer(status=204, description="Deleted.", media_types=()),),
        problems=("resource/not-found", "state/conflict"),
    ),
)
async def remove(ask: Ask) -> ASGIResponse:
    """DELETE /v1/sellers/{seller_id}."""
    await flow.delete_seller(ask.gateway, ask.caller, ask.path["seller_id"])
    return ASGIResponse(status_code=204)


ROUTES: Final = (create, index, show, change, remove)
