"""From a commit through outbox and Kafka to the committed effects of four services."""

from benchmarks.events.comparison import EVENTS

__all__ = ["EVENTS"]
