"""The hand that writes to the log: an idempotent producer, made anew whenever it cannot be trusted."""

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from typing import Any, cast

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from contracts.wire import Attributes

from chassis.config.brokers import Brokers
from chassis.db.outbox import unpack_headers

log = structlog.get_logger(__name__)

BATCH_BYTES = 262_144
TOPIC_SECONDS = 2.0
BLOCKED_SECONDS = 5.0

Row = asyncpg.Record


@dataclass(slots=True)
class Producer:
    """Puts outbox rows on the log; a topic that is missing or forbidden is left alone for some seconds."""

    brokers: Brokers
    service: str
    topic_prefix: str = ""
    _producer: AIOKafkaProducer | None = None
    _blocked: dict[str, float] = field(default_factory=dict[str, float])

    @property
    def blocked(self) -> list[str]:
        """The topics that cannot be written for now."""
        return [topic for topic, until in self._blocked.items() if time.monotonic() < until]

    async def submit(self, row: Row) -> asyncio.Future[Any]:
        """Hand a row over to be sent; the future is the log's answer. Raises KafkaError where the row is refused."""
        if row["raw_headers"] is None:
            key = row["aggregateid"].encode()
            headers = Attributes(
                id=row["id"],
                source=self.service,
                type=row["type"],
                subject=row["subject"],
                time=row["occurred_at"],
                sequence=row["sequence"],
                tenant=row["tenant"],
                traceparent=row["traceparent"],
            ).to_headers()
        else:
            key, headers = row["raw_key"], unpack_headers(row["raw_headers"])
            if key is None and row["payload"] is None:
                key = b""  # the log takes no record with neither
        send = cast("Any", self._producer).send  # aiokafka has no types
        return await send(self.topic_prefix + row["aggregatetype"], value=row["payload"], key=key, headers=headers)

    async def get_ready(self) -> None:
        """Have a producer; raises KafkaError where the log cannot be reached."""
        if self._producer is None:
            producer = AIOKafkaProducer(
                **self.brokers.options,
                client_id=f"{self.service}-relay",
                enable_idempotence=True,
                compression_type="lz4",
                max_batch_size=BATCH_BYTES,
                max_request_size=1_048_576,
                request_timeout_ms=10_000,
            )
            try:
                await producer.start()
            except BaseException:
                await producer.stop()
                raise
            self._producer = producer

    async def writable(self, topic: str) -> bool:
        """Whether a topic is there; aiokafka would wait long for a missing one, and all others behind it."""
        if time.monotonic() < self._blocked.get(topic, 0):
            return False
        try:
            async with asyncio.timeout(TOPIC_SECONDS):
                await cast("Any", self._producer).partitions_for(self.topic_prefix + topic)
        except (KafkaError, TimeoutError) as error:
            self.block(topic, error)
            return False
        return True

    def block(self, topic: str, error: BaseException) -> None:
        """Leave a topic alone for some seconds, and say so."""
        log.error("a topic cannot be written; its events wait", topic=topic, reason=type(error).__name__)
        self._blocked[topic] = time.monotonic() + BLOCKED_SECONDS

    async def drop(self) -> None:
        """An idempotent producer whose sequence is broken never recovers; the next send makes a new one."""
        producer, self._producer = self._producer, None
        if producer is not None:
            try:
                await asyncio.wait_for(producer.stop(), 2)
            except Exception:
                # given up while it waits for the log: its sender would live on and send late what the next one sends
                gone: Any = producer
                with contextlib.suppress(Exception):
                    await gone._sender.close()
                with contextlib.suppress(Exception):
                    await gone.client.close()
