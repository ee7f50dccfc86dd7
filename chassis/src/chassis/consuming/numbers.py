"""Producers whose numbers begin again, because their outbox was restored to an earlier state."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from chassis.consuming.message import Message
from chassis.telemetry import metrics

log = structlog.get_logger(__name__)

# Transactions that overlap publish out of order; none of them lasts as long.
OVERLAP = timedelta(minutes=5)


@dataclass(slots=True)
class Numbers:
    """The highest sequence that came in each partition from the topic's own producer since this process began.

    A lower one of a later time is an alarm: readers that go by the sequence take what the producer publishes now for
    older than what it published before its database was restored.
    """

    _highest: dict[tuple[str, int], tuple[int, datetime]] = field(
        default_factory=dict[tuple[str, int], tuple[int, datetime]]
    )

    def follow(self, message: Message[Any]) -> None:
        """Follow a new event; logs and counts where numbers begin again, once."""
        sequence, at = message.attributes.sequence, message.attributes.time
        if sequence is None or at is None or message.event.DECLARED.published_by != message.attributes.source:
            return
        place = message.topic, message.record.partition
        highest, then = self._highest.get(place, (-1, at))
        begins_again = sequence < highest and at > then + OVERLAP
        if begins_again:
            log.error("a producer's numbers begin again", topic=message.topic, before=highest, now=sequence)
            metrics.current().numbers_begun_again_total.inc()
        if begins_again or sequence > highest:
            self._highest[place] = sequence, at
