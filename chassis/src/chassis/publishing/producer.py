"""The producer of a service: idempotent, and replaced whenever it cannot be trusted."""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, cast

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.partitioner import DefaultPartitioner
from contracts.event import dataschema_of, type_of
from contracts.wire import Attributes
from opentelemetry.trace import Span, SpanKind

from chassis.config.brokers import Brokers
from chassis.db.outbox import unpack_headers
from chassis.telemetry.masking import class_of
from chassis.telemetry.traces import begin, describe, end, fail, traceparent_of

log = structlog.get_logger(__name__)

BATCH_BYTES = 262_144
TOPIC_SECONDS = 2.0
BLOCKED_SECONDS = 5.0
BREATH = 100
BY_KEY: Final[Any] = DefaultPartitioner()
"""Where aiokafka sends a record by itself, and every other client of Kafka; it has no types."""

Row = asyncpg.Record
Headers = Sequence[tuple[str, bytes | None]]
Place = tuple[str, int]
"""A topic, with the installation's prefix, and a partition."""


@dataclass(slots=True)
class Sent:
    """Rows that were handed over together, and Kafka's answer about all of them."""

    rows: list[Row]
    acknowledged: asyncio.Future[Any]


@dataclass(slots=True)
class Batch:
    """Rows for a partition that are handed over together, with the spans of those whose trace is recorded."""

    builder: Any
    rows: list[Row] = field(default_factory=list[Row])
    spans: dict[int, Span] = field(default_factory=dict[int, Span])

    def add(self, row: Row, key: bytes | None, headers: Headers, opened: Span | None) -> bool:
        """Add a row; false where it is full. One that is empty takes any row."""
        if self.builder.append(timestamp=None, key=key, value=row["payload"], headers=headers) is None:
            return False
        if opened is not None:
            self.spans[len(self.rows)] = opened
        self.rows.append(row)
        return True

    def fail(self, error: BaseException) -> None:
        """End the spans, for it could not be handed over."""
        for opened in self.spans.values():
            fail(opened, class_of(error))
            opened.end()

    def end(self, done: "asyncio.Future[Any]") -> None:
        """End the spans, when Kafka has answered."""
        for number, opened in self.spans.items():
            _end(opened, number, done)


@dataclass(slots=True)
class Producer:
    """Sends outbox rows to Kafka; a topic that is missing or forbidden is left alone for some seconds."""

    brokers: Brokers
    service: str
    topic_prefix: str = ""
    _client: AIOKafkaProducer | None = None
    _blocked: dict[str, float] = field(default_factory=dict[str, float])

    @property
    def blocked(self) -> list[str]:
        """The topics that cannot be written for now."""
        return [topic for topic, until in self._blocked.items() if time.monotonic() < until]

    async def submit(self, row: Row) -> asyncio.Future[Any]:
        """Hand a row over to be sent; the future is Kafka's answer. Raises KafkaError where the row is refused.

        Of a recorded trace it is a span, which consumers follow from.
        """
        topic = self.topic_prefix + row["aggregatetype"]
        opened = _opened(row, topic)
        key, headers = self._written(row, opened)
        send = cast("Any", self._client).send  # aiokafka has no types
        try:
            acknowledged = await send(topic, value=row["payload"], key=key, headers=headers)
        except BaseException as error:
            if opened is not None:
                fail(opened, class_of(error))
                opened.end()
            raise
        if opened is not None:
            acknowledged.add_done_callback(partial(_end, opened, 0))
        return acknowledged

    async def submit_all(self, rows: Sequence[Row]) -> list[Sent]:
        """Hand rows over to be sent, those of a partition together and in their order; raises KafkaError.

        It is half the work of handing over one after the other.
        """
        if len(rows) == 1:  # it may be larger than what goes together
            return [Sent(list(rows), await self.submit(rows[0]))]
        client: Any = self._client
        topics = {row["aggregatetype"]: self.topic_prefix + row["aggregatetype"] for row in rows}
        partitions = {topic: sorted(await client.partitions_for(topic)) for topic in topics.values()}
        open_batches: dict[Place, Batch] = {}
        sent: list[Sent] = []
        for number, row in enumerate(rows, 1):
            if number % BREATH == 0:
                await asyncio.sleep(0)  # requests must not wait for all of it
            topic = topics[row["aggregatetype"]]
            opened = _opened(row, topic)
            key, headers = self._written(row, opened)
            place = topic, _partition(key, partitions[topic])
            batch = open_batches.get(place)
            if batch is None or not batch.add(row, key, headers, opened):
                if batch is not None:
                    sent.append(await self._hand_over(batch, place))
                batch = open_batches[place] = Batch(client.create_batch())
                batch.add(row, key, headers, opened)
        return sent + [await self._hand_over(batch, place) for place, batch in open_batches.items()]

    async def _hand_over(self, batch: Batch, place: Place) -> Sent:
        topic, partition = place
        try:
            acknowledged = await cast("Any", self._client).send_batch(batch.builder, topic, partition=partition)
        except BaseException as error:
            batch.fail(error)
            raise
        if batch.spans:
            acknowledged.add_done_callback(batch.end)
        return Sent(batch.rows, acknowledged)

    def _written(self, row: Row, opened: Span | None) -> tuple[bytes | None, Headers]:
        """Return the key and the headers of a row's record."""
        if row["raw_headers"] is not None:
            key = row["raw_key"]
            # Kafka takes no record with neither
            return b"" if key is None and row["payload"] is None else key, unpack_headers(row["raw_headers"])
        attributes = Attributes(
            id=row["id"],
            source=self.service,
            type=type_of(row["type"]),
            dataschema=dataschema_of(row["type"]),
            subject=row["subject"],
            time=row["occurred_at"],
            sequence=row["sequence"],
            tenant=row["tenant"],
            traceparent=row["traceparent"] if opened is None else traceparent_of(opened),
        )
        return row["aggregateid"].encode(), attributes.to_headers()

    async def get_ready(self) -> None:
        """Have a connected client; raises KafkaError where Kafka cannot be reached."""
        if self._client is None:
            client = AIOKafkaProducer(
                **self.brokers.options,
                client_id=f"{self.service}-relay",
                enable_idempotence=True,
                compression_type="lz4",
                max_batch_size=BATCH_BYTES,
                max_request_size=1_048_576,
                request_timeout_ms=10_000,
            )
            try:
                await client.start()
            except BaseException:
                await client.stop()
                raise
            self._client = client

    async def writable(self, topic: str) -> bool:
        """Return whether a topic exists; aiokafka would wait long for a missing one, and all others behind it."""
        if time.monotonic() < self._blocked.get(topic, 0):
            return False
        try:
            async with asyncio.timeout(TOPIC_SECONDS):
                await cast("Any", self._client).partitions_for(self.topic_prefix + topic)
        except (KafkaError, TimeoutError) as error:
            self.block(topic, error)
            return False
        return True

    def block(self, topic: str, error: BaseException) -> None:
        """Send nothing to a topic for some seconds, and log it."""
        log.error("a topic cannot be written; its events wait", topic=topic, reason=type(error).__name__)
        self._blocked[topic] = time.monotonic() + BLOCKED_SECONDS

    async def drop(self) -> None:
        """Drop the client: an idempotent one whose sequence is broken never recovers. The next send makes a new one."""
        client, self._client = self._client, None
        if client is not None:
            try:
                await asyncio.wait_for(client.stop(), 2)
            except Exception:
                # given up while it waits for Kafka: its sender would live on and send late what the next one sends
                abandoned: Any = client
                with contextlib.suppress(Exception):
                    await abandoned._sender.close()
                with contextlib.suppress(Exception):
                    await abandoned.client.close()


def _partition(key: bytes | None, partitions: Sequence[int]) -> int:
    return partitions[0] if len(partitions) == 1 else BY_KEY(key, partitions, partitions)


def _opened(row: Row, topic: str) -> Span | None:
    """Begin the span of sending a row, where its trace is recorded."""
    sent_in = row["traceparent"]
    opened = begin(f"send {row['aggregatetype']}", SpanKind.PRODUCER, sent_in) if sent_in else None
    if opened is not None:
        describe(opened, _about(row, topic))
    return opened


def _end(opened: Span, number: int, done: "asyncio.Future[Any]") -> None:
    """End the span of the so-manieth of the records that an answer is about."""
    if not done.cancelled() and done.exception() is None:
        place = done.result()
        offset = {"messaging.kafka.offset": place.offset + number}
        describe(opened, {"messaging.destination.partition.id": str(place.partition), **offset})
    end(opened, done)


def _about(row: Row, topic: str) -> dict[str, str]:
    return {
        "messaging.system": "kafka",
        "messaging.operation.name": "send",
        "messaging.operation.type": "send",
        "messaging.destination.name": topic,
        "messaging.message.id": str(row["id"]),
        "cloudevents.event_id": str(row["id"]),
        "cloudevents.event_type": type_of(row["type"]),
    }
