"""Publish the events of other services, for benchmarks that run one service alone."""

from datetime import UTC, datetime
from itertools import count
from typing import Any, cast

from aiokafka import AIOKafkaProducer
from contracts.event import Event
from contracts.wire import Attributes, encode
from uuid_utils.compat import uuid7


async def publish(kafka: str, prefix: str, *events: Event) -> None:
    """Write events to Kafka in this order, below a prefix of topics."""
    producer = cast("Any", AIOKafkaProducer(bootstrap_servers=kafka, enable_idempotence=True))
    await producer.start()
    try:
        for event, sequence in zip(events, count(1), strict=False):
            topic, source = event.DECLARED.topic, event.DECLARED.published_by
            now = datetime.now(UTC)
            attributes = Attributes(uuid7(), source, topic, event.aggregate, now, sequence, event.tenant, None)
            await producer.send_and_wait(
                prefix + topic, value=encode(event), key=event.record_key.encode(), headers=attributes.to_headers()
            )
    finally:
        await producer.stop()
