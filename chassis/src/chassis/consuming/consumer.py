"""The consumer of a service: all its topics, batch by batch; offsets follow the database commit."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import structlog
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, NodeNotReadyError

from chassis.config.brokers import Brokers
from chassis.config.cluster import FORBIDDEN, NO_RIGHT, hidden, misnamed
from chassis.consuming.batches import BatchHandler, Stopped
from chassis.consuming.continuity import Continuity
from chassis.consuming.message import READERS, read_message
from chassis.consuming.offsets import Offsets
from chassis.consuming.subscriber import Records, Subscriber
from chassis.db.failure import is_end
from chassis.telemetry import metrics

log = structlog.get_logger(__name__)

START_SECONDS = 20
QUIET_SECONDS = 3.0
"""Kafka answers each second; from this silence on nobody knows how old what it holds is."""


class TopicsMissing(Exception):
    """Kafka lacks topics that this service consumes, or its user may not see them; the message says which."""


@dataclass(slots=True)
class Consumer:
    """Consumes a service's topics; Kafka may be away at any time, the start included."""

    brokers: Brokers
    service: str
    topic_prefix: str
    topics: list[str]
    handler: BatchHandler
    fault: Callable[[str], Any] = lambda point: None
    beat: Callable[[], None] = lambda: None
    session_seconds: float = 10.0
    failure: str = ""
    joined: asyncio.Event = field(default_factory=asyncio.Event)
    _subscriber: Subscriber | None = None
    _continuity: Continuity | None = None
    _offsets: Offsets | None = None
    _in_hand_since: float | None = None
    _answered_at: float = field(default_factory=time.monotonic)

    @property
    def gaps(self) -> str:
        """What is missing in the partitions that stand still here."""
        return "; ".join(str(gap) for gap in self._continuity.open.values()) if self._continuity else ""

    async def run(self, stopping: asyncio.Event) -> None:
        """Consume until told to stop."""
        if not self.topics:
            self.joined.set()
            # a part that ends by itself would count as broken
            await stopping.wait()
            return
        READERS.add(self.service)
        metrics.current().consumer_lag_seconds.set_function(self._lag)
        while not stopping.is_set():
            self.beat()
            try:
                async with asyncio.timeout(START_SECONDS):
                    await self._start()
                self.failure = ""
                self.joined.set()
                break
            except (TopicsMissing, KafkaError, OSError, TimeoutError, asyncio.CancelledError) as error:
                if is_end(error):
                    raise
                self.failure = str(error) if isinstance(error, TopicsMissing) else "Kafka cannot be reached"
                if isinstance(error, NodeNotReadyError) and (name := await misnamed(self.brokers, self.service)):
                    self.failure = f"Kafka answers, but a broker calls itself {name} (advertised.listeners)"
                log.warning("cannot consume yet", reason=type(error).__name__, failure=self.failure)
                await self._stop()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), 0.5)
        await stopping.wait()
        await self._stop()
        await self.handler.close()

    async def _start(self) -> None:
        names = [self.topic_prefix + topic for topic in self.topics]
        await self._require(set(names))
        offsets = self._offsets = Offsets(self.fault)
        continuity = self._continuity = Continuity(self.handler.database, self.topic_prefix, offsets)
        subscriber = self._subscriber = Subscriber(
            self.brokers,
            client_id=self.service,
            group=f"{self.topic_prefix}{self.service}",
            topics=names,
            handle=self._handle,
            beat=self.beat,
            idle=self._idle,
            answered=self._note_answer,
            session_seconds=self.session_seconds,
            at_once=self.handler.reactions.at_once,
            continuity=continuity,
        )
        await subscriber.start()

    async def _require(self, topics: set[str]) -> None:
        """Raise TopicsMissing, for missing topics would block the start for long and silently."""
        admin = AIOKafkaAdminClient(**self.brokers.options, client_id=self.service)
        try:
            await admin.start()
            missing = topics - set(await admin.list_topics())
        finally:
            await admin.close()
        if missing:
            codes = await hidden(self.brokers, self.service, missing)
            forbidden = sorted(topic for topic in missing if codes.get(topic) == FORBIDDEN)
            if forbidden:
                raise TopicsMissing(
                    f"{self.brokers.user or 'a client without a user'} {NO_RIGHT} {', '.join(forbidden)}"
                )
            raise TopicsMissing(f"Kafka lacks topics: {', '.join(sorted(missing))}")

    async def _stop(self) -> None:
        subscriber, self._subscriber = self._subscriber, None
        if subscriber is not None:
            if self._offsets is not None:
                await self._offsets.commit()
            await subscriber.stop()

    def _idle(self) -> None:
        self._in_hand_since = None

    def _note_answer(self) -> None:
        self._answered_at = time.monotonic()

    def _lag(self) -> float:
        """Return how old what is not handled yet may be: what is in hand, or for how long Kafka has been silent."""
        in_hand = time.time() - self._in_hand_since if self._in_hand_since is not None else 0.0
        silent = time.monotonic() - self._answered_at
        # both: what was just handled counts as in hand until the next poll ends, and that may wait for Kafka
        return max(in_hand, silent if silent > QUIET_SECONDS else 0.0)

    async def _handle(self, records: Records) -> None:
        """Handle one batch; never raises, for FastStream would then skip it."""
        subscriber, continuity, offsets = self._subscriber, self._continuity, self._offsets
        if subscriber is None or continuity is None or offsets is None:
            return
        self._in_hand_since = records[0].timestamp / 1000
        try:
            read = [read_message(record, self.topic_prefix) for record in records]
            messages = await continuity.of_producers_that_go_on(read)
            if not messages:
                return
            await self.handler.handle(messages)
        except Stopped:
            # not passed over: a later batch's offsets must not cover this one
            subscriber.seek(_firsts(records))
            await asyncio.sleep(0.2)
            return
        except Exception as error:
            log.error("a batch stays unhandled and is consumed again", reason=type(error).__name__)
            await asyncio.sleep(1)
            subscriber.seek(_firsts(records))
            return
        offsets.handled([message.record for message in messages])
        if self.handler.stopping.is_set():
            await offsets.commit()  # nobody polls any more


def _firsts(records: Records) -> dict[TopicPartition, int]:
    offsets: dict[TopicPartition, int] = {}
    for record in records:
        partition = TopicPartition(record.topic, record.partition)
        offsets[partition] = min(offsets.get(partition, record.offset), record.offset)
    return offsets
