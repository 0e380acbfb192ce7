"""What Prometheus may know: counts and durations with bounded labels, never an id, never a tenant.

The registry belongs to one app, so that two apps of one process (tests) do not count into each other.
"""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from tallystick import __version__

__all__ = ["CONTENT_TYPE", "Metrics"]

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """The API's own metrics. Routes are templates (`/v1/invoices/{invoice_id}`); an unknown path is
    `unknown`.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "tallystick_http_requests",
            "Requests answered, by route template, method and status.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "tallystick_http_request_duration_seconds",
            "Time from the first byte of a request to the last of its answer.",
            ("method", "route"),
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.accepted = Counter(
            "tallystick_accepted",
            "Invoices accepted (201, first answers only), by strategy and mode.",
            ("strategy", "mode"),
            registry=self.registry,
        )
        self.replayed = Counter(
            "tallystick_idempotent_replays",
            "Requests answered with the stored answer of their idempotency key.",
            registry=self.registry,
        )
        self.problems = Counter(
            "tallystick_problems",
            "Requests answered with a problem, by its code.",
            ("code",),
            registry=self.registry,
        )
        self.in_flight = Gauge(
            "tallystick_http_requests_in_flight", "Requests being answered now.", registry=self.registry
        )
        build = Gauge("tallystick_build_info", "Always 1.", ("version",), registry=self.registry)
        build.labels(__version__).set(1)
        self._answered: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request and its time. The labels are few and stay, so their counters are looked up once."""
        counters = self._answered.get((method, route, status))
        if counters is None:
            counters = (
                self.requests.labels(method, route, status),
                self.seconds.labels(method, route),
            )
            self._answered[method, route, status] = counters
        counters[0].inc()
        counters[1].observe(seconds)

    def exposition(self) -> bytes:
        """All of them in Prometheus' text format."""
        return generate_latest(self.registry)
