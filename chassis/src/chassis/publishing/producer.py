"""The producer of a service: idempotent, and replaced whenever it cannot be trusted."""

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
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

Row = asyncpg.Record


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
        topic, sent_in = self.topic_prefix + row["aggregatetype"], row["traceparent"]
        opened = begin(f"send {row['aggregatetype']}", SpanKind.PRODUCER, sent_in) if sent_in else None
        if opened is not None:
            sent_in = traceparent_of(opened)
            describe(opened, _about(row, topic))
        if row["raw_headers"] is None:
            key = row["aggregateid"].encode()
            headers = Attributes(
                id=row["id"],
                source=self.service,
                type=type_of(row["type"]),
                dataschema=dataschema_of(row["type"]),
                subject=row["subject"],
                time=row["occurred_at"],
                sequence=row["sequence"],
                tenant=row["tenant"],
                traceparent=sent_in,
            ).to_headers()
        else:
            key, headers = row["raw_key"], unpack_headers(row["raw_headers"])
            if key is None and row["payload"] is None:
                key = b""  # Kafka takes no record with neither
        send = cast("Any", self._client).send  # aiokafka has no types
        try:
            acknowledged = await send(topic, value=row["payload"], key=key, headers=headers)
        except BaseException as error:
            if opened is not None:
                fail(opened, class_of(error))
                opened.end()
            raise
        if opened is not None:
            acknowledged.add_done_callback(partial(_end, opened))
        return acknowledged

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


def _end(opened: Span, done: "asyncio.Future[Any]") -> None:
    if not done.cancelled() and done.exception() is None:
        place = done.result()
        offset = {"messaging.kafka.offset": place.offset}
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
