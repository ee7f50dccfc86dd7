"""Offsets of what was handled, committed to Kafka a few times a second at most.

A commit after each batch costs as much as several events do. Whatever is consumed again after a crash or a move of
partitions, be it one batch or those of a moment, the inbox knows.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError

from chassis.consuming.message import Record

log = structlog.get_logger(__name__)

EVERY_SECONDS = 0.25
LONGEST_SECONDS = 5
AT_REST_SECONDS = 1.0


@dataclass(slots=True)
class Offsets:
    """What was handled and is not committed yet. `fault` is called before and after a commit."""

    fault: Callable[[str], Any] = lambda point: None
    consumer: Any = None
    _next: dict[TopicPartition, int] = field(default_factory=dict[TopicPartition, int])
    _committed_at: float = -EVERY_SECONDS

    def handled(self, records: Sequence[Record]) -> None:
        """Take note of records that need not be consumed again."""
        for record in records:
            partition = TopicPartition(record.topic, record.partition)
            self._next[partition] = max(self._next.get(partition, 0), record.offset + 1)

    async def commit_due(self) -> float:
        """Commit, unless that was done a moment ago; return after how many seconds to ask again, at the latest."""
        if not self._next:
            return AT_REST_SECONDS
        wait = self._committed_at + EVERY_SECONDS - time.monotonic()
        if wait > 0:
            return wait
        await self.commit()
        return AT_REST_SECONDS

    async def commit(self) -> None:
        """Commit what was handled; where that fails, the inbox guards."""
        offsets, self._next = self._next, {}
        if not offsets:
            return
        self.fault("consumer:before-offsets")
        try:
            # aiokafka would try for as long as Kafka is away, and the next batch would wait
            async with asyncio.timeout(LONGEST_SECONDS):
                await self.consumer.commit(offsets)
            self.fault("consumer:after-offsets")
        except (IllegalStateError, CommitFailedError, KafkaError, TimeoutError) as error:
            log.info("offsets not committed, the inbox guards", reason=type(error).__name__)
        self._committed_at = time.monotonic()
