"""What an operation promises: the data from which it is admitted, answered and documented.

One description stands beside each handler. The same object gives the OpenAPI entry, the scope that is asked
for, the query parameters that are understood and the media types that are read and written, so they cannot
drift apart.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec import Struct

from tallystick.api.problems import MEDIA_TYPE as PROBLEM

__all__ = [
    "ANY_KEY",
    "JSON",
    "NOT_MODIFIED",
    "PROBLEM",
    "Answer",
    "Body",
    "Operation",
    "Parameter",
    "Schema",
    "page_of",
]

JSON: Final = "application/json"
ANY_KEY: Final = ""
"""The scope of what every valid key may read: nothing of it belongs to a tenant."""
Schema = dict[str, Any]


class Parameter(Struct, frozen=True, kw_only=True):
    """A query, header or path parameter. `parse` gives its value or raises ValueError with a sentence for the
    caller.
    """

    name: str
    where: str
    description: str
    schema: Schema
    example: Any
    parse: Callable[[str], Any] = str
    required: bool = False


class Body(Struct, frozen=True, kw_only=True):
    """A request body: what it is, by media type. A `type` is a msgspec struct, else `schema` says what it
    is.
    """

    description: str
    example: Any
    type: Any = None
    schema: Schema | None = None
    media_types: tuple[str, ...] = (JSON,)
    max_bytes: int | None = 65_536
    required: bool = True


class Answer(Struct, frozen=True, kw_only=True):
    """One good answer. `schema` or `type` describe a JSON body; neither means raw bytes of `media_types`."""

    description: str
    status: int = 200
    type: Any = None
    schema: Schema | None = None
    example: Any = None
    media_types: tuple[str, ...] = (JSON,)
    headers: Mapping[str, str] = {}


NOT_MODIFIED: Final = Answer(status=304, description="Not modified.", media_types=())
"""What a caller gets who has the newest already."""


def page_of(type: Any, example: Any) -> Answer:
    """One page of a list, `type` being that of the page and `example` its one entry."""
    return Answer(
        description="A page.",
        type=type,
        example={"data": [example], "next_cursor": None, "has_more": False},
        headers={"ETag": "The page's entity tag.", "Link": "The next page, if there is one."},
    )


class Operation(Struct, frozen=True, kw_only=True):
    """An operation. `scope` None means that no key is asked for, `ANY_KEY` that any will do; `problems` are
    the codes it may answer with.
    """

    id: str
    summary: str
    description: str
    tag: str
    scope: str | None
    answers: tuple[Answer, ...]
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = None
    problems: tuple[str, ...] = ()

    @property
    def media_types(self) -> tuple[str, ...]:
        """Every media type a good answer may have."""
        return tuple(dict.fromkeys(name for answer in self.answers for name in answer.media_types))

    @property
    def query(self) -> tuple[Parameter, ...]:
        """The query parameters that are understood."""
        return tuple(parameter for parameter in self.parameters if parameter.where == "query")

    @property
    def headers(self) -> tuple[Parameter, ...]:
        """The header parameters; each has a pattern."""
        return tuple(parameter for parameter in self.parameters if parameter.where == "header")

    @property
    def codes(self) -> tuple[str, ...]:
        """Every problem it may answer with: its own, and those that follow from its shape."""
        found = [*self.problems, "server/internal", "request/not-acceptable"]
        if self.scope is not None:
            found += ["auth/missing-key", "auth/invalid-key", "limit/too-many-requests"]
            found += ["storage/unavailable", "request/invalid-header"]
        if self.scope:
            found.append("auth/scope")
        if self.scope is not None or self.query:
            found.append("request/invalid-parameter")
        if self.headers:
            found.append("request/invalid-header")
        if self.body is not None:
            found += [
                "request/malformed",
                "request/too-large",
                "request/unsupported-media-type",
                "request/timeout",
            ]
        return tuple(dict.fromkeys(found))
