"""What stands on the topics: the events of a story, as a subscriber reads them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from aiokafka import AIOKafkaConsumer, TopicPartition
from contracts.wire import Attributes, decode

from contracts import Event, topics


@dataclass(frozen=True, slots=True)
class Told:
    """One event as it stands on its topic."""

    topic: str
    key: str
    attributes: Attributes
    event: Event

    @property
    def at(self) -> datetime:
        """When it was said."""
        return cast("datetime", self.attributes.time)

    @property
    def trace(self) -> str:
        """The id of the trace it belongs to."""
        return (self.attributes.traceparent or "--").split("-")[1]


async def read_all(kafka: str) -> list[Told]:
    """Every event of every topic, in the order in which it was said."""
    names = [topic.name for topic in topics() if not topic.name.startswith("dead.")]
    consumer = cast(
        "Any", AIOKafkaConsumer(*names, bootstrap_servers=kafka, auto_offset_reset="earliest", group_id=None)
    )
    await consumer.start()
    try:
        places: set[TopicPartition] = consumer.assignment()
        ends: dict[TopicPartition, int] = await consumer.end_offsets(list(places))
        found: list[Told] = []
        while sum(ends.values()) > sum([await consumer.position(place) for place in places]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found += [_told(record) for record in records]
        return sorted(found, key=lambda told: told.at)
    finally:
        await consumer.stop()


def milliseconds(told: list[Told], key: str, first: str, last: str) -> float:
    """How long after the first event of one kind the last of another was said, within a story."""
    story = [fact for fact in told if fact.key == key]
    begun = next(fact.at for fact in story if fact.topic == first)
    ended = [fact.at for fact in story if fact.topic == last][-1]
    return (ended - begun).total_seconds() * 1000


def _told(record: Any) -> Told:
    event = decode(record.topic, record.value)
    return Told(record.topic, record.key.decode(), Attributes.parse(record.headers), event)
