"""The parameters that several operations share, each with the check that the OpenAPI schema states."""

import re
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from tallystick.api.describe import Parameter

__all__ = [
    "ACCEPT_LANGUAGE",
    "CURSOR",
    "IDEMPOTENCY_ALIAS",
    "IDEMPOTENCY_KEY",
    "IF_MATCH",
    "IF_NONE_MATCH",
    "LIMIT",
    "PREFER",
    "SUPERSEDES",
    "identifier",
    "instant",
    "one_of",
    "path_text",
    "path_uuid",
    "plain_text",
]

UUID_TEXT: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
INSTANT_TEXT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})\Z"
)
ENTITY_TAGS: Final = r'^(\*|(W/)?"[!#-~]*"( *, *(W/)?"[!#-~]*")*)$'
EXAMPLE_ID: Final = "01932d5e-8f00-7a3c-9d41-5b1f6c2e7a90"
MOST: Final = 200
CONTROL: Final = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


def as_uuid(text: str) -> UUID:
    """A UUID in its one canonical spelling. `uuid.UUID` alone would take braces and URNs."""
    if UUID_TEXT.match(text) is None:
        raise ValueError("is not a UUID")
    return UUID(text)


def as_instant(text: str) -> datetime:
    """An RFC 3339 time with an offset, between the years 1900 and 2999."""
    if INSTANT_TEXT.match(text) is None:
        raise ValueError("is not an RFC 3339 time such as 2026-03-01T00:00:00Z")
    try:
        when = datetime.fromisoformat(text)
        if not 1900 <= when.year <= 2999:
            raise ValueError
        return when.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("is not a time that exists") from None


def as_limit(text: str) -> int:
    """1 to 200, in ASCII digits."""
    if re.fullmatch(r"[0-9]{1,3}", text, re.ASCII) is None or not 1 <= int(text) <= MOST:
        raise ValueError(f"is not a whole number from 1 to {MOST}")
    return int(text)


def as_text(longest: int) -> Any:
    """A parser for text of 1 to `longest` characters without control characters."""

    def parse(text: str) -> str:
        if not 1 <= len(text) <= longest or CONTROL.search(text):
            raise ValueError(f"is not text of 1 to {longest} characters without control characters")
        return text

    return parse


def as_one_of(values: tuple[str, ...]) -> Any:
    """A parser for one of the given words."""

    def parse(text: str) -> str:
        if text not in values:
            raise ValueError("is not one of " + ", ".join(values))
        return text

    return parse


def path_uuid(name: str, what: str) -> Parameter:
    """A path parameter that is a UUID. Anything else names no resource, so it is answered with 404."""
    return Parameter(
        name=name,
        where="path",
        description=f"The {what}'s id.",
        schema={"type": "string", "format": "uuid"},
        example=EXAMPLE_ID,
        parse=as_uuid,
        required=True,
    )


def path_text(name: str, description: str, pattern: str, example: str) -> Parameter:
    """A path parameter that follows a pattern. Anything else is answered with 404."""
    compiled = re.compile(pattern)

    def parse(text: str) -> str:
        if compiled.fullmatch(text) is None:
            raise ValueError("is not such a name")
        return text

    schema = {"type": "string", "pattern": f"^{pattern}$"}
    return Parameter(
        name=name,
        where="path",
        description=description,
        schema=schema,
        example=example,
        parse=parse,
        required=True,
    )


def identifier(name: str, description: str) -> Parameter:
    """An optional query parameter that is a UUID."""
    schema = {"type": "string", "format": "uuid"}
    return Parameter(
        name=name, where="query", description=description, schema=schema, example=EXAMPLE_ID, parse=as_uuid
    )


def instant(name: str, description: str) -> Parameter:
    """An optional query parameter that is a point in time."""
    schema = {"type": "string", "format": "date-time"}
    return Parameter(
        name=name,
        where="query",
        description=description,
        schema=schema,
        example="2026-03-01T00:00:00Z",
        parse=as_instant,
    )


def plain_text(name: str, description: str, example: str, longest: int = 200) -> Parameter:
    """An optional query parameter that is text."""
    schema = {"type": "string", "minLength": 1, "maxLength": longest, "pattern": r"^[^\u0000-\u001f\u007f]+$"}
    return Parameter(
        name=name,
        where="query",
        description=description,
        schema=schema,
        example=example,
        parse=as_text(longest),
    )


def one_of(name: str, description: str, values: tuple[str, ...]) -> Parameter:
    """An optional query parameter that is one of some words."""
    schema = {"type": "string", "enum": list(values)}
    return Parameter(
        name=name,
        where="query",
        description=description,
        schema=schema,
        example=values[0],
        parse=as_one_of(values),
    )


LIMIT: Final = Parameter(
    name="limit",
    where="query",
    description=f"How many items to answer with, at most {MOST}.",
    schema={"type": "integer", "minimum": 1, "maximum": MOST, "default": 50},
    example=50,
    parse=as_limit,
)
CURSOR: Final = Parameter(
    name="cursor",
    where="query",
    description="`next_cursor` of the page before. It is signed, and belongs to the same list with the "
    "same filters.",
    schema={"type": "string", "minLength": 1, "maxLength": 600, "pattern": "^[A-Za-z0-9_-]+$"},
    example="eyJhZnRlciI6WyIyMDI2Il19",
    parse=as_text(600),
)
SUPERSEDES: Final = identifier(
    "supersedes",
    "The rejected invoice that this one replaces under the same number. Both stay, linked to each other.",
)
IDEMPOTENCY_KEY: Final = Parameter(
    name="Idempotency-Key",
    where="header",
    description="Makes a repeated request answer as the first did. 1 to 255 characters, bare or as a quoted "
    "structured-field string. Required with a live key. Kept for 30 days.",
    schema={
        "type": "string",
        "minLength": 1,
        "maxLength": 257,
        "pattern": r'^("[ -!#-\[\]-~]{1,255}"|[!#-~]{1,255})$',
    },
    example="order-2026-000117",
)
IDEMPOTENCY_ALIAS: Final = Parameter(
    name="X-Idempotency-Key",
    where="header",
    description="The same as `Idempotency-Key`. If both are sent they must agree.",
    schema=IDEMPOTENCY_KEY.schema,
    example="order-2026-000117",
)
PREFER: Final = Parameter(
    name="Prefer",
    where="header",
    description="`wait=N` (RFC 7240) holds the answer up to N seconds, at most 30, until the authority "
    "has decided, or, for a document that is the buyer's before the authority hears of it, until it is built "
    "and its QR code is there. "
    "The invoice is accepted before the wait begins, and the answer is 201 either way.",
    schema={"type": "string", "maxLength": 200, "pattern": "^[ -~]*$"},
    example="wait=5",
)
ACCEPT_LANGUAGE: Final = Parameter(
    name="Accept-Language",
    where="header",
    description="`ar` before `en` tells the titles of problems and the messages of faults in Arabic. "
    "Else, and where there is no Arabic, they are in English.",
    schema={"type": "string", "pattern": "^[ -~]*$"},
    example="ar, en;q=0.5",
)
IF_MATCH: Final = Parameter(
    name="If-Match",
    where="header",
    description="The resource's `ETag` as you last read it. Without it the answer is 428, with an old "
    "one 412.",
    schema={"type": "string", "pattern": ENTITY_TAGS},
    example='"3"',
    required=True,
)
IF_NONE_MATCH: Final = Parameter(
    name="If-None-Match",
    where="header",
    description="An `ETag` you hold. If it is still the current one the answer is 304 without a body.",
    schema={"type": "string", "pattern": ENTITY_TAGS},
    example='"9f0c1a"',
)
