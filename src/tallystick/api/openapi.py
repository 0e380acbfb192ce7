"""The OpenAPI 3.1 document, made from the descriptions beside the handlers and from the structs they name.

Nothing in it is written twice: parameters, media types, scopes and problem codes are those the app admits and
answers with. `docs/openapi.json` is a committed copy; a test compares them.
"""

import inspect
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
from msgspec import json

from tallystick import __version__
from tallystick.api.describe import JSON, Answer, Body, Operation, Parameter, Schema
from tallystick.api.problems import CATALOGUE, MEDIA_TYPE, Problem
from tallystick.api.routing import Route
from tallystick.api.shapes import EventPage, InvoiceResource, ValidationReport

__all__ = ["document", "to_bytes"]

TEMPLATE: Final = "#/components/schemas/{name}"
GENERIC: Final = re.compile(rb"\b(Page)_(\w+?)_\b")
STATUS_TEXT: Final = {
    400: "The request is not well formed.",
    401: "No valid API key.",
    403: "The API key may not do this.",
    404: "There is no such resource, or it is somebody else's.",
    405: "The path does not know this method.",
    406: "No acceptable representation.",
    408: "The body did not arrive in time.",
    409: "The request conflicts with the state of what exists.",
    410: "The bytes were erased.",
    412: "The resource has changed.",
    413: "The body is too large.",
    415: "The body's media type is not supported.",
    422: "The body has faults.",
    428: "`If-Match` is missing.",
    429: "Too many requests; see `Retry-After`.",
    500: "The gateway failed.",
    503: "The store cannot be reached; see `Retry-After`.",
}
TAGS: Final = {
    "Invoices": "Post invoices, follow them, repeat them.",
    "Acts": "What may be asked of the authority about an invoice in force.",
    "Evidence": "What happened to an invoice, and the proof of it.",
    "Sellers": "The legal entities that issue invoices.",
    "Registrations": "A seller's enrolment with an authority or network.",
    "Regimes": "What every loaded strategy knows: its rules, fields and code lists.",
    "Webhooks": "Where results are delivered.",
    "API keys": "Who may do what.",
    "Public": "What anyone may read: keys, verifier, documentation.",
    "Operations": "Probes and metrics.",
}
OVERVIEW: Final = """\
One canonical invoice in, the authority's format out, a receipt that anyone can verify.

* A 2xx answer means that we have durably accepted or answered. What the authority decides later is a state
  and an event, never an HTTP error of the POST.
* Money is a string (`"100.00"`). A JSON number is refused.
* Every error is `application/problem+json`; its `errors` name each fault by JSON pointer. `/docs/errors`
  explains all codes. With `Accept-Language: ar` titles and messages are in Arabic.
* Another tenant's resources do not exist for you: the answer is 404.
"""


def document(routes: Sequence[Route], invoice: Schema) -> Schema:
    """The document. `invoice` is the canonical invoice's JSON Schema (2020-12), with its parts under
    `$defs`.
    """
    model, ours = invoice_components(invoice), components(routes)
    if doubled := model.keys() & ours.keys() - {"Fault"}:
        raise ValueError(f"two schemas of one name: {sorted(doubled)}")
    schemas = model | ours
    paths: dict[str, Schema] = {}
    shared: dict[str, Schema] = {}
    for one in routes:
        paths.setdefault(one.path, {})[one.method.lower()] = operation_object(one.operation, shared)
    made = {
        "openapi": "3.1.0",
        "info": {
            "title": "Tallystick",
            "version": __version__,
            "summary": "E-invoicing compliance gateway",
            "description": OVERVIEW,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "contact": {"name": "The operator of this gateway"},
        },
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "servers": [{"url": "/", "description": "This gateway"}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "apiKey": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "ts_(test|live)_[0-9A-Za-z]{8}_[0-9A-Za-z]{38}",
                    "description": "An API key. Its mode (test or live) and its scopes belong to it.",
                }
            },
            "responses": dict(sorted(shared.items())),
            "schemas": schemas,
        },
    }
    return named_plainly(made)


def named_plainly(made: Schema) -> Schema:
    """`Page_Registration_`, as a generic struct is named, is `RegistrationPage` to readers; schemas
    sorted.
    """
    plain: Schema = json.decode(GENERIC.sub(rb"\2\1", json.encode(made)))
    schemas = plain["components"]["schemas"]
    plain["components"]["schemas"] = dict(sorted(schemas.items()))
    unfold(schemas)
    return plain


def unfold(node: Any) -> None:
    """Put descriptions that were docstrings on one line for each paragraph, however they were indented."""
    if isinstance(node, dict):
        text = node.get("description")
        if isinstance(text, str):
            paragraphs = inspect.cleandoc(text).split("\n\n")
            node["description"] = "\n\n".join(" ".join(part.split()) for part in paragraphs)
        for value in node.values():
            unfold(value)
    elif isinstance(node, list):
        for value in node:
            unfold(value)


def to_bytes(made: Schema) -> bytes:
    """The document as it is served and committed: indented, with a final line feed."""
    return json.format(json.encode(made), indent=2) + b"\n"


def types_of(routes: Iterable[Route]) -> list[Any]:
    """Every struct that some description names, once."""
    found: list[Any] = [Problem, EventPage, InvoiceResource, ValidationReport]
    for one in routes:
        operation = one.operation
        found += [answer.type for answer in operation.answers if answer.type is not None]
        if operation.body is not None and operation.body.type is not None:
            found.append(operation.body.type)
    return list(dict.fromkeys(found))


def components(routes: Iterable[Route]) -> dict[str, Schema]:
    """The named schemas of all structs."""
    _, found = json.schema_components(types_of(routes), ref_template=TEMPLATE)
    return dict(found)


def invoice_components(invoice: Schema) -> dict[str, Schema]:
    """The canonical invoice and its parts as named schemas, references rewritten."""
    text = json.encode(invoice).replace(b"#/$defs/", b"#/components/schemas/")
    whole: Schema = json.decode(text)
    parts: dict[str, Schema] = whole.pop("$defs", {})
    if "$ref" not in whole:
        whole.pop("$schema", None)
        whole.pop("$id", None)
        parts["Invoice"] = whole
    return parts


def schema_of(type_: Any, schema: Schema | None) -> Schema:
    """A schema given as such, or the reference to a struct's."""
    if schema is not None:
        return schema
    (found,), _ = json.schema_components([type_], ref_template=TEMPLATE)
    return found


def operation_object(operation: Operation, shared: dict[str, Schema]) -> Schema:
    """One operation. Problems that several operations answer with are put into `shared` and referred to."""
    made: Schema = {
        "operationId": operation.id,
        "summary": operation.summary,
        "description": operation.description,
        "tags": [operation.tag],
        "security": []
        if operation.scope is None
        else [{"apiKey": [operation.scope] if operation.scope else []}],
        "parameters": [parameter_object(parameter) for parameter in operation.parameters],
    }
    if operation.body is not None:
        made["requestBody"] = body_object(operation.body)
    made["responses"] = responses(operation, shared)
    return made


def parameter_object(parameter: Parameter) -> Schema:
    """One parameter."""
    return {
        "name": parameter.name,
        "in": parameter.where,
        "required": parameter.required,
        "description": parameter.description,
        "schema": parameter.schema,
        "example": parameter.example,
    }


def body_object(body: Body) -> Schema:
    """One request body."""
    content = {}
    for media_type in body.media_types:
        if media_type == JSON:
            content[media_type] = {"schema": schema_of(body.type, body.schema), "example": body.example}
        else:
            content[media_type] = {
                "schema": {"type": "string", "contentMediaType": media_type},
                "example": body.example,
            }
    return {"required": body.required, "description": body.description, "content": content}


def responses(operation: Operation, shared: dict[str, Schema]) -> Schema:
    """The good answers, then one entry for each status of a problem."""
    made = {str(answer.status): answer_object(answer) for answer in operation.answers}
    by_status: dict[int, list[str]] = {}
    for code in operation.codes:
        by_status.setdefault(CATALOGUE[code].status, []).append(code)
    for status, codes in sorted(by_status.items()):
        if str(status) in made:
            continue
        name = f"Problem{status}_" + "_".join(sorted(code.replace("/", "-") for code in codes))
        shared.setdefault(name, problem_object(status, codes))
        made[str(status)] = {"$ref": f"#/components/responses/{name}"}
    return made


def answer_object(answer: Answer) -> Schema:
    """One good answer."""
    made: Schema = {"description": answer.description, "headers": headers(answer.headers)}
    if answer.type is None and answer.schema is None:
        if answer.media_types:
            made["content"] = {name: raw(name, answer.example) for name in answer.media_types}
        return made
    content = {"schema": schema_of(answer.type, answer.schema), "example": answer.example}
    made["content"] = dict.fromkeys(answer.media_types, content)
    return made


def raw(media_type: str, example: Any) -> Schema:
    """A body that is not JSON: text, or bytes."""
    made: Schema = {"schema": {"type": "string", "contentMediaType": media_type}}
    if media_type in ("application/zip", "application/octet-stream", "*/*"):
        made["schema"] = {}
    if example is not None:
        made["example"] = example
    return made


def headers(named: Any) -> Schema:
    """Response headers: those of the answer, and the request id."""
    every = {"X-Request-Id": "The request's id, also in our log.", **named}
    return {name: {"description": text, "schema": {"type": "string"}} for name, text in every.items()}


def problem_object(status: int, codes: list[str]) -> Schema:
    """One status of problems: the shape, which codes occur, and an example of the first."""
    lines = [f"* `{code}`: {CATALOGUE[code].title}." for code in codes]
    only = {"type": "object", "properties": {"code": {"enum": codes}, "status": {"const": status}}}
    reference = TEMPLATE.format(name="Problem")
    return {
        "description": "\n".join([STATUS_TEXT[status], "", *lines]),
        "headers": headers(problem_headers(status)),
        "content": {
            MEDIA_TYPE: {
                "schema": {"allOf": [{"$ref": reference}, only]},
                "example": problem_example(codes[0]),
            }
        },
    }


def problem_headers(status: int) -> dict[str, str]:
    """The headers a problem of this status brings."""
    by_status = {
        401: {"WWW-Authenticate": "The scheme that is asked for."},
        405: {"Allow": "The methods of the path."},
        429: {"Retry-After": "Seconds to wait."},
        503: {"Retry-After": "Seconds to wait."},
    }
    return {"Content-Language": "`ar` where it is told in Arabic.", **by_status.get(status, {})}


def problem_example(code: str) -> Schema:
    """A problem as it would be answered."""
    kind = CATALOGUE[code]
    made = Problem(
        type=f"/docs/errors#{kind.anchor}",
        title=kind.title,
        status=kind.status,
        detail=kind.meaning,
        instance="/v1/invoices",
        code=code,
        request_id="5f0c2a5c9b7e4d7d8a3b1c2d3e4f5a6b",
        retryable=kind.retryable,
    )
    shown: Schema = msgspec.to_builtins(made)
    return shown
