"""Routes of the documentation: the OpenAPI document, and two pages rendered from it that call nobody."""

from typing import Any, Final

from litestar.response.base import ASGIResponse

from tallystick.api.answers import cacheable
from tallystick.api.ask import Ask
from tallystick.api.describe import JSON, NOT_MODIFIED, Answer, Operation
from tallystick.api.parameters import IF_NONE_MATCH
from tallystick.api.rendering import POLICY
from tallystick.api.routing import route

__all__ = ["ROUTES"]

HTML: Final = "text/html"
CSS: Final = "text/css"


def public(name: str, summary: str, media_type: str, **answer: Any) -> Operation:
    """A document anyone may read."""
    made = Answer(
        description="The document.", media_types=(media_type,), headers={"ETag": "Of the document."}, **answer
    )
    return Operation(
        id=name,
        summary=summary,
        description="Made from this gateway's own code; loads nothing from elsewhere.",
        tag="Public",
        scope=None,
        parameters=(IF_NONE_MATCH,),
        answers=(made, NOT_MODIFIED),
    )


@route(
    "GET",
    "/openapi.json",
    public(
        "openapi",
        "The OpenAPI document",
        JSON,
        schema={"type": "object", "required": ["openapi", "info", "paths"]},
        example={"openapi": "3.1.0", "info": {"title": "Tallystick", "version": "0.1.0"}, "paths": {}},
    ),
)
async def openapi(ask: Ask) -> ASGIResponse:
    """GET /openapi.json."""
    return cacheable(ask, ask.documents.openapi)


@route("GET", "/docs", public("docs", "The documentation as a page", HTML))
async def docs(ask: Ask) -> ASGIResponse:
    """GET /docs."""
    return page(ask, ask.documents.docs, HTML)


@route("GET", "/docs/errors", public("errors", "All error codes as a page", HTML))
async def errors(ask: Ask) -> ASGIResponse:
    """GET /docs/errors."""
    return page(ask, ask.documents.errors, HTML)


@route("GET", "/docs/style.css", public("style", "The style sheet of both pages", CSS))
async def style(ask: Ask) -> ASGIResponse:
    """GET /docs/style.css."""
    return page(ask, ask.documents.style, CSS)


def page(ask: Ask, body: bytes, media_type: str) -> ASGIResponse:
    """A page, with a policy that lets it load our style sheet and nothing else."""
    return cacheable(ask, body, media_type=media_type, headers={"Content-Security-Policy": POLICY})


ROUTES: Final = (openapi, docs, errors, style)
