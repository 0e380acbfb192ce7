"""The documentation says what the app does: examples validate, answers validate, the committed copy is
current.
"""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from api.conftest import Actor, default_invoice, registered
from tallystick.api import create_app
from tallystick.api.documents import Documents
from tallystick.api.problems import CATALOGUE
from tallystick.api.routing import routes_of
from tallystick.flows.gateway import Gateway
from tallystick.settings import Settings

Spec = dict[str, Any]
PROBLEM = "application/problem+json"


@pytest.fixture
async def spec(client: Any) -> Spec:
    found: Spec = (await client.get("/openapi.json")).json()
    return found


def faults(spec: Spec, schema: Any, value: Any) -> list[str]:
    """What is wrong with the value, references resolved in the document."""
    registry: Any = Registry().with_resource("urn:spec", DRAFT202012.create_resource(spec))
    absolute = json.loads(json.dumps(schema).replace('"#/components', '"urn:spec#/components'))
    validator = Draft202012Validator(absolute, registry=registry, format_checker=FormatChecker())
    return [f"{list(error.absolute_path)}: {error.message[:300]}" for error in validator.iter_errors(value)]


def operations(spec: Spec) -> list[tuple[str, str, Spec]]:
    return [
        (method, path, operation)
        for path, item in spec["paths"].items()
        for method, operation in item.items()
    ]


async def test_the_committed_copy_is_what_the_app_serves(client: Any, root: Path) -> None:
    served = (await client.get("/openapi.json")).content
    committed = root / "docs" / "openapi.json"
    assert committed.read_bytes() == served, "run: python -m tallystick.api > docs/openapi.json"


async def test_every_operation_says_all_that_a_reader_needs(spec: Spec) -> None:
    assert spec["openapi"].startswith("3.1")
    assert spec["info"]["license"]["identifier"] == "Apache-2.0"
    tags = {tag["name"] for tag in spec["tags"]}
    ids = [operation["operationId"] for _, _, operation in operations(spec)]
    assert len(ids) == len(set(ids))
    for method, path, operation in operations(spec):
        where = f"{method} {path}"
        assert operation["summary"] and operation["description"], where
        assert set(operation["tags"]) <= tags, where
        assert "security" in operation, where
        for parameter in operation["parameters"]:
            assert parameter["description"], f"{where} {parameter['name']}"
        named = set(re.findall(r"\{([a-z_]+)\}", path))
        assert named == {one["name"] for one in operation["parameters"] if one["in"] == "path"}, where


async def test_every_example_validates_against_its_schema(spec: Spec) -> None:
    found = 0
    for method, path, operation in operations(spec):
        where = f"{method} {path}"
        for parameter in operation["parameters"]:
            assert faults(spec, parameter["schema"], parameter["example"]) == [], (
                f"{where} {parameter['name']}"
            )
        contents = [("body", operation.get("requestBody", {}).get("content", {}))]
        shared = spec["components"]["responses"]
        answers = {
            status: shared[answer["$ref"].rpartition("/")[2]] if "$ref" in answer else answer
            for status, answer in operation["responses"].items()
        }
        contents += [(status, answer.get("content", {})) for status, answer in answers.items()]
        for part, content in contents:
            for media_type, one in content.items():
                if media_type.endswith("json"):
                    assert "example" in one, f"{where} {part}: no example"
                    assert faults(spec, one["schema"], one["example"]) == [], f"{where} {part}"
                    found += 1
    assert found > 100


async def test_every_schema_is_one_and_every_reference_leads_somewhere(spec: Spec) -> None:
    text = str(spec)
    for name in set(re.findall(r"#/components/schemas/(\w+)", text)):
        assert name in spec["components"]["schemas"], name
    for schema in spec["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


async def test_the_canonical_invoice_stands_in_it_with_its_terms(spec: Spec) -> None:
    invoice = spec["components"]["schemas"]["Invoice"]["properties"]
    assert invoice["invoice_number"]["x-bt"] == "BT-1"
    amount = spec["components"]["schemas"]["DocumentTotals"]["properties"]["paid_amount"]
    assert "pattern" in str(amount)


async def test_real_answers_validate_against_their_schemas(alice: Actor, spec: Spec) -> None:
    await registered(alice)
    await alice.post("/v1/webhook-endpoints", json={"url": "https://shop.example.com/hook"})
    invoice = (await alice.post("/v1/invoices", json=default_invoice())).json()
    checked = {
        "/v1/invoices": "/v1/invoices",
        "/v1/invoices/{invoice_id}": f"/v1/invoices/{invoice['id']}",
        "/v1/invoices/{invoice_id}/events": f"/v1/invoices/{invoice['id']}/events",
        "/v1/invoices/{invoice_id}/attempts": f"/v1/invoices/{invoice['id']}/attempts",
        "/v1/invoices/{invoice_id}/artifacts": f"/v1/invoices/{invoice['id']}/artifacts",
        "/v1/invoices/{invoice_id}/log": f"/v1/invoices/{invoice['id']}/log",
        "/v1/events": "/v1/events",
        "/v1/sellers": "/v1/sellers",
        "/v1/registrations": "/v1/registrations",
        "/v1/webhook-endpoints": "/v1/webhook-endpoints",
        "/v1/api-keys": "/v1/api-keys",
        "/v1/keys": "/v1/keys",
        "/v1/verifier": "/v1/verifier",
        "/readyz": "/readyz",
        "/healthz": "/healthz",
    }
    for template, path in checked.items():
        answer = await alice.get(path)
        schema = spec["paths"][template]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        assert answer.status_code == 200, path
        assert faults(spec, schema, answer.json()) == [], path
    report = (await alice.post("/v1/invoices:validate", json={"lines": []})).json()
    assert faults(spec, {"$ref": "#/components/schemas/ValidationReport"}, report) == []
    problem = (await alice.post("/v1/invoices", json={"lines": []})).json()
    assert faults(spec, {"$ref": "#/components/schemas/Problem"}, problem) == []


def test_two_apps_document_themselves_alike(settings: Settings, gateway: Gateway) -> None:
    one, other = (Documents(routes_of(create_app(settings, gateway)), gateway.strategies) for _ in range(2))
    assert (one.openapi, one.docs, one.errors) == (other.openapi, other.docs, other.errors)
    assert one.docs is one.docs


class Links(HTMLParser):
    """Everything a page would load or link to, and every id it defines."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.scripts += tag == "script" or any(name.startswith("on") for name in values)
        if tag == "a":
            self.links.append(values.get("href") or "")
        else:
            self.loads += [value for name, value in attrs if name in ("src", "href", "srcset") and value]
        if values.get("id"):
            self.ids.add(values["id"] or "")


@pytest.mark.parametrize("path", ["/docs", "/docs/errors"])
async def test_the_pages_call_nobody_and_their_links_lead_somewhere(client: Any, path: str) -> None:
    answer = await client.get(path)
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    page = Links()
    page.feed(answer.text)
    assert page.scripts == 0
    assert page.loads == ["/docs/style.css"]
    style = await client.get("/docs/style.css")
    assert style.headers["Content-Type"].startswith("text/css")
    assert "url(" not in style.text and "@import" not in style.text
    for link in page.links:
        if link.startswith("#"):
            assert link[1:] in page.ids, link
        else:
            assert (await client.get(link)).status_code == 200, link


async def test_the_error_page_explains_every_code_under_its_anchor(client: Any) -> None:
    page = Links()
    page.feed((await client.get("/docs/errors")).text)
    assert {kind.anchor for kind in CATALOGUE.values()} == page.ids
