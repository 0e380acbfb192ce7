"""Routes of a registration's way to its credentials."""

from typing import Final

from litestar.response.base import ASGIResponse
from msgspec import json

from tallystick.api.ask import Ask
from tallystick.api.bodies import decoded
from tallystick.api.describe import JSON, Answer, Body, Operation
from tallystick.api.parameters import EXAMPLE_ID, path_uuid
from tallystick.api.routing import route
from tallystick.flows.administer import CodeBody, ProcessView, TakeoverBody
from tallystick.flows.onboarding import asking as flow

__all__ = ["ROUTES"]

ID: Final = path_uuid("registration_id", "registration")
TAG: Final = "Registrations"
PROBLEMS: Final = ("resource/not-found", "request/invalid-body", "state/conflict", "auth/mode")
EXAMPLE: Final = {
    "id": EXAMPLE_ID,
    "registration_id": EXAMPLE_ID,
    "purpose": "enrol",
    "state": "waiting_code",
    "stage": "compliance",
    "wanted": "code",
    "detail": "A new one-time code of the authority's portal is needed.",
    "facts": {},
    "faults": [],
    "steps": 0,
    "registration_state": "new",
    "expires_at": None,
    "created_at": "2026-03-01T09:30:00Z",
    "updated_at": "2026-03-01T09:30:00Z",
}
UNDER_WAY: Final = {**EXAMPLE, "state": "due", "wanted": None, "detail": ""}


def asked(description: str, **changes: object) -> Answer:
    """The answer of what the worker then does: 202 with how far it has come."""
    example = {**UNDER_WAY, **changes}
    return Answer(status=202, description=description, type=ProcessView, example=example)


@route(
    "GET",
    "/v1/registrations/{registration_id}/process",
    Operation(
        id="getRegistrationProcess",
        summary="See how far an onboarding has come",
        description="The registration's newest onboarding: its stage, what it waits for, and what the "
        "authority said. 404 where there was none.",
        tag=TAG,
        scope="invoices:read",
        parameters=(ID,),
        answers=(Answer(description="The onboarding.", type=ProcessView, example=EXAMPLE),),
        problems=("resource/not-found",),
    ),
)
async def process(ask: Ask) -> ASGIResponse:
    """GET /v1/registrations/{registration_id}/process."""
    return shown(await flow.look(ask.gateway, ask.caller, ask.path["registration_id"]), 200)


@route(
    "POST",
    "/v1/registrations/{registration_id}:submit-code",
    Operation(
        id="submitRegistrationCode",
        summary="Hand in a one-time code",
        description="The code of the authority's portal that the onboarding waits for. It is kept "
        "encrypted until the worker uses it, once, with a new key. After a refusal another code is needed. A "
        "registration that is paused, its credential beyond renewal, is enrolled anew.",
        tag=TAG,
        scope="registrations:write",
        parameters=(ID,),
        body=Body(description="The code.", type=CodeBody, example={"code": "123456"}),
        answers=(asked("Taken; the worker goes on with it."),),
        problems=PROBLEMS,
    ),
)
async def submit_code(ask: Ask) -> ASGIResponse:
    """POST /v1/registrations/{registration_id}:submit-code."""
    body = await decoded(ask, CodeBody)
    return shown(await flow.submit_code(ask.gateway, ask.caller, ask.path["registration_id"], body))


@route(
    "POST",
    "/v1/registrations/{registration_id}:renew",
    Operation(
        id="renewRegistration",
        summary="Renew a credential",
        description="Begins the way to a new credential. While it changes hands nothing new is built, what "
        "is under way is finished first, and the old credential goes on until the new one is there.",
        tag=TAG,
        scope="registrations:write",
        parameters=(ID,),
        answers=(asked("Begun.", **{**EXAMPLE, "purpose": "renew", "stage": "renewal"}),),
        problems=PROBLEMS,
    ),
)
async def renew(ask: Ask) -> ASGIResponse:
    """POST /v1/registrations/{registration_id}:renew."""
    return shown(await flow.renew(ask.gateway, ask.caller, ask.path["registration_id"]))


@route(
    "POST",
    "/v1/registrations/{registration_id}:takeover",
    Operation(
        id="takeOverRegistration",
        summary="Take over a unit that ran elsewhere",
        description="Goes on with a unit of another system: its credential, its private key, and the last "
        "place of its chain. Stop the other system first: two would give the same numbers.",
        tag=TAG,
        scope="registrations:write",
        parameters=(ID,),
        body=Body(
            description="The unit as it ran.",
            type=TakeoverBody,
            example={
                "given": {"icv": "4711", "last_hash": "V4U5qlZ3yXQ/Si1AC/R8SLc3F+iNy23wdVe8IWRqFAQ="},
                "secrets": {"token": "the token as it was returned", "secret": "what came with it"},
                "private_key": "the private key in PEM form",
            },
        ),
        answers=(asked("Begun.", purpose="takeover", stage="takeover"),),
        problems=PROBLEMS,
    ),
)
async def take_over(ask: Ask) -> ASGIResponse:
    """POST /v1/registrations/{registration_id}:takeover."""
    body = await decoded(ask, TakeoverBody)
    return shown(await flow.take_over(ask.gateway, ask.caller, ask.path["registration_id"], body))


@route(
    "POST",
    "/v1/registrations/{registration_id}:test",
    Operation(
        id="testRegistration",
        summary="Try a registration's credentials",
        description="The worker logs in where the authority has a login, and reports.",
        tag=TAG,
        scope="registrations:write",
        parameters=(ID,),
        answers=(asked("Begun.", purpose="test", stage="test", registration_state="active"),),
        problems=PROBLEMS,
    ),
)
async def try_out(ask: Ask) -> ASGIResponse:
    """POST /v1/registrations/{registration_id}:test."""
    return shown(await flow.try_out(ask.gateway, ask.caller, ask.path["registration_id"]))


def shown(found: ProcessView, status: int = 202) -> ASGIResponse:
    """The onboarding as it stands; nobody may keep it."""
    headers = {"Cache-Control": "no-store"}
    return ASGIResponse(body=json.encode(found), media_type=JSON, headers=headers, status_code=status)


ROUTES: Final = (process, submit_code, renew, take_over, try_out)
