"""The one subscriber of a service, over all its topics."""

import asyncio
import contextlib
import dataclasses
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.subscriber.usecase import BatchSubscriber

from chassis.config.brokers import Brokers
from chassis.consuming.batches import Chunks, Stopped
from chassis.consuming.inbox import Record, read
from chassis.telemetry import metrics

log = structlog.get_logger(__name__)

CHUNK = 300
Records = tuple[Record, ...]


START_SECONDS = 20
COMMIT_SECONDS = 5
FINISH_SECONDS = 8


class TopicsMissing(Exception):
    """The log lacks topics that this service hears; declare them first."""


class UnsafeSubscriber(Exception):
    """A subscriber could lose events: it must be batch, MANUAL, with a group and without automatic commits."""


class PatientConsumer(AIOKafkaConsumer):
    """Its `getmany` waits for data, for FastStream sleeps after each empty poll; it beats while it waits.

    While the log is away aiokafka waits for an assignment without an end, and that is no reason to be restarted;
    but where one of its own tasks has died it would wait for ever, and the beat stops.
    """

    beat: Callable[[], None] = staticmethod(lambda: None)
    idle: Callable[[], None] = staticmethod(lambda: None)

    async def getmany(  # pyright: ignore[reportIncompatibleMethodOverride] -- aiokafka has no types
        self, *partitions: Any, timeout_ms: int = 0, max_records: int | None = None
    ) -> Any:
        """The next records; raises ConsumerStoppedError at the end."""
        del timeout_ms
        while True:
            poll = cast("Any", super()).getmany(*partitions, timeout_ms=1000, max_records=max_records)
            waiting = asyncio.ensure_future(poll)
            try:
                while not (await asyncio.wait({waiting}, timeout=1))[0]:
                    self._beat()
            finally:
                waiting.cancel()
            self._beat()
            if records := waiting.result():
                return records
            self.idle()

    def _beat(self) -> None:
        inner: Any = self
        tasks = (inner._fetcher.error_future, getattr(inner._coordinator, "_coordination_task", None))
        if not any(task is not None and task.done() for task in tasks):
            self.beat()


@dataclass(slots=True)
class Consumer:
    """Hears a service's topics chunk by chunk; offsets follow the database commit."""

    brokers: Brokers
    service: str
    topic_prefix: str
    topics: list[str]
    chunks: Chunks
    fault: Callable[[str], Any] = lambda point: None
    beat: Callable[[], None] = lambda: None
    session_seconds: float = 10.0
    _broker: KafkaBroker | None = None
    _subscriber: Any = None
    trouble: str = ""
    joined: asyncio.Event = field(default_factory=asyncio.Event)
    _in_hand_since: float | None = None

    async def run(self, stopping: asyncio.Event) -> None:
        """Hear until told to stop; Kafka may be away at any time, the start included."""
        if not self.topics:
            self.joined.set()
            # a part that ends by itself would count as broken
            await stopping.wait()
            return
        while not stopping.is_set():
            self.beat()
            try:
                async with asyncio.timeout(START_SECONDS):
                    await self._start()
                self.trouble = ""
                self.joined.set()
                break
            except (TopicsMissing, KafkaError, OSError, TimeoutError) as error:
                missing = isinstance(error, TopicsMissing)
                self.trouble = f"the log lacks topics: {error}" if missing else "the log cannot be reached"
                log.warning("cannot hear yet", reason=type(error).__name__, trouble=self.trouble)
                await self._stop()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), 0.5)
        await stopping.wait()
        await self._stop()
        await self.chunks.close()

    async def _start(self) -> None:
        await self._topics_exist()
        broker = self._broker = KafkaBroker(
            self.brokers.servers,
            security=self.brokers.security,
            client_id=self.service,
            allow_auto_create_topics=False,
            apply_types=False,
            logger=None,
            graceful_timeout=FINISH_SECONDS,
        )
        subscriber = self._subscriber = broker.subscriber(
            *(self.topic_prefix + topic for topic in self.topics),
            group_id=f"{self.topic_prefix}{self.service}",
            batch=True,
            max_records=CHUNK,
            ack_policy=AckPolicy.MANUAL,
            auto_offset_reset="earliest",
            session_timeout_ms=int(self.session_seconds * 1000),
            heartbeat_interval_ms=int(self.session_seconds * 300),
            partition_assignment_strategy=[RangePartitionAssignor],
            parser=parse,
            decoder=raw,
        )
        subscriber(self._handle)
        refuse_unsafe(broker)
        await broker.connect()
        config: Any = broker.config.broker_config
        config.builder = partial(self._build, config.builder.keywords)
        await broker.start()

    def _build(self, connection: dict[str, Any], **options: Any) -> PatientConsumer:
        consumer = PatientConsumer(**(connection | options))
        consumer.beat = self.beat
        consumer.idle = self._idle
        metrics.consumer_lag_seconds.set_function(self._lag)
        return consumer

    def _idle(self) -> None:
        self._in_hand_since = None

    def _lag(self) -> float:
        return 0.0 if self._in_hand_since is None else max(0.0, time.time() - self._in_hand_since)

    async def _topics_exist(self) -> None:
        """A missing topic would block the start for long without a word; name it instead."""
        admin = AIOKafkaAdminClient(**self.brokers.options, client_id=self.service)
        try:
            await admin.start()
            there = set(await admin.list_topics())
        finally:
            await admin.close()
        missing = {self.topic_prefix + topic for topic in self.topics} - there
        if missing:
            raise TopicsMissing(", ".join(sorted(missing)))

    async def _handle(self, records: Records) -> None:
        """One chunk; never raises, for FastStream would then skip it."""
        self._in_hand_since = records[0].timestamp / 1000
        try:
            await self.chunks.handle([read(record, self.topic_prefix) for record in records])
        except Stopped:
            # not passed over: a later chunk's offsets must not cover this one
            self._rewind(records)
            await asyncio.sleep(0.2)
            return
        except Exception as error:
            log.error("a chunk stays unhandled and is heard again", reason=type(error).__name__)
            await asyncio.sleep(1)
            self._rewind(records)
            return
        self.fault("consumer:before-offsets")
        ends: dict[tuple[str, int], int] = {}
        for record in records:
            place = record.topic, record.partition
            ends[place] = max(ends.get(place, 0), record.offset + 1)
        try:
            # aiokafka would try for as long as the log is away, and the next chunk would wait unheard
            async with asyncio.timeout(COMMIT_SECONDS):
                await self._subscriber.consumer.commit({TopicPartition(*place): end for place, end in ends.items()})
            self.fault("consumer:after-offsets")
        except (IllegalStateError, CommitFailedError, KafkaError, TimeoutError) as error:
            log.info("offsets not committed, the inbox guards", reason=type(error).__name__)

    def _rewind(self, records: Records) -> None:
        firsts: dict[TopicPartition, int] = {}
        for record in records:
            place = TopicPartition(record.topic, record.partition)
            firsts[place] = min(firsts.get(place, record.offset), record.offset)
        for place, offset in firsts.items():
            with contextlib.suppress(IllegalStateError):
                self._subscriber.consumer.seek(place, offset)

    async def _stop(self) -> None:
        broker, self._broker = self._broker, None
        if broker is not None:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(broker.stop(), FINISH_SECONDS + 2)


async def parse(message: Records, original: Callable[[Records], Awaitable[Any]]) -> Any:
    """FastStream's parser without the headers, of which a null or non-UTF-8 one would lose the whole batch."""
    parsed = await original((dataclasses.replace(message[0], headers=()),))
    parsed.raw_message = message
    return parsed


async def raw(message: Any) -> Records:
    """Hand the records over as they are: they are decoded once, by the contracts."""
    return message.raw_message


def refuse_unsafe(broker: KafkaBroker) -> None:
    """Assert before the start that no subscriber can lose an event."""
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
