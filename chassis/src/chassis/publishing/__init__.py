"""From the outbox to Kafka, and what the broker must allow for it."""

from chassis.publishing.permissions import Right, rights

__all__ = ["Right", "rights"]
