"""The metrics of each service of a process, as its `/metrics` shows them to Prometheus."""

import platform
from collections.abc import Sequence
from functools import cache
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from chassis.telemetry.current import current_service, version_of

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
NAMESPACE: Final = "kontor"
_QUICK = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_SLOW = (0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60)

# when a counter began is what `process_start_time_seconds` says, too
disable_created_metrics()


class Metrics:
    """The metrics of one service, beside those of the process it runs in.

    Names begin with `kontor_` and end with the base unit; those of counters end with `_total` (Prometheus' rules).
    """

    def __init__(self, service: str) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        info = Info("build", "What runs here; always 1.", namespace=NAMESPACE, registry=self.registry)
        info.info({"service": service, "version": version_of(service), "python": platform.python_version()})
        self.outbox_age_seconds = self.gauge("outbox_age_seconds", "Age of the oldest row not yet in Kafka.")
        self.outbox_rows = self.gauge("outbox_rows", "Rows not yet in Kafka, at most 10,000 of them.")
        self.outbox_refused_rows = self.gauge(
            "outbox_refused_rows", "Of these, rows that Kafka refused for good; each holds back its key."
        )
        self.consumer_lag_seconds = self.gauge(
            "consumer_lag_seconds", "Age of what this replica is handling, or how long Kafka has been silent; else 0."
        )
        self.clock_skew_seconds = self.gauge(
            "clock_skew_seconds", "How far this machine's clock is ahead of another's.", ["source"]
        )
        self.dead_letters = self.gauge("dead_letters", "Dead letters that wait for somebody to decide.")
        self.consumer_gaps = self.gauge(
            "consumer_gaps", "Partitions that stand still here, for their log does not go on as it was."
        )
        self.parked_events = self.gauge("parked_events", "Events that wait for their retry.")
        self.parked_age_seconds = self.gauge("parked_age_seconds", "Age of the oldest parked event.")
        self.dead_events = self.counter("dead_events", "Dead-lettered events, which somebody has to look at.")
        self.event_age_seconds = self.histogram(
            "event_age_seconds", "How old events were, by their producer's time, when they took effect here.", _SLOW
        )
        self.events_handled = self.counter("events_handled", "Events by what became of them.", ["topic", "outcome"])
        self.request_seconds = self.histogram(
            "http_request_duration_seconds", "Time to answer.", _QUICK, ["route", "method", "status"]
        )
        self.outbound_seconds = self.histogram(
            "outbound_duration_seconds",
            "Time that an outbound task takes outside, by what came of it.",
            _SLOW,
            ["task", "outcome"],
        )

    def counter(self, name: str, text: str, labels: Sequence[str] = ()) -> Counter:
        """Make a counter `kontor_<name>_total`; its name is unique in the service, so make it at a module's top."""
        return Counter(name, text, labels, namespace=NAMESPACE, registry=self.registry)

    def gauge(self, name: str, text: str, labels: Sequence[str] = ()) -> Gauge:
        """Make a gauge `kontor_<name>`, whose name ends with its base unit; make it at a module's top, too."""
        return Gauge(name, text, labels, namespace=NAMESPACE, registry=self.registry)

    def histogram(self, name: str, text: str, buckets: Sequence[float], labels: Sequence[str] = ()) -> Histogram:
        """Make a histogram `kontor_<name>` with these upper bounds of its buckets; make it at a module's top, too."""
        return Histogram(name, text, labels, namespace=NAMESPACE, buckets=buckets, registry=self.registry)


@cache
def of(service: str) -> Metrics:
    """Return the metrics of a service of this process."""
    return Metrics(service)


def current() -> Metrics:
    """Return the metrics of the service that this runs in."""
    return of(current_service.get())


def handled(topic: str, outcome: str) -> Counter:
    """Return the counter of a topic's events with one outcome."""
    return _handled(current_service.get(), topic, outcome)


def answered(route: str, method: str, status: int) -> Histogram:
    """Return the histogram of a route's answers with one status."""
    return _answered(current_service.get(), route, method, status)


def render() -> bytes:
    """Return the metrics of the service that this runs in, in Prometheus' text format (`CONTENT_TYPE`)."""
    return generate_latest(current().registry)


# cached, because every event and every request asks for them
@cache
def _handled(service: str, topic: str, outcome: str) -> Counter:
    return of(service).events_handled.labels(topic, outcome)


@cache
def _answered(service: str, route: str, method: str, status: int) -> Histogram:
    return of(service).request_seconds.labels(route, method, str(status))
