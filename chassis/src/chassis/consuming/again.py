"""What Kafka still holds of a topic, read once more by a command, for what a service learns to know later."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar, cast

from contracts.event import Event

from chassis.config.brokers import Brokers
from chassis.consuming.message import read_message

E = TypeVar("E", bound=Event)
AT_ONCE: Final = 200


class TopicUnread(Exception):
    """Kafka does not answer, or does not show the topic."""


async def read_again(brokers: Brokers, service: str, prefix: str, event: type[E]) -> AsyncGenerator[list[E]]:
    """Give the events of a topic, so many at once, up to where it ends now, each partition in its order.

    Offsets of the service's own consumer stay as they are, and records that cannot be read are left out. Raises
    TopicUnread.
    """
    # other commands should not wait for it
    from aiokafka import TopicPartition
    from aiokafka.errors import KafkaError, for_code

    from chassis.config.cluster import described

    topic = prefix + event.DECLARED.topic
    try:
        (found,) = await described(brokers, f"{service}-again", [topic])
        if found["error_code"]:
            raise for_code(found["error_code"])(topic)
        partitions = [TopicPartition(topic, one["partition"]) for one in found["partitions"]]
        async with _reading(brokers, service) as consumer:
            consumer.assign(partitions)
            await consumer.seek_to_beginning(*partitions)
            ends = await consumer.end_offsets(partitions)
            while reading := [one for one in partitions if await consumer.position(one) < ends[one]]:
                records = await consumer.getmany(*reading, timeout_ms=200, max_records=AT_ONCE)
                messages = [read_message(record, prefix) for some in records.values() for record in some]
                if events := [cast("E", message.event) for message in messages if message.fault is None]:
                    yield events
    except (KafkaError, OSError, TimeoutError) as error:
        raise TopicUnread(type(error).__name__) from error


@asynccontextmanager
async def _reading(brokers: Brokers, service: str) -> AsyncGenerator[Any]:
    from aiokafka import AIOKafkaConsumer

    consumer: Any = AIOKafkaConsumer(
        **brokers.options, client_id=f"{service}-again", enable_auto_commit=False, auto_offset_reset="earliest"
    )
    try:
        await consumer.start()
        yield consumer
    finally:
        await consumer.stop()
