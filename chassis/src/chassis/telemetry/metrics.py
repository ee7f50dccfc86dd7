"""The metrics of a process, as `/metrics` shows them to Prometheus."""

from collections.abc import Sequence
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

_registry = CollectorRegistry()
ProcessCollector(registry=_registry)

_QUICK = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_SLOW = (0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60)

outbox_age_seconds = Gauge("outbox_age_seconds", "Age of the oldest row not yet in Kafka.", registry=_registry)
outbox_rows = Gauge("outbox_rows", "Rows not yet in Kafka, at most 10,000 of them.", registry=_registry)
outbox_refused = Counter(
    "outbox_refused", "Rows that Kafka refused for good; each holds back its key.", registry=_registry
)
consumer_lag_seconds = Gauge(
    "consumer_lag_seconds", "Age of what this replica is handling; 0: nothing.", registry=_registry
)
parked_events = Gauge("parked_events", "Events that wait for their retry.", registry=_registry)
parked_age_seconds = Gauge("parked_age_seconds", "Age of the oldest parked event.", registry=_registry)
dead_events_total = Counter("dead_events", "Dead-lettered events, which somebody has to look at.", registry=_registry)
events_handled_total = Counter(
    "events_handled", "Events by what became of them.", ["topic", "outcome"], registry=_registry
)
request_seconds = Histogram(
    "request_seconds", "Time to answer.", ["route", "method", "status"], buckets=_QUICK, registry=_registry
)
outbound_seconds = Histogram(
    "outbound_seconds",
    "Time that an outbound task takes outside.",
    ["job", "outcome"],
    buckets=_SLOW,
    registry=_registry,
)


@cache
def handled(topic: str, outcome: str) -> Counter:
    """Return the counter of a topic's events with one outcome; cached, because every event asks for it."""
    return events_handled_total.labels(topic, outcome)


@cache
def answered(route: str, method: str, status: int) -> Histogram:
    """Return the histogram of a route's answers with one status; cached, because every request asks for it."""
    return request_seconds.labels(route, method, str(status))


def counter(name: str, text: str, labels: Sequence[str] = ()) -> Counter:
    """Make a service's own counter; its name is unique in the process, so make it at the top of a module."""
    return Counter(name, text, labels, registry=_registry)


def render() -> bytes:
    """Return everything in Prometheus' text format."""
    return generate_latest(_registry)
