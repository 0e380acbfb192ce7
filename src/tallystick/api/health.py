"""Probes and metrics. `/healthz` asks nobody; `/readyz` asks what an accepted invoice needs.

Redis is not needed: without it the worker finds its work in the database. Its absence is told, as `degraded`.
"""

from typing import Final

from litestar.response.base import ASGIResponse
from msgspec import Struct, json

from tallystick.api.answers import plain
from tallystick.api.ask import Ask
from tallystick.api.describe import JSON, Answer, Operation
from tallystick.api.metrics import CONTENT_TYPE
from tallystick.api.routing import route
from tallystick.flows.readiness import Readiness, readiness

__all__ = ["ROUTES"]

ALIVE: Final = b'{"status":"alive"}'
UNCACHED: Final = {"Cache-Control": "no-store"}


class Alive(Struct):
    """The process answers."""

    status: str


@route(
    "GET",
    "/healthz",
    Operation(
        id="health",
        summary="Is the process alive",
        description="Touches neither database nor Redis: a probe that restarts the process must not fail "
        "with them.",
        tag="Operations",
        scope=None,
        answers=(Answer(description="It answers.", type=Alive, example={"status": "alive"}),),
    ),
)
async def health(_: Ask) -> ASGIResponse:
    """GET /healthz."""
    return ASGIResponse(body=ALIVE, media_type=JSON, headers=UNCACHED)


READY_EXAMPLE: Final = {
    "status": "ready",
    "checks": {"database": "ok", "migrations": "ok", "keys": "ok", "redis": "ok"},
}
DOWN_EXAMPLE: Final = {
    "status": "unavailable",
    "checks": {"database": "SQLSTATE 57P03", "migrations": "not asked", "keys": "ok", "redis": "ok"},
}


@route(
    "GET",
    "/readyz",
    Operation(
        id="readiness",
        summary="Can the process accept invoices",
        description="Asks for the database, its migrations and the keys. Redis is only reported: without "
        "it the status is "
        "`degraded`, and everything still completes.",
        tag="Operations",
        scope=None,
        answers=(
            Answer(description="Ready, or degraded.", type=Readiness, example=READY_EXAMPLE),
            Answer(
                status=503, description="Not ready; `checks` says why.", type=Readiness, example=DOWN_EXAMPLE
            ),
        ),
    ),
)
async def ready(ask: Ask) -> ASGIResponse:
    """GET /readyz."""
    found = await readiness(ask.gateway)
    status = 503 if found.status == "unavailable" else 200
    return ASGIResponse(body=json.encode(found), status_code=status, media_type=JSON, headers=UNCACHED)


@route(
    "GET",
    "/metrics",
    Operation(
        id="metrics",
        summary="Metrics for Prometheus",
        description="Counts and durations of this process. Labels are route templates, statuses and "
        "codes: no id, no tenant.",
        tag="Operations",
        scope=None,
        answers=(
            Answer(
                description="Prometheus' text format.",
                media_types=("text/plain",),
                example='tallystick_accepted_total{mode="test",strategy="peppol"} 117.0\n',
            ),
        ),
    ),
)
async def metrics(ask: Ask) -> ASGIResponse:
    """GET /metrics."""
    return plain(ask.metrics.exposition(), CONTENT_TYPE)


ROUTES: Final = (health, ready, metrics)
