"""The adapter to FastStream: one batch subscriber over all topics of a service.

Taken from FastStream and aiokafka: connections, group membership, heartbeats, fetching. Overridden, for the reasons in
each place: acknowledging (`AckPolicy.MANUAL`, explicit offsets), parser and decoder, the pause after an empty poll, the
assignor (one replica sees all topics of a key), the start offset, what happens where a log has a gap, the creation of
topics.
"""

import asyncio
import contextlib
import dataclasses
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import IllegalStateError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.subscriber.usecase import BatchSubscriber

from chassis.config.brokers import Brokers
from chassis.consuming import fetching
from chassis.consuming.continuity import Continuity
from chassis.consuming.message import Record
from chassis.db.failure import is_end

FINISH_SECONDS = 8
METADATA_SECONDS = 10
"""A broker that has just made a topic may not know it when a member joins, who then gets no partition of it until he
asks again; aiokafka asks every five minutes."""
Records = tuple[Record, ...]


class UnsafeSubscriber(Exception):
    """A subscriber could lose events: it must be batch, MANUAL, with a group and without automatic commits."""


class WaitingConsumer(AIOKafkaConsumer):
    """Its `getmany` waits for data, for FastStream sleeps after each empty poll; it beats while it waits.

    While Kafka is away aiokafka waits for an assignment without an end, and that is no reason to be restarted; but
    where one of its own tasks has died it would wait for ever, and the beat stops. It returns records that follow on
    what was consumed, and no others.
    """

    continuity: Continuity
    beat: Callable[[], None] = staticmethod(lambda: None)
    answered: Callable[[], None] = staticmethod(lambda: None)
    _newest_answer: int = 0
    idle: Callable[[], None] = staticmethod(lambda: None)

    async def getmany(  # pyright: ignore[reportIncompatibleMethodOverride] -- aiokafka has no types
        self, *partitions: Any, timeout_ms: int = 0, max_records: int | None = None
    ) -> Any:
        """Return the next records; raises ConsumerStoppedError at the end."""
        del timeout_ms
        while True:
            await self.continuity.look()
            patience = int(await self.continuity.offsets.commit_due() * 1000) + 1
            poll = cast("Any", super()).getmany(*partitions, timeout_ms=patience, max_records=max_records)
            waiting = asyncio.ensure_future(poll)
            try:
                while not (await asyncio.wait({waiting}, timeout=1))[0]:
                    self._beat()
            finally:
                waiting.cancel()
            self._beat()
            if records := await self.continuity.follow_on(waiting.result()):
                return records
            self.idle()

    async def stop(self) -> None:
        """Leave the group and close all connections, also while a fetch that failed waits for its next try."""
        try:
            await super().stop()
        except asyncio.CancelledError as error:
            if is_end(error):
                raise
            # aiokafka has cancelled that wait, takes it for its own end, and leaves its connections open
            inner: Any = self
            await inner._client.close()

    def _beat(self) -> None:
        inner: Any = self
        tasks = (inner._fetcher.error_future, getattr(inner._coordinator, "_coordination_task", None))
        if not any(task is not None and task.done() for task in tasks):
            self.beat()
        if self._has_answered():
            self.answered()

    def _has_answered(self) -> bool:
        """Return whether Kafka has answered since the last look, for every partition that is fetched."""
        inner: Any = self
        fetched = self.assignment() - self.paused()
        if not fetched:
            return inner._coordinator.coordinator_id is not None
        before, self._newest_answer = self._newest_answer, min(inner.last_poll_timestamp(one) or 0 for one in fetched)
        return self._newest_answer != before


@dataclass(slots=True)
class Subscriber:
    """A member of a consumer group; `handle` gets each batch of records, and only `Offsets` commits."""

    brokers: Brokers
    client_id: str
    group: str
    topics: list[str]
    handle: Callable[[Records], Awaitable[None]]
    beat: Callable[[], None]
    idle: Callable[[], None]
    answered: Callable[[], None]
    session_seconds: float
    at_once: int
    continuity: Continuity
    _broker: KafkaBroker | None = None
    _subscriber: Any = field(default=None, repr=False)

    async def start(self) -> None:
        """Join the group.

        Raises KafkaError where Kafka cannot be reached, UnsafeSubscriber where events could be lost.
        """
        fetching.install()
        broker = self._broker = KafkaBroker(
            self.brokers.servers,
            security=self.brokers.security,
            client_id=self.client_id,
            allow_auto_create_topics=False,
            apply_types=False,
            logger=None,
            graceful_timeout=FINISH_SECONDS,
            metadata_max_age_ms=METADATA_SECONDS * 1000,
        )
        subscriber = self._subscriber = broker.subscriber(
            *self.topics,
            group_id=self.group,
            batch=True,
            max_records=self.at_once,
            fetch_max_wait_ms=1000,
            ack_policy=AckPolicy.MANUAL,
            auto_offset_reset="earliest",
            session_timeout_ms=int(self.session_seconds * 1000),
            heartbeat_interval_ms=int(self.session_seconds * 300),
            partition_assignment_strategy=[RangePartitionAssignor],
            listener=self.continuity,
            parser=parse,
            decoder=raw,
        )
        subscriber(self.handle)
        refuse_unsafe(broker)
        await broker.connect()
        config: Any = broker.config.broker_config
        config.builder = partial(self._build, config.builder.keywords)
        await broker.start()

    def _build(self, connection: dict[str, Any], **options: Any) -> WaitingConsumer:
        consumer = WaitingConsumer(**(connection | options))
        consumer.beat, consumer.idle, consumer.answered = self.beat, self.idle, self.answered
        consumer.continuity = self.continuity
        self.continuity.consumer = self.continuity.offsets.consumer = consumer
        return consumer

    def seek(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Go on from these offsets; partitions that another replica has by now are left alone."""
        for partition, offset in offsets.items():
            with contextlib.suppress(IllegalStateError):
                self._subscriber.consumer.seek(partition, offset)
                self.continuity.sought(partition, offset)

    async def stop(self) -> None:
        """Leave the group, after the batch in hand."""
        broker, self._broker = self._broker, None
        if broker is not None:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(broker.stop(), FINISH_SECONDS + 2)


async def parse(message: Records, original: Callable[[Records], Awaitable[Any]]) -> Any:
    """Parse without the headers, of which a null or non-UTF-8 one would lose the whole batch."""
    parsed = await original((dataclasses.replace(message[0], headers=()),))
    parsed.raw_message = message
    return parsed


async def raw(message: Any) -> Records:
    """Return the records as they are: they are decoded once, by the contracts."""
    return message.raw_message


def refuse_unsafe(broker: KafkaBroker) -> None:
    """Raise UnsafeSubscriber before the start where a subscriber could lose an event."""
    for subscriber in broker.subscribers:
        policy: Any = getattr(subscriber, "ack_policy", None)
        options: dict[str, Any] = getattr(subscriber, "_connection_args", {})
        group = getattr(subscriber, "group_id", None)
        if (
            policy is not AckPolicy.MANUAL
            or not isinstance(subscriber, BatchSubscriber)
            or not group
            or options.get("enable_auto_commit", False)
            or options.get("auto_offset_reset") != "earliest"
        ):
            raise UnsafeSubscriber(f"group {group}, policy {policy}")
