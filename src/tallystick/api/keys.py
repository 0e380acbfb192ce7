"""Routes of API keys."""

from typing import Final

from litestar.response.base import ASGIResponse
from msgspec import Struct

from tallystick.api.answers import created, resource
from tallystick.api.ask import Ask
from tallystick.api.bodies import decoded
from tallystick.api.describe import NOT_MODIFIED, Answer, Body, Operation
from tallystick.api.parameters import IF_NONE_MATCH, path_text
from tallystick.api.routing import route
from tallystick.flows.administer import Key, KeyBody, NewKey
from tallystick.flows.administer import keys as flow

__all__ = ["ROUTES"]

PREFIX: Final = path_text(
    "prefix", "The key's public part.", "ts_(?:test|live)_[0-9A-Za-z]{8}", "ts_test_4fQ9bZ1c"
)
EXAMPLE: Final = {
    "prefix": "ts_test_4fQ9bZ1c",
    "name": "shop backend",
    "mode": "test",
    "scopes": ["invoices:read", "invoices:write"],
    "created_at": "2026-03-01T09:30:00Z",
    "expires_at": None,
    "last_used_at": None,
    "revoked_at": None,
}
BODY_EXAMPLE: Final = {"name": "shop backend", "scopes": ["invoices:read", "invoices:write"], "mode": "test"}


class Keys(Struct, kw_only=True):
    """All keys of the tenant that the caller may manage. There is no second page."""

    data: list[Key]


@route(
    "POST",
    "/v1/api-keys",
    Operation(
        id="createApiKey",
        summary="Create an API key",
        description="`key` is shown this once: we keep only a keyed hash of it. Two keys may live side "
        "by side, so that a "
        "client can change over without a gap.",
        tag="API keys",
        scope="admin",
        body=Body(description="The key.", type=KeyBody, example=BODY_EXAMPLE),
        answers=(
            Answer(
                status=201,
                description="Created.",
                type=NewKey,
                example={**EXAMPLE, "key": "ts_test_4fQ9bZ1c_…"},
                headers={"Location": "The key's path.", "ETag": "Of this answer."},
            ),
        ),
        problems=("request/invalid-body", "auth/mode"),
    ),
)
async def create(ask: Ask) -> ASGIResponse:
    """POST /v1/api-keys."""
    made = await flow.issue_key(ask.gateway, ask.caller, await decoded(ask, KeyBody))
    return created(made, f"/v1/api-keys/{made.prefix}")


@route(
    "GET",
    "/v1/api-keys",
    Operation(
        id="listApiKeys",
        summary="List API keys",
        description="Newest first, revoked ones too. A test key sees test keys only.",
        tag="API keys",
        scope="admin",
        parameters=(IF_NONE_MATCH,),
        answers=(
            Answer(
                description="The keys.",
                type=Keys,
                example={"data": [EXAMPLE]},
                headers={"ETag": "The list's entity tag."},
            ),
            NOT_MODIFIED,
        ),
    ),
)
async def index(ask: Ask) -> ASGIResponse:
    """GET /v1/api-keys."""
    return resource(ask, Keys(data=await flow.api_keys(ask.gateway, ask.caller)))


@route(
    "GET",
    "/v1/api-keys/{prefix}",
    Operation(
        id="getApiKey",
        summary="Read an API key",
        description="One key, without its text.",
        tag="API keys",
        scope="admin",
        parameters=(PREFIX, IF_NONE_MATCH),
        answers=(
            Answer(
                description="The key.", type=Key, example=EXAMPLE, headers={"ETag": "Of the key's state."}
            ),
            NOT_MODIFIED,
        ),
        problems=("resource/not-found",),
    ),
)
async def show(ask: Ask) -> ASGIResponse:
    """GET /v1/api-keys/{prefix}."""
    return resource(ask, await flow.api_key(ask.gateway, ask.caller, ask.path["prefix"]))


@route(
    "POST",
    "/v1/api-keys/{prefix}:revoke",
    Operation(
        id="revokeApiKey",
        summary="Revoke an API key",
        description="For good. Other processes of the gateway refuse the key within five seconds.",
        tag="API keys",
        scope="admin",
        parameters=(PREFIX,),
        answers=(
            Answer(
                description="The revoked key.",
                type=Key,
                example={**EXAMPLE, "revoked_at": "2026-04-01T08:00:00Z"},
                headers={"ETag": "Of the key's state."},
            ),
        ),
        problems=("resource/not-found",),
    ),
)
async def revoke(ask: Ask) -> ASGIResponse:
    """POST /v1/api-keys/{prefix}:revoke."""
    key = await flow.revoke_api_key(ask.gateway, ask.caller, ask.path["prefix"])
    ask.authenticator.forget(key.prefix)
    return resource(ask, key)


ROUTES: Final = (create, index, show, revoke)
