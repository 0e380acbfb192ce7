"""Routes of registrations."""

from typing import Final

from litestar.response.base import ASGIResponse

from tallystick.api import onboarding
from tallystick.api.answers import created, listing, require_match, resource
from tallystick.api.ask import Ask
from tallystick.api.bodies import decoded
from tallystick.api.describe import NOT_MODIFIED, Answer, Body, Operation, page_of
from tallystick.api.parameters import (
    CURSOR,
    EXAMPLE_ID,
    IF_MATCH,
    IF_NONE_MATCH,
    LIMIT,
    identifier,
    path_uuid,
)
from tallystick.api.routing import route
from tallystick.flows.administer import Registration, RegistrationBody, RegistrationChange
from tallystick.flows.administer import registrations as flow
from tallystick.flows.paging import Page
from tallystick.flows.slices import DEFAULT_LIMIT

__all__ = ["ROUTES"]

ID: Final = path_uuid("registration_id", "registration")
BODY_EXAMPLE: Final = {
    "seller_id": EXAMPLE_ID,
    "strategy": "peppol",
    "environment": "sandbox",
    "endpoint": "https://ap.example.com",
    "settings": {"adapter": "phoss-ap", "participant": "0088:4012345000009"},
    "secrets": {"token": "a-token-of-your-access-point"},
}
EXAMPLE: Final = {
    "id": EXAMPLE_ID,
    "seller_id": EXAMPLE_ID,
    "strategy": "peppol",
    "environment": "sandbox",
    "unit": "",
    "tax_identifier": "DE123456789",
    "endpoint": "https://ap.example.com",
    "settings": {"adapter": "phoss-ap", "participant": "0088:4012345000009"},
    "secrets": ["token"],
    "state": "active",
    "paused_reason": None,
    "created_at": "2026-03-01T09:30:00Z",
    "version": 1,
    "key_store": "",
    "expires_at": None,
    "raised_rules": [],
}
TAGGED: Final = {"ETag": "The registration's version."}


@route(
    "POST",
    "/v1/registrations",
    Operation(
        id="createRegistration",
        summary="Register a seller",
        description="Enrols a seller with an authority or network. `settings` are judged by the "
        "strategy; `secrets` are kept encrypted and never shown again; the host of `endpoint` must be one "
        "the operator allows. Where "
        "credentials are come to step by step the registration is `new` until its onboarding is done. "
        "Warnings of `raised_rules` refuse a document as errors do; nothing can be lowered.",
        tag="Registrations",
        scope="registrations:write",
        body=Body(description="The registration.", type=RegistrationBody, example=BODY_EXAMPLE),
        answers=(
            Answer(
                status=201,
                description="Created: active, or new and waiting for a one-time code.",
                type=Registration,
                example=EXAMPLE,
                headers={"Location": "The registration's path.", **TAGGED},
            ),
        ),
        problems=("request/invalid-body", "state/conflict", "auth/mode"),
    ),
)
async def create(ask: Ask) -> ASGIResponse:
    """POST /v1/registrations."""
    made = await flow.create_registration(ask.gateway, ask.caller, await decoded(ask, RegistrationBody))
    return created(made, f"/v1/registrations/{made.id}", made.version)


@route(
    "GET",
    "/v1/registrations",
    Operation(
        id="listRegistrations",
        summary="List registrations",
        description="The tenant's registrations, oldest first.",
        tag="Registrations",
        scope="invoices:read",
        parameters=(identifier("seller", "Only this seller's."), LIMIT, CURSOR, IF_NONE_MATCH),
        answers=(
            page_of(Page[Registration], EXAMPLE),
            NOT_MODIFIED,
        ),
    ),
)
async def index(ask: Ask) -> ASGIResponse:
    """GET /v1/registrations."""
    limit, cursor = ask.query.get("limit", DEFAULT_LIMIT), ask.query.get("cursor")
    page = await flow.registrations(ask.gateway, ask.caller, ask.query.get("seller"), limit, cursor)
    return listing(ask, page, page.next_cursor)


@route(
    "GET",
    "/v1/registrations/{registration_id}",
    Operation(
        id="getRegistration",
        summary="Read a registration",
        description="One registration. Of its secrets it tells the names only.",
        tag="Registrations",
        scope="invoices:read",
        parameters=(ID, IF_NONE_MATCH),
        answers=(
            Answer(description="The registration.", type=Registration, example=EXAMPLE, headers=TAGGED),
            NOT_MODIFIED,
        ),
        problems=("resource/not-found",),
    ),
)
async def show(ask: Ask) -> ASGIResponse:
    """GET /v1/registrations/{registration_id}."""
    found = await flow.registration(ask.gateway, ask.caller, ask.path["registration_id"])
    return resource(ask, found, found.version)


@route(
    "PATCH",
    "/v1/registrations/{registration_id}",
    Operation(
        id="changeRegistration",
        summary="Change a registration",
        description="What is given is changed, the rest stays. `settings` and `raised_rules` are replaced "
        "whole; in `secrets` null takes one away. A paused registration sends nothing until it is active "
        "again; a retired one never again.",
        tag="Registrations",
        scope="registrations:write",
        parameters=(ID, IF_MATCH),
        body=Body(description="The change.", type=RegistrationChange, example={"state": "paused"}),
        answers=(
            Answer(
                description="The changed registration.",
                type=Registration,
                example={**EXAMPLE, "state": "paused", "paused_reason": "paused by its owner", "version": 2},
                headers=TAGGED,
            ),
        ),
        problems=(
            "resource/not-found",
            "request/invalid-body",
            "request/precondition-failed",
            "request/precondition-required",
            "state/conflict",
            "auth/mode",
        ),
    ),
)
async def change(ask: Ask) -> ASGIResponse:
    """PATCH /v1/registrations/{registration_id}."""
    body = await decoded(ask, RegistrationChange)

    def unchanged(version: int) -> None:
        require_match(ask, f'"{version}"')

    id_ = ask.path["registration_id"]
    changed = await flow.change_registration(ask.gateway, ask.caller, id_, body, unchanged)
    return resource(ask, changed, changed.version)


ROUTES: Final = (create, index, show, change, *onboarding.ROUTES)
