"""Routes of QR codes: as a picture for print and screen, and as text. Drawn when asked for, never before."""

from typing import Any, Final

from litestar.response.base import ASGIResponse

from tallystick.api.answers import cacheable
from tallystick.api.ask import Ask
from tallystick.api.describe import NOT_MODIFIED, Answer, Operation, Parameter
from tallystick.api.parameters import IF_NONE_MATCH, one_of, path_uuid
from tallystick.api.problems import Refusal, fault
from tallystick.api.routing import route
from tallystick.flows import picture

__all__ = ["ROUTES"]

ID: Final = path_uuid("invoice_id", "invoice")
LARGEST: Final = 40
MEDIA_TYPES: Final = {"png": "image/png", "svg": "image/svg+xml", "txt": "text/plain; charset=utf-8"}
DESCRIPTION: Final = (
    "The code that belongs on the printed document: as the authority gave it, else as the document was built "
    "with it. 404 as long as there is none, and for documents that have none."
)


def as_scale(text: str) -> int:
    """A whole number from 1 to LARGEST. Raises ValueError."""
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:4]) <= LARGEST:
        raise ValueError(f"is not a whole number from 1 to {LARGEST}")
    return int(text)


SCALE: Final = Parameter(
    name="scale",
    where="query",
    description=f"Pixels (or SVG units) to a module, at most {LARGEST}.",
    schema={"type": "integer", "minimum": 1, "maximum": LARGEST, "default": 4},
    example=4,
    parse=as_scale,
)
ERROR: Final = one_of(
    "error",
    "Error correction: how much of the code may be lost (7, 15, 25, 30 percent). `m` if not given.",
    picture.ERROR_LEVELS,
)


def pictured(kind: str, name: str, *parameters: Parameter) -> Operation:
    """A GET of the code in this form."""
    return Operation(
        id=f"getInvoiceQr{name}",
        summary=f"Get an invoice's QR code as {name}",
        description=DESCRIPTION,
        tag="Invoices",
        scope="invoices:read",
        parameters=(ID, *parameters, IF_NONE_MATCH),
        answers=(
            Answer(
                description="The code.",
                media_types=(MEDIA_TYPES[kind].partition(";")[0],),
                headers={"ETag": "Of the code."},
            ),
            NOT_MODIFIED,
        ),
        problems=("resource/not-found",),
    )


async def answered(ask: Ask, kind: Any) -> ASGIResponse:
    """The picture. Raises Refusal 400 when the text does not fit."""
    text = await picture.code_of(ask.gateway, ask.caller, ask.path["invoice_id"])
    error = ask.query.get("error", "m")
    try:
        body = await picture.drawn(text, kind, error, ask.query.get("scale", 4))
    except picture.TooLong as overflow:
        found = fault("/error", "request/bad-parameter", str(overflow))
        detail = "The query has faults; see `errors`."
        raise Refusal("request/invalid-parameter", detail, errors=(found,)) from overflow
    return cacheable(ask, body, media_type=MEDIA_TYPES[kind])


@route("GET", "/v1/invoices/{invoice_id}/qr.png", pictured("png", "Png", SCALE, ERROR))
async def png(ask: Ask) -> ASGIResponse:
    """GET /v1/invoices/{invoice_id}/qr.png."""
    return await answered(ask, "png")


@route("GET", "/v1/invoices/{invoice_id}/qr.svg", pictured("svg", "Svg", SCALE, ERROR))
async def svg(ask: Ask) -> ASGIResponse:
    """GET /v1/invoices/{invoice_id}/qr.svg."""
    return await answered(ask, "svg")


@route("GET", "/v1/invoices/{invoice_id}/qr.txt", pictured("txt", "Text"))
async def text(ask: Ask) -> ASGIResponse:
    """GET /v1/invoices/{invoice_id}/qr.txt."""
    found = await picture.code_of(ask.gateway, ask.caller, ask.path["invoice_id"])
    return cacheable(ask, found.encode(), media_type=MEDIA_TYPES["txt"])


ROUTES: Final = (png, svg, text)
