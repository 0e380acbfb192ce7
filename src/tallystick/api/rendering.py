"""The documentation as plain HTML: rendered here, without a script, without a request to anyone.

Templates escape everything. The Content-Security-Policy allows our own style sheet and nothing else.
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from msgspec import json

from tallystick.api.describe import Schema
from tallystick.api.problems import CATALOGUE

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["POLICY", "docs_page", "errors_page", "style_sheet"]

FOLDER: Final = Path(__file__).parent / "pages"
POLICY: Final = (
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PREFIX: Final = "#/components/schemas/"
LONGEST_EXAMPLE: Final = 20_000


@cache
def templates() -> "Environment":
    """The pages' templates. Their engine is loaded with the first page: most processes never show one."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def docs_page(spec: Schema) -> bytes:
    """The whole API on one page."""
    shared = spec["components"]["responses"]
    operations = [
        operation_view(path, method, one, shared)
        for path, item in spec["paths"].items()
        for method, one in item.items()
    ]
    tags = [
        {**tag, "operations": [one for one in operations if one["tag"] == tag["name"]]}
        for tag in spec["tags"]
    ]
    schemas = {name: schema_view(schema) for name, schema in spec["components"]["schemas"].items()}
    overview = [part.replace("\n", " ") for part in spec["info"]["description"].strip().split("\n\n")]
    template = templates().get_template("docs.html")
    return template.render(spec=spec, tags=tags, schemas=schemas, overview=overview).encode()


def errors_page() -> bytes:
    """Every code of the catalogue, by status."""
    kinds = sorted(CATALOGUE.values(), key=lambda kind: (kind.status, kind.code))
    return templates().get_template("errors.html").render(kinds=kinds).encode()


def style_sheet() -> bytes:
    """The style sheet of both pages."""
    return (FOLDER / "style.css").read_bytes()


def operation_view(path: str, method: str, operation: Schema, shared: Schema) -> Schema:
    """What the template shows of one operation. References to `shared` responses are followed."""
    answers = {
        status: shared[one["$ref"].rpartition("/")[2]] if "$ref" in one else one
        for status, one in operation["responses"].items()
    }
    security = operation["security"]
    body = operation.get("requestBody", {}).get("content", {})
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "tag": operation["tags"][0],
        "summary": operation["summary"],
        "description": operation["description"],
        "scope": scope_of(security),
        "parameters": operation["parameters"],
        "body": [content_view(name, content) for name, content in body.items()],
        "responses": [
            {
                "status": status,
                "description": [line.removeprefix("* ") for line in one["description"].split("\n") if line],
                "content": [content_view(name, content) for name, content in one.get("content", {}).items()],
            }
            for status, one in answers.items()
        ],
    }


def scope_of(security: list[dict[str, list[str]]]) -> str:
    """Which scope a key needs, `any` where every key will do; empty where no key is asked for."""
    return next(iter(security[0]["apiKey"]), "any") if security else ""


def content_view(media_type: str, content: Schema) -> Schema:
    """One media type of a body: which schema, and its example as text."""
    example = content.get("example")
    text = example if isinstance(example, str) else json.format(json.encode(example), indent=2).decode()
    schema = content["schema"]
    reference = schema.get("$ref") or next((part.get("$ref", "") for part in schema.get("allOf", ())), "")
    shown = "" if example is None else text[:LONGEST_EXAMPLE]
    return {"media_type": media_type, "schema": reference.removeprefix(PREFIX), "example": shown}


def schema_view(schema: Schema) -> Schema:
    """A schema as rows: property, type, meaning, EN 16931 term."""
    required = schema.get("required", ())
    rows = [property_view(name, one, name in required) for name, one in schema.get("properties", {}).items()]
    return {"description": schema.get("description", ""), "rows": rows}


def property_view(name: str, schema: Schema, required: bool) -> dict[str, Any]:
    """One property."""
    type_, link = type_text(schema)
    return {
        "name": name,
        "type": type_,
        "link": link,
        "required": required,
        "description": schema.get("description", ""),
        "term": schema.get("x-bt") or schema.get("x-bg") or "",
    }


def type_text(schema: Schema) -> tuple[str, str]:
    """A property's type in words, and the schema it links to."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(PREFIX)
        return name, name
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            parts = [type_text(part) for part in schema[key]]
            names = [text for text, _ in parts if text != "null"]
            return " or ".join(dict.fromkeys(names)), next((link for _, link in parts if link), "")
    if schema.get("type") == "array":
        text, link = type_text(schema.get("items", {}))
        return f"list of {text}", link
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"]), ""
    return str(schema.get("const") or schema.get("format") or schema.get("type") or "any"), ""
