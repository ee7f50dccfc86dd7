"""From a commit through outbox and Kafka to four services' committed effects, ours and without a framework."""

from benchmarks.events.comparison import EVENTS

__all__ = ["EVENTS"]
