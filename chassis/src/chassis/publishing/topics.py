"""The topics that a service needs of the broker: what it publishes and what it consumes."""

from collections.abc import Iterable, Sequence
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code
from contracts.topics import Topic, published_by, topics

from chassis.config.brokers import Brokers

# retention and ages go by the brokers' clock, whatever a producer's shows
BY_THE_BROKERS_CLOCK = {"message.timestamp.type": "LogAppendTime"}


def needed(service: str, prefix: str, consumed: Iterable[str]) -> list[Topic]:
    """Return the topics of a service by their names in Kafka, sorted, with their retention."""
    names = {*published_by(service), *consumed}
    found = [topic for topic in topics([service]) if topic.name in names]
    return sorted((Topic(f"{prefix}{topic.name}", topic.retention_ms) for topic in found), key=lambda one: one.name)


def options(topic: Topic) -> str:
    """Return a topic as options of `kafka-topics`."""
    settings = " ".join(f"--config {name}={value}" for name, value in _settings(topic).items())
    return f"--create --if-not-exists --topic {topic.name} {settings}"


async def make(brokers: Brokers, wanted: Sequence[Topic], partitions: int, replicas: int) -> list[str]:
    """Make the topics that are missing, leave the others as they are, and return those that were made.

    Raises KafkaError where the broker refuses one or cannot be reached.
    """
    admin = AIOKafkaAdminClient(**brokers.options)
    await admin.start()
    try:
        new = [NewTopic(one.name, partitions, replicas, topic_configs=_settings(one)) for one in wanted]
        answer: Any = await admin.create_topics(new)
    finally:
        await admin.close()
    made: list[str] = []
    for name, code in ((str(one[0]), int(one[1])) for one in answer.topic_errors):
        error = for_code(code)
        if code and error is not TopicAlreadyExistsError:
            raise error(name)
        made += [] if code else [name]
    return sorted(made)


def _settings(topic: Topic) -> dict[str, str]:
    return {"retention.ms": str(topic.retention_ms)} | BY_THE_BROKERS_CLOCK


__all__ = ["KafkaError", "make", "needed", "options"]
