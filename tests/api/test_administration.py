"""Sellers, registrations, webhook endpoints and keys over HTTP."""

import asyncio
import base64
import json
from typing import Any

import asyncpg
import pytest

from api.conftest import ACCESS_POINT, PEPPOL_SELLER, Actor, actor, default_invoice, registered
from tallystick.flows.credentials import prefix_of
from tallystick.flows.gateway import Gateway
from tallystick.keys import Keyring
from tallystick.settings import Settings

CANARY = "canary-7c1f-token-of-the-access-point"


async def pointers(answer: Any) -> list[str]:
    assert answer.status_code == 422, answer.text
    return sorted(fault["pointer"] for fault in answer.json()["errors"])


async def test_a_seller_is_made_read_changed_and_deleted(alice: Actor) -> None:
    made = await alice.post("/v1/sellers", json=PEPPOL_SELLER)
    assert made.status_code == 201, made.text
    path = made.headers["Location"]
    read = await alice.get(path)
    assert read.json() == made.json()
    change = {"name": "Nordlicht Anlagenbau GmbH"}
    without = await alice.patch(path, json=change)
    assert (without.status_code, without.json()["code"]) == (428, "request/precondition-required")
    stale = await alice.patch(path, json=change, headers={"If-Match": '"old"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "request/precondition-failed")
    changed = await alice.patch(path, json=change, headers={"If-Match": read.headers["ETag"]})
    assert changed.json() == {**made.json(), **change}
    assert changed.headers["ETag"] != read.headers["ETag"]
    assert (await alice.get("/v1/sellers")).json()["data"] == [changed.json()]
    assert (await alice.delete(path)).status_code == 204
    assert (await alice.get(path)).status_code == 404


async def test_a_seller_without_an_identifier_and_a_second_one_with_the_same_are_refused(
    alice: Actor,
) -> None:
    nameless = await alice.post("/v1/sellers", json={"name": "A", "country_code": "DE"})
    assert await pointers(nameless) == ["/tax_identifier"]
    first = await alice.post("/v1/sellers", json=PEPPOL_SELLER)
    again = await alice.post("/v1/sellers", json=PEPPOL_SELLER)
    assert (again.status_code, again.json()["code"]) == (409, "state/conflict")
    assert again.json()["existing"] == first.headers["Location"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({**PEPPOL_SELLER, "country_code": "de"}, "/country_code"),
        ({**PEPPOL_SELLER, "name": ""}, "/name"),
        ({**PEPPOL_SELLER, "name": "a\u0000b"}, "/name"),
        ({**PEPPOL_SELLER, "name": "line\nbreak"}, "/name"),
        ({**PEPPOL_SELLER, "name": 7}, "/name"),
        ({**PEPPOL_SELLER, "nam": "x"}, ""),
        ([], ""),
    ],
)
async def test_a_small_body_is_refused_at_its_pointer(alice: Actor, body: Any, pointer: str) -> None:
    assert await pointers(await alice.post("/v1/sellers", json=body)) == [pointer]


async def test_names_given_twice_and_lone_surrogates_are_refused(alice: Actor) -> None:
    headers = {"Content-Type": "application/json"}
    twice = b'{"name":"A","name":"B","country_code":"DE","tax_identifier":"1"}'
    assert await pointers(await alice.post("/v1/sellers", content=twice, headers=headers)) == ["/name"]
    lone = b'{"name":"\\ud800","country_code":"DE","tax_identifier":"1"}'
    assert await pointers(await alice.post("/v1/sellers", content=lone, headers=headers)) == ["/name"]


async def test_a_registration_never_shows_its_secrets_and_stores_none_in_the_clear(
    alice: Actor, database_url: str, settings: Settings
) -> None:
    made = await registered(alice)
    assert made["secrets"] == ["token"]
    assert CANARY not in (await alice.get(f"/v1/registrations/{made['id']}")).text
    connection = await asyncpg.connect(database_url)
    try:
        stored = await connection.fetchval("SELECT secrets_wrapped FROM registration")
        everything = b"".join(
            row["entry"] for row in await connection.fetch("SELECT entry FROM compliance_log")
        )
    finally:
        await connection.close()
    assert CANARY.encode() not in stored
    assert b"registration.created" in everything
    assert CANARY.encode() not in everything
    assert b"DE123456789" not in everything
    keyring = Keyring.open(settings.key_directory)
    place = f"{alice.tenant}|registration|{made['id']}|token".encode()
    wrapped = base64.b64decode(json.loads(stored)["token"])
    assert keyring.unwrap(wrapped, place).reveal() == CANARY


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"strategy": "nobody"}, "/strategy"),
        ({"strategy": "default"}, "/strategy"),
        ({"settings": {"adapter": "smoke-signal"}}, "/settings/adapter"),
        ({"settings": {"adaptor": "phoss-ap"}}, "/settings/adaptor"),
        ({"secrets": {"password": "x"}}, "/secrets/password"),
        ({"endpoint": "https://elsewhere.example.com"}, "/endpoint"),
        ({"endpoint": "http://ap.example.com"}, "/endpoint"),
        ({"endpoint": "https://ap.example.com:8443"}, "/endpoint"),
        ({"endpoint": "https://ap.example.com@169.254.169.254/"}, "/endpoint"),
        ({"endpoint": "https://ap.example.com.evil.example/"}, "/endpoint"),
        ({"endpoint": "https://ap.example.com/?x=1"}, "/endpoint"),
        ({"endpoint": "file:///etc/passwd"}, "/endpoint"),
        ({"seller_id": "01932d5e-8f00-7a3c-9d41-5b1f6c2e7a90"}, "/seller_id"),
    ],
)
async def test_a_registration_is_refused_at_the_pointer_of_its_fault(
    alice: Actor, change: dict[str, Any], pointer: str
) -> None:
    seller = (await alice.post("/v1/sellers", json=PEPPOL_SELLER)).json()
    body = {
        "seller_id": seller["id"],
        "strategy": "peppol",
        "endpoint": ACCESS_POINT,
        "settings": {"adapter": "phoss-ap"},
        **change,
    }
    answer = await alice.post("/v1/registrations", json=body)
    assert pointer in await pointers(answer)
    assert "ap.internal" not in answer.text, "the operator's list is not told"


async def test_all_faults_of_a_registration_come_at_once(alice: Actor) -> None:
    seller = (await alice.post("/v1/sellers", json=PEPPOL_SELLER)).json()
    body = {
        "seller_id": seller["id"],
        "strategy": "peppol",
        "endpoint": "https://elsewhere.example.com",
        "settings": {"adapter": 1, "adaptor": 2},
        "secrets": {"password": "x"},
    }
    found = await pointers(await alice.post("/v1/registrations", json=body))
    assert {"/endpoint", "/settings/adapter", "/settings/adaptor", "/secrets/password"} <= set(found)


async def test_an_internal_access_point_is_reached_by_the_port_the_operator_named(alice: Actor) -> None:
    made = await registered(alice)
    path, match = f"/v1/registrations/{made['id']}", {"If-Match": '"1"'}
    changed = await alice.patch(path, json={"endpoint": "http://ap.internal:8443/as4"}, headers=match)
    assert changed.json()["endpoint"] == "http://ap.internal:8443/as4"


async def test_a_registration_is_paused_mended_and_retired_each_change_once(alice: Actor) -> None:
    made = await registered(alice)
    path = f"/v1/registrations/{made['id']}"
    paused = await alice.patch(path, json={"state": "paused"}, headers={"If-Match": '"1"'})
    assert (paused.json()["state"], paused.json()["version"]) == ("paused", 2)
    assert paused.headers["ETag"] == '"2"'
    stale = await alice.patch(path, json={"state": "active"}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    mended = await alice.patch(
        path, json={"state": "active", "secrets": {"token": None}}, headers={"If-Match": '"2"'}
    )
    assert (mended.json()["secrets"], mended.json()["paused_reason"]) == ([], None)
    retired = await alice.patch(path, json={"state": "retired"}, headers={"If-Match": '"3"'})
    assert retired.json()["state"] == "retired"
    dead = await alice.patch(path, json={"state": "active"}, headers={"If-Match": '"4"'})
    assert (dead.status_code, dead.json()["code"]) == (409, "state/conflict")
    again = {name: made[name] for name in ("seller_id", "strategy", "endpoint", "settings")}
    assert (await alice.post("/v1/registrations", json=again)).status_code == 201
    twin = await alice.post("/v1/registrations", json=again)
    assert (twin.status_code, twin.json()["code"]) == (409, "state/conflict")


async def test_a_seller_with_registrations_stays(alice: Actor) -> None:
    made = await registered(alice)
    answer = await alice.delete(f"/v1/sellers/{made['seller_id']}")
    assert (answer.status_code, answer.json()["code"]) == (409, "state/conflict")
    listed = await alice.get(f"/v1/registrations?seller={made['seller_id']}")
    assert [one["id"] for one in listed.json()["data"]] == [made["id"]]


async def test_a_test_key_cannot_touch_production(gateway: Gateway, client: Any, alice: Actor) -> None:
    made = await registered(alice)
    live = await actor(gateway, client, mode="live", tenant=alice.tenant)
    body = {name: made[name] for name in ("seller_id", "strategy", "endpoint", "settings")}
    body["environment"] = "production"
    refused = await alice.post("/v1/registrations", json=body)
    assert (refused.status_code, refused.json()["code"]) == (403, "auth/mode")
    real = await live.post("/v1/registrations", json=body)
    assert real.status_code == 201, real.text
    path = real.headers["Location"]
    touched = await alice.patch(path, json={"state": "retired"}, headers={"If-Match": '"1"'})
    assert (touched.status_code, touched.json()["code"]) == (403, "auth/mode")


async def test_a_test_key_sees_no_live_invoice_and_a_live_key_no_test_invoice(
    gateway: Gateway, client: Any, alice: Actor
) -> None:
    live = await actor(gateway, client, mode="live", tenant=alice.tenant)
    test_invoice = await alice.post("/v1/invoices", json=default_invoice("N-1"))
    live_invoice = await live.post(
        "/v1/invoices", json=default_invoice("N-1"), headers={"Idempotency-Key": "k"}
    )
    assert live_invoice.status_code == 201, live_invoice.text
    assert (await live.get(test_invoice.headers["Location"])).status_code == 404
    assert (await alice.get(live_invoice.headers["Location"])).status_code == 404
    assert [one["mode"] for one in (await live.get("/v1/invoices")).json()["data"]] == ["live"]


async def test_a_webhook_endpoint_shows_its_secret_once_and_rotates_it(
    alice: Actor, database_url: str, settings: Settings
) -> None:
    made = await alice.post("/v1/webhook-endpoints", json={"url": "https://shop.example.com/hook"})
    assert made.status_code == 201, made.text
    secret, path = made.json()["secret"], made.headers["Location"]
    assert secret.startswith("whsec_")
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    assert secret not in (await alice.get(path)).text
    rotated = await alice.post(f"{path}:rotate-secret")
    assert rotated.status_code == 200, rotated.text
    connection = await asyncpg.connect(database_url)
    try:
        stored = json.loads(await connection.fetchval("SELECT secrets_wrapped FROM webhook_endpoint"))
    finally:
        await connection.close()
    keyring = Keyring.open(settings.key_directory)
    place = f"{alice.tenant}|webhook_endpoint|{made.json()['id']}".encode()
    opened = [keyring.unwrap(base64.b64decode(one["wrapped"]), place).reveal() for one in stored]
    assert opened == [rotated.json()["secret"], secret]
    assert [one["until"] is None for one in stored] == [True, False]


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example.com/hook",
        "https://127.0.0.1/hook",
        "https://[::1]/hook",
        "https://169.254.169.254/latest",
        "https://localhost/hook",
        "https://user:pw@shop.example.com/",
        "https://shop.example.com:22/hook",
    ],
)
async def test_a_webhook_does_not_go_inside(alice: Actor, url: str) -> None:
    assert await pointers(await alice.post("/v1/webhook-endpoints", json={"url": url})) == ["/url"]


async def test_an_endpoint_subscribes_to_known_events_only(alice: Actor) -> None:
    body = {"url": "https://shop.example.com/hook", "events": ["invoice.accepted", "invoice.eaten"]}
    assert await pointers(await alice.post("/v1/webhook-endpoints", json=body)) == ["/events/1"]
    body["events"] = ["authority.cleared", "*"]
    assert (await alice.post("/v1/webhook-endpoints", json=body)).json()["events"] == ["*"]


async def test_deliveries_are_held_while_an_endpoint_is_off_and_given_up_when_it_is_deleted(
    alice: Actor, database_url: str
) -> None:
    made = await alice.post("/v1/webhook-endpoints", json={"url": "https://shop.example.com/hook"})
    path = made.headers["Location"]
    await alice.post("/v1/invoices", json=default_invoice("N-1"))
    connection = await asyncpg.connect(database_url)

    async def states() -> list[str]:
        rows = await connection.fetch("SELECT state FROM webhook_delivery ORDER BY event_id")
        return [row["state"] for row in rows]

    async def turn(state: str) -> None:
        tag = (await alice.get(path)).headers["ETag"]
        answer = await alice.patch(path, json={"state": state}, headers={"If-Match": tag})
        assert answer.json()["state"] == state, answer.text

    try:
        assert await states() == ["queued"]
        await turn("disabled")
        await alice.post("/v1/invoices", json=default_invoice("N-2"))
        assert await states() == ["held", "held"]
        await turn("active")
        assert await states() == ["queued", "queued"]
        assert (await alice.delete(path)).status_code == 204
        assert await states() == ["failed", "failed"]
        await alice.post("/v1/invoices", json=default_invoice("N-3"))
        assert await states() == ["failed", "failed"]
    finally:
        await connection.close()
    assert (await alice.get(path)).status_code == 404
    assert (await alice.get("/v1/webhook-endpoints")).json()["data"] == []


async def test_a_key_is_shown_once_works_and_stops_working_when_it_is_revoked(
    alice: Actor, client: Any, database_url: str
) -> None:
    made = await alice.post("/v1/api-keys", json={"name": "shop", "scopes": ["invoices:read"]})
    assert made.status_code == 201, made.text
    key, path = made.json()["key"], made.headers["Location"]
    assert prefix_of(key) == made.json()["prefix"]
    shop = Actor(client, alice.tenant, key)
    assert (await shop.get("/v1/invoices")).status_code == 200
    assert key not in (await alice.get(path)).text + (await alice.get("/v1/api-keys")).text
    revoked = await alice.post(f"{path}:revoke")
    assert revoked.json()["revoked_at"] is not None
    assert (await shop.get("/v1/invoices")).status_code == 401
    again = (await alice.post(f"{path}:revoke")).json()  # the note of its last use may come in between
    assert again | {"last_used_at": None} == revoked.json() | {"last_used_at": None}
    connection = await asyncpg.connect(database_url)
    try:
        rows = await connection.fetch("SELECT hash FROM api_key")
        entries = [row["entry"] for row in await connection.fetch("SELECT entry FROM compliance_log")]
    finally:
        await connection.close()
    assert all(key.encode() not in row["hash"] for row in rows)
    events = [json.loads(entry)["event"] for entry in entries]
    assert events == ["key.created", "key.created", "key.revoked"]
    assert all(key[17:].encode() not in entry for entry in entries)


async def test_a_wrong_secret_under_a_known_prefix_is_refused(alice: Actor, client: Any) -> None:
    from tallystick.flows.credentials import checksum

    body = alice.key[:-6]
    forged = body[:-1] + ("A" if body[-1] != "A" else "B")
    stranger = Actor(client, alice.tenant, forged + checksum(forged))
    assert (await stranger.get("/v1/invoices")).status_code == 401
    assert (await alice.get("/v1/invoices")).status_code == 200
    assert (await stranger.get("/v1/invoices")).status_code == 401


async def test_an_expired_key_is_refused_and_a_past_expiry_is_not_taken(alice: Actor, client: Any) -> None:
    past = {"name": "x", "scopes": ["admin"], "expires_at": "2020-01-01T00:00:00Z"}
    assert await pointers(await alice.post("/v1/api-keys", json=past)) == ["/expires_at"]
    from datetime import UTC, datetime, timedelta

    soon = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    made = await alice.post("/v1/api-keys", json={**past, "expires_at": soon})
    brief = Actor(client, alice.tenant, made.json()["key"])
    assert (await brief.get("/v1/invoices")).status_code == 200
    await asyncio.sleep(1.2)
    assert (await brief.get("/v1/invoices")).status_code == 401


async def test_a_test_key_cannot_make_or_see_a_live_key(gateway: Gateway, client: Any, alice: Actor) -> None:
    answer = await alice.post("/v1/api-keys", json={"name": "x", "scopes": ["admin"], "mode": "live"})
    assert (answer.status_code, answer.json()["code"]) == (403, "auth/mode")
    live = await actor(gateway, client, mode="live", tenant=alice.tenant)
    prefix = prefix_of(live.key)
    assert (await alice.get(f"/v1/api-keys/{prefix}")).status_code == 404
    assert (await alice.post(f"/v1/api-keys/{prefix}:revoke")).status_code == 404
    assert (await live.get(f"/v1/api-keys/{prefix}")).status_code == 200


async def test_the_last_use_of_a_key_is_noted(alice: Actor, client: Any) -> None:
    prefix = prefix_of(alice.key)
    await alice.get("/v1/invoices")
    for _ in range(50):
        used = (await alice.get(f"/v1/api-keys/{prefix}")).json()["last_used_at"]
        if used is not None:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("never noted")
