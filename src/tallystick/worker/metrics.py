"""What Prometheus may know of a worker: bounded labels, never an id, never a tenant.

Answered by a thread of its own on `worker_metrics_port`, so that a busy worker still answers; without a port
nothing listens.
"""

import contextlib
from collections.abc import Iterator
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, start_http_server

from tallystick import __version__
from tallystick.settings import Settings

__all__ = ["Metrics", "exposed"]

log = structlog.get_logger("tallystick.worker")
DISAGREEMENTS: Final = frozenset({"missed", "overdone", "rules"})


class Metrics:
    """A worker's own metrics; one registry each, so that two workers of one process do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.agreements = Counter(
            "tallystick_official_agreements",
            "Documents on which the publisher's files came to our verdict by the same rules, by strategy.",
            ("strategy",),
            registry=self.registry,
        )
        self.disagreements = Counter(
            "tallystick_official_disagreements",
            "Documents that the publisher's files judged otherwise than we did, by strategy and kind.",
            ("strategy", "kind"),
            registry=self.registry,
        )
        self.failures = Counter(
            "tallystick_official_failures",
            "Looks at a document on which the publisher's files gave no verdict, by strategy and reason.",
            ("strategy", "reason"),
            registry=self.registry,
        )
        self.held = Counter(
            "tallystick_official_held",
            "Documents that the gate held for a person, by strategy.",
            ("strategy",),
            registry=self.registry,
        )
        build = Gauge("tallystick_build_info", "Always 1.", ("version",), registry=self.registry)
        build.labels(__version__).set(1)

    def judged(self, strategy: str, word: str) -> None:
        """Count what came of a judgement (see `flows.bench.Bench.count`)."""
        if word == "agreed":
            self.agreements.labels(strategy).inc()
        elif word == "held":
            self.held.labels(strategy).inc()
        elif word in DISAGREEMENTS:
            self.disagreements.labels(strategy, word).inc()
        else:
            self.failures.labels(strategy, word).inc()


@contextlib.contextmanager
def exposed(settings: Settings, metrics: Metrics) -> Iterator[None]:
    """Answer scrapes while the block runs, if a port is set. A port that is taken is told and does not keep
    the worker from its work.
    """
    port = settings.worker_metrics_port
    if not port:
        yield
        return
    try:
        server, thread = start_http_server(port, settings.host, metrics.registry)
    except OSError as error:
        log.warning("metrics.unavailable", port=port, error=error.strerror)
        yield
        return
    log.info("metrics.ready", port=port)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
