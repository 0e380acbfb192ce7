"""Nobody sees, changes or guesses what belongs to another tenant: every route of the app is tried.

A new route must be named here, or the first test fails.
"""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest

from api.conftest import PEPPOL_SELLER, Actor, acted_on, default_invoice, registered, with_code
from tallystick.api import create_app
from tallystick.api.describe import ANY_KEY
from tallystick.api.routing import Route, routes_of
from tallystick.flows.credentials import prefix_of
from tallystick.flows.gateway import Gateway
from tallystick.settings import Settings

LISTS = {
    "/v1/invoices": "invoice",
    "/v1/events": "event",
    "/v1/sellers": "seller",
    "/v1/registrations": "registration",
    "/v1/webhook-endpoints": "endpoint",
    "/v1/api-keys": "key",
    "/v1/regimes": "regime",
}
NOBODYS = {"regime_id": "peppol", "rule_id": "BR-CO-15"}
"""Parameters of what belongs to no tenant; its `name` is that of a code list."""
CREATES = {
    "/v1/invoices",
    "/v1/invoices:validate",
    "/v1/invoices:from-document",
    "/v1/sellers",
    "/v1/registrations",
    "/v1/webhook-endpoints",
    "/v1/api-keys",
}
BODIES = {
    "changeSeller": {"name": "Taken over"},
    "changeRegistration": {"state": "retired"},
    "changeWebhookEndpoint": {"state": "disabled"},
    "resolveInvoice": {"decision": "sent", "evidence": "because it is mine now"},
    "replayInvoice": {"reason": "because it is mine now"},
    "cancelInvoice": {"reason": "mistake"},
    "requestAct": {"reason": "mistake"},
    "submitRegistrationCode": {"code": "123456"},
    "takeOverRegistration": {"private_key": "mine"},
}


@pytest.fixture
def routes(settings: Settings, gateway: Gateway) -> list[Route]:
    return routes_of(create_app(settings, gateway))


async def belongings(gateway: Gateway, who: Actor) -> dict[str, str]:
    """One of everything; the values of every path parameter."""
    invoice = await who.post("/v1/invoices", json=default_invoice())
    registration = await registered(who)
    assert (await who.post(f"/v1/registrations/{registration['id']}:test")).status_code == 202
    endpoint = await who.post("/v1/webhook-endpoints", json={"url": "https://shop.example.com/hook"})
    await with_code(gateway, who, UUID(invoice.json()["id"]))
    return {
        "invoice_id": invoice.json()["id"],
        "act": str(await acted_on(gateway, who, UUID(invoice.json()["id"]))),
        "seller_id": registration["seller_id"],
        "registration_id": registration["id"],
        "endpoint_id": endpoint.json()["id"],
        "prefix": prefix_of(who.key) or "",
        "name": "invoice.json",
        **NOBODYS,
    }


def named(route: Route, owned: dict[str, str]) -> dict[str, str]:
    """The values of the route's parameters."""
    return owned | ({"name": "eas"} if route.operation.scope == ANY_KEY else {})


async def tried(who: Actor, route: Route, owned: dict[str, str]) -> httpx.Response:
    """The route with these ids, as good a request as its owner could make."""
    headers = {"If-Match": "*"}
    known = named(route, owned) | ({"act": "cancel"} if route.operation.id == "requestAct" else {})
    answer: httpx.Response = await who.call(
        route.method, route.path.format(**known), json=BODIES.get(route.operation.id, {}), headers=headers
    )
    return answer


def test_every_route_that_wants_a_key_is_tried(routes: list[Route]) -> None:
    for route in routes:
        if route.operation.scope is None or "{" in route.path:
            continue
        known = LISTS if route.method == "GET" else CREATES
        assert route.path in known, f"{route.method} {route.path}: say how it keeps tenants apart"


async def test_with_the_ids_of_another_tenant_every_route_answers_404(
    gateway: Gateway, alice: Actor, bob: Actor, routes: list[Route]
) -> None:
    owned = await belongings(gateway, alice)
    with_ids = [route for route in routes if "{" in route.path]
    assert len(with_ids) >= 15
    for route in with_ids:
        if route.operation.scope == ANY_KEY:
            continue
        answer = await tried(bob, route, owned)
        assert answer.status_code == 404, f"{route.method} {route.path}: {answer.status_code} {answer.text}"
        assert answer.json()["code"] == "resource/not-found"
    for route in with_ids:
        if route.method == "GET":
            answer = await tried(alice, route, owned)
            assert answer.status_code == 200, (
                f"{route.method} {route.path}: {answer.status_code} {answer.text}"
            )


async def test_what_any_key_may_read_is_the_same_for_all_and_holds_nothing_of_a_tenant(
    gateway: Gateway, alice: Actor, bob: Actor, routes: list[Route]
) -> None:
    owned = await belongings(gateway, alice)
    shared = [route for route in routes if route.operation.scope == ANY_KEY]
    assert len(shared) >= 7
    for route in shared:
        assert route.method == "GET", route.path
        mine, theirs = await tried(alice, route, owned), await tried(bob, route, owned)
        assert (mine.status_code, mine.content) == (200, theirs.content), route.path
        assert mine.headers["ETag"] == theirs.headers["ETag"], route.path
        for name, value in (owned | {"tenant": str(alice.tenant)}).items():
            assert name in ("name", *NOBODYS) or value not in mine.text, f"{route.path}: {name}"


async def test_no_list_holds_anything_of_another_tenant(gateway: Gateway, alice: Actor, bob: Actor) -> None:
    owned = await belongings(gateway, alice)
    await asyncio.sleep(0.3)
    for path in LISTS:
        mine = (await alice.get(path)).text
        theirs = (await bob.get(path)).text
        assert '"data":[{' in mine, path
        known = {"invoice.json", *NOBODYS.values()}
        for value in (set(owned.values()) - known) | {str(alice.tenant)}:
            assert value not in theirs, path


async def test_ids_of_another_tenant_inside_a_body_or_a_query_name_nothing(
    gateway: Gateway, alice: Actor, bob: Actor
) -> None:
    owned = await belongings(gateway, alice)
    body = {"seller_id": owned["seller_id"], "strategy": "peppol", "settings": {"adapter": "phoss-ap"}}
    answer = await bob.post("/v1/registrations", json=body)
    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/seller_id"]
    superseding = await bob.post(f"/v1/invoices?supersedes={owned['invoice_id']}", json=default_invoice())
    assert superseding.status_code == 404, superseding.text
    listed = await bob.get(f"/v1/registrations?seller={owned['seller_id']}")
    assert listed.json()["data"] == []


async def test_the_same_number_key_and_seller_of_two_tenants_do_not_meet(alice: Actor, bob: Actor) -> None:
    for who in (alice, bob):
        headers = {"Idempotency-Key": "k"}
        posted = await who.post("/v1/invoices", json=default_invoice(), headers=headers)
        assert posted.status_code == 201
        assert "Idempotency-Replayed" not in posted.headers
        assert (await who.post("/v1/sellers", json=PEPPOL_SELLER)).status_code == 201


async def test_without_a_key_every_route_that_wants_one_answers_401(
    gateway: Gateway, client: Any, routes: list[Route], alice: Actor
) -> None:
    owned = await belongings(gateway, alice)
    for route in routes:
        path = route.path.format(**named(route, owned))
        answer = await client.request(route.method, path, json={})
        if route.operation.scope is None:
            assert answer.status_code == 200, route.path
        else:
            assert answer.status_code == 401, f"{route.method} {route.path}: {answer.status_code}"


async def test_each_scope_opens_its_own_routes_and_no_other(
    gateway: Gateway, client: Any, alice: Actor, routes: list[Route]
) -> None:
    from api.conftest import actor

    owned = await belongings(gateway, alice)
    for scope in sorted({route.operation.scope for route in routes if route.operation.scope} - {"admin"}):
        who = await actor(gateway, client, scope, tenant=alice.tenant)
        for route in routes:
            if route.operation.scope == ANY_KEY:
                assert (await tried(who, route, owned)).status_code == 200, f"{scope}: {route.path}"
            elif route.operation.scope not in (None, scope):
                answer = await tried(who, route, owned)
                assert answer.status_code == 403, f"{scope}: {route.method} {route.path}"
                assert route.operation.scope in answer.json()["detail"]
            elif route.operation.scope == scope and route.method == "GET":
                assert (await tried(who, route, owned)).status_code == 200, f"{scope}: {route.path}"
