"""The metrics of each service of a process, as its `/metrics` shows them to Prometheus."""

from collections.abc import Sequence
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from chassis.telemetry.current import current_service

_QUICK = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_SLOW = (0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """The metrics of one service, beside those of the process it runs in."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self.outbox_age_seconds = Gauge(
            "outbox_age_seconds", "Age of the oldest row not yet in Kafka.", registry=registry
        )
        self.outbox_rows = Gauge("outbox_rows", "Rows not yet in Kafka, at most 10,000 of them.", registry=registry)
        self.outbox_refused = Counter(
            "outbox_refused", "Rows that Kafka refused for good; each holds back its key.", registry=registry
        )
        self.consumer_lag_seconds = Gauge(
            "consumer_lag_seconds", "Age of what this replica is handling; 0: nothing.", registry=registry
        )
        self.clock_skew_seconds = Gauge(
            "clock_skew_seconds", "How far this machine's clock is ahead of the database's.", registry=registry
        )
        self.dead_letters = Gauge("dead_letters", "Dead letters that wait for somebody to decide.", registry=registry)
        self.numbers_begun_again_total = Counter(
            "numbers_begun_again", "Producers whose sequences fell back: their outbox was restored.", registry=registry
        )
        self.consumer_gaps = Gauge(
            "consumer_gaps", "Partitions that stand still here, for records were gone unconsumed.", registry=registry
        )
        self.parked_events = Gauge("parked_events", "Events that wait for their retry.", registry=registry)
        self.parked_age_seconds = Gauge("parked_age_seconds", "Age of the oldest parked event.", registry=registry)
        self.dead_events_total = Counter(
            "dead_events", "Dead-lettered events, which somebody has to look at.", registry=registry
        )
        self.events_handled_total = Counter(
            "events_handled", "Events by what became of them.", ["topic", "outcome"], registry=registry
        )
        self.request_seconds = Histogram(
            "request_seconds", "Time to answer.", ["route", "method", "status"], buckets=_QUICK, registry=registry
        )
        self.outbound_seconds = Histogram(
            "outbound_seconds",
            "Time that an outbound task takes outside.",
            ["job", "outcome"],
            buckets=_SLOW,
            registry=registry,
        )

    def counter(self, name: str, text: str, labels: Sequence[str] = ()) -> Counter:
        """Make the service's own counter; its name is unique, so make it at the top of a module."""
        return Counter(name, text, labels, registry=self.registry)


@cache
def of(service: str) -> Metrics:
    """Return the metrics of a service of this process."""
    return Metrics()


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
    """Return the metrics of the service that this runs in, in Prometheus' text format."""
    return generate_latest(current().registry)


# cached, because every event and every request asks for them
@cache
def _handled(service: str, topic: str, outcome: str) -> Counter:
    return of(service).events_handled_total.labels(topic, outcome)


@cache
def _answered(service: str, route: str, method: str, status: int) -> Histogram:
    return of(service).request_seconds.labels(route, method, str(status))
