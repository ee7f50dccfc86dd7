"""Publish the events of other services, for benchmarks that run one service alone."""

from datetime import UTC, datetime
from itertools import count
from typing import Any, cast

from aiokafka import AIOKafkaProducer
from contracts.event import Event
from contracts.wire import encode, headers
from uuid_utils.compat import uuid7

# a producer gives no number twice
NUMBERS = count(1)


async def publish(kafka: str, prefix: str, *events: Event) -> None:
    """Write events to Kafka in this order, below a prefix of topics."""
    producer = cast("Any", AIOKafkaProducer(bootstrap_servers=kafka, enable_idempotence=True))
    await producer.start()
    try:
        for event in events:
            declared, now = event.DECLARED, datetime.now(UTC)
            named = headers(event, id=uuid7(), source=declared.published_by, time=now, sequence=next(NUMBERS))
            await producer.send_and_wait(
                prefix + declared.topic, value=encode(event), key=event.record_key.encode(), headers=named
            )
    finally:
        await producer.stop()
