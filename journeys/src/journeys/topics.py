"""The events of all topics, as a subscriber reads them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from aiokafka import AIOKafkaConsumer, TopicPartition
from chassis.config.brokers import Brokers
from contracts.wire import Attributes, decode

from contracts import Event, topics


@dataclass(frozen=True, slots=True)
class PublishedEvent:
    """An event as it is in its topic."""

    topic: str
    key: str
    attributes: Attributes
    event: Event

    @property
    def at(self) -> datetime:
        """Return when it was published."""
        return cast("datetime", self.attributes.time)

    @property
    def trace(self) -> str:
        """Return the id of the trace it belongs to."""
        return (self.attributes.traceparent or "--").split("-")[1]


async def read_all(brokers: Brokers) -> list[PublishedEvent]:
    """Return every event of every topic, in the order in which they were published."""
    names = [topic.name for topic in topics() if not topic.name.startswith("dead.")]
    consumer = cast("Any", AIOKafkaConsumer(*names, **brokers.options, auto_offset_reset="earliest", group_id=None))
    await consumer.start()
    try:
        partitions: set[TopicPartition] = consumer.assignment()
        ends: dict[TopicPartition, int] = await consumer.end_offsets(list(partitions))
        events: list[PublishedEvent] = []
        while sum(ends.values()) > sum([await consumer.position(partition) for partition in partitions]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                events += [_read(record) for record in records]
        return sorted(events, key=lambda event: event.at)
    finally:
        await consumer.stop()


def milliseconds(events: list[PublishedEvent], key: str, first: str, last: str) -> float:
    """Return the milliseconds from the first event of one topic to the last of another, among those of a key."""
    flow = [event for event in events if event.key == key]
    started = next(event.at for event in flow if event.topic == first)
    ended = [event.at for event in flow if event.topic == last][-1]
    return (ended - started).total_seconds() * 1000


def _read(record: Any) -> PublishedEvent:
    event = decode(record.topic, record.value)
    return PublishedEvent(record.topic, record.key.decode(), Attributes.parse(record.headers), event)
