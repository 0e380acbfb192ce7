"""Probes, metrics, and what the process says of itself."""

from typing import Any

from msgspec import structs

from api.conftest import Actor, default_invoice
from tallystick.api import create_app
from tallystick.flows.gateway import Gateway
from tallystick.settings import Settings


async def test_a_whole_installation_is_ready(client: Any) -> None:
    answer = await client.get("/readyz")
    assert answer.status_code == 200, answer.text
    checks = {"database": "ok", "migrations": "ok", "keys": "ok", "redis": "ok"}
    assert answer.json() == {"status": "ready", "checks": checks}


async def test_without_redis_it_is_degraded_and_still_ready_and_still_accepts(
    alice: Actor, gateway: Gateway
) -> None:
    gateway.settings = structs.replace(gateway.settings, redis_url="redis://127.0.0.1:1/0")
    answer = await alice.client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert answer.json()["checks"]["redis"] != "ok"
    assert (await alice.post("/v1/invoices", json=default_invoice())).status_code == 201


async def test_metrics_count_by_template_and_never_name_an_id_or_a_tenant(alice: Actor) -> None:
    posted = await alice.post("/v1/invoices", json=default_invoice())
    await alice.get(posted.headers["Location"])
    await alice.get("/v1/invoices/not-a-uuid")
    await alice.get("/no/such/path/01932d5e")
    answer = await alice.client.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain")
    text = answer.text
    assert 'tallystick_accepted_total{mode="test",strategy="default"} 1.0' in text
    route = 'method="GET",route="/v1/invoices/{invoice_id}"'
    assert f'tallystick_http_requests_total{{{route},status="200"}} 1.0' in text
    assert f'tallystick_http_requests_total{{{route},status="404"}} 1.0' in text
    assert 'route="unknown",status="404"' in text
    assert 'tallystick_problems_total{code="resource/not-found"} 1.0' in text
    for canary in (posted.json()["id"], str(alice.tenant), "01932d5e", "not-a-uuid", alice.key[:16]):
        assert canary not in text


async def test_two_apps_do_not_count_into_each_other(settings: Settings, gateway: Gateway) -> None:
    one, other = create_app(settings, gateway), create_app(settings, gateway)
    one.metrics.replayed.inc()
    assert b"tallystick_idempotent_replays_total 1.0" in one.metrics.exposition()
    assert b"tallystick_idempotent_replays_total 0.0" in other.metrics.exposition()
