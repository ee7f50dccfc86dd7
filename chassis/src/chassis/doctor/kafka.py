"""Kafka: whether it answers, has the topics of a service and lets it read them, and how far behind the service is."""

import asyncio
import logging
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from chassis.config.brokers import Brokers
from chassis.config.cluster import FORBIDDEN, NO_RIGHT, UNKNOWN, described, misnamed
from chassis.consuming.numbers import Place
from chassis.doctor.diagnosis import Diagnosis, concern, well, wrong

CHECK = "kafka"
SECONDS = 10
MANY = 10_000
NAMED = 5
Topics = Mapping[str, Sequence[Mapping[str, Any]]]
"""The partitions of each topic, as Kafka describes them."""
Bounds = Mapping[TopicPartition, int]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a service needs of Kafka: the topics that it writes and reads, without `prefix`, and the group it joins."""

    service: str
    prefix: str
    written: Sequence[str]
    read: Sequence[str]

    @property
    def group(self) -> str:
        """The name of its consumer group."""
        return f"{self.prefix}{self.service}"

    @property
    def topics(self) -> list[str]:
        """The topics by their names in Kafka."""
        return sorted({f"{self.prefix}{topic}" for topic in (*self.written, *self.read)})


async def examine(brokers: Brokers, wanted: Wanted, consumed: Mapping[Place, int]) -> list[Diagnosis]:
    """Look at Kafka with the service's own credentials; `consumed` is what its database says of each partition."""
    admin = AIOKafkaAdminClient(**brokers.options, client_id=f"{wanted.service}-doctor")
    with _last_words() as words:
        try:
            async with asyncio.timeout(SECONDS):
                await admin.start()
                shown = await described(brokers, f"{wanted.service}-doctor", wanted.topics)
                members = await _members(admin, wanted.group) if wanted.read else None
        except (KafkaError, OSError, TimeoutError, ValueError) as error:
            return [_unreachable(brokers, error, words, await misnamed(brokers, f"{wanted.service}-doctor"))]
        finally:
            await admin.close()
    topics, diagnoses = _topics(shown, wanted, brokers.user)
    if wanted.read and topics:
        diagnoses += await _lag(brokers, wanted, topics, consumed, members)
    return diagnoses


@contextmanager
def _last_words() -> Generator[list[str]]:
    """Collect what the client logs, for it raises the same error whatever Kafka has refused."""
    words: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: words.append(record.getMessage())
    logger = logging.getLogger("aiokafka")
    propagated, logger.propagate = logger.propagate, False
    logger.addHandler(handler)
    try:
        yield words
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagated


def _unreachable(brokers: Brokers, error: BaseException, words: Sequence[str], misnamed: str) -> Diagnosis:
    servers = ", ".join(brokers.servers)
    if misnamed:
        step = (
            "Let advertised.listeners of the brokers name what we can resolve and reach, or make that name lead there."
        )
        return wrong(CHECK, f"Kafka answers at {servers}, but a broker calls itself {misnamed}.", step)
    text = " ".join([*words, str(error)])
    if "uthentication" in text or "SASL" in text.upper():
        step = "Look at KAFKA_USER, KAFKA_PASSWORD_FILE and KAFKA_MECHANISM, and whether Kafka knows this user."
        return wrong(CHECK, f"Kafka at {servers} refuses {brokers.user or 'a client without a user'}.", step)
    if "certificate" in text.lower() or "SSL" in text:
        step = "Look at KAFKA_TLS and KAFKA_CA_FILE, and whether this listener speaks TLS."
        return wrong(CHECK, f"Kafka at {servers} and we find no common TLS.", step)
    step = "Look at KAFKA_BOOTSTRAP_SERVERS, whether a broker listens there, and whether the network lets us."
    return wrong(CHECK, f"Kafka cannot be reached at {servers}.", step)


def _topics(shown: Sequence[Mapping[str, Any]], wanted: Wanted, user: str) -> tuple[Topics, list[Diagnosis]]:
    there = {topic["topic"]: topic["partitions"] for topic in shown if not topic["error_code"]}
    codes = {topic["topic"]: topic["error_code"] for topic in shown if topic["error_code"]}
    diagnoses: list[Diagnosis] = []
    if missing := [topic for topic, code in codes.items() if code == UNKNOWN]:
        step = "Make them, with as many partitions as the others:  kontor broker  does; with Strimzi the charts."
        diagnoses.append(wrong("topics", f"Kafka lacks {_some(missing)}.", step))
    if forbidden := [topic for topic, code in codes.items() if code == FORBIDDEN]:
        step = "Run  kontor broker:  it gives rights and makes topics that are missing; with Strimzi look at KafkaUser."
        diagnoses.append(wrong("rights", f"{user or 'A client without a user'} {NO_RIGHT} {_some(forbidden)}.", step))
    if others := [f"{topic} ({code})" for topic, code in codes.items() if code not in {UNKNOWN, FORBIDDEN}]:
        diagnoses.append(wrong("topics", f"Kafka tells nothing of {_some(others)}.", "Look at the brokers' logs."))
    diagnoses += _partitions(there)
    return there, diagnoses or [well(CHECK, f"Kafka answers, and has the {len(wanted.topics)} topics of this service")]


def _partitions(topics: Topics) -> list[Diagnosis]:
    diagnoses: list[Diagnosis] = []
    counts = {len(partitions) for partitions in topics.values()}
    if len(counts) > 1:
        text = f"Topics have different numbers of partitions: {', '.join(map(str, sorted(counts)))}."
        diagnoses.append(wrong("partitions", text, "Give all the same: one replica has to see the whole of an order."))
    leaderless = [name for name, all_ in topics.items() if any(one["leader"] < 0 for one in all_)]
    if leaderless:
        step = "Bring back the brokers that hold them."
        diagnoses.append(wrong("partitions", f"Partitions of {_some(leaderless)} have no leader.", step))
    thin = [name for name, all_ in topics.items() if any(len(one["isr"]) < len(one["replicas"]) for one in all_)]
    if thin and not leaderless:
        step = "Look which broker is away."
        diagnoses.append(concern("partitions", f"Copies of {_some(thin)} are behind or away.", step))
    return diagnoses


async def _members(admin: AIOKafkaAdminClient, group: str) -> int | None:
    """Return how many consumers a group has; None where we may not know."""
    try:
        (answer,) = await admin.describe_consumer_groups([group])
        (shown,) = answer.to_object()["groups"]
    except KafkaError:
        return None
    return None if shown["error_code"] else len(shown["members"])


async def _lag(
    brokers: Brokers, wanted: Wanted, topics: Topics, consumed: Mapping[Place, int], members: int | None
) -> list[Diagnosis]:
    places = [
        TopicPartition(name, one["partition"])
        for name, partitions in topics.items()
        if name.removeprefix(wanted.prefix) in wanted.read
        for one in partitions
    ]
    try:
        starts, ends = await bounds(brokers, wanted.service, places)
    except (KafkaError, OSError, TimeoutError):
        return [concern("lag", "Kafka does not tell how far its topics go.", "Ask again; look at the brokers' logs.")]
    lag = 0
    for place in places:
        reached = consumed.get((place.topic.removeprefix(wanted.prefix), place.partition), starts[place])
        lag += max(0, ends[place] - max(reached, starts[place]))
    return [_behind(lag, members, wanted)]


async def bounds(brokers: Brokers, service: str, places: Sequence[TopicPartition]) -> tuple[Bounds, Bounds]:
    """Return the offsets at which partitions begin, and behind which they end."""
    consumer: Any = AIOKafkaConsumer(**brokers.options, client_id=f"{service}-doctor")
    try:
        async with asyncio.timeout(SECONDS):
            await consumer.start()
            return await consumer.beginning_offsets(places), await consumer.end_offsets(places)
    finally:
        await consumer.stop()


async def behind(brokers: Brokers, service: str, prefix: str, consumed: Mapping[Place, int]) -> dict[Place, int]:
    """Return how many records of each partition wait behind what was consumed; raises KafkaError, OSError."""
    places = {TopicPartition(prefix + topic, partition): (topic, partition) for topic, partition in consumed}
    if not places:
        return {}
    starts, ends = await bounds(brokers, service, list(places))
    return {place: max(0, ends[one] - max(consumed[place], starts[one])) for one, place in places.items()}


def _behind(lag: int, members: int | None, wanted: Wanted) -> Diagnosis:
    if members == 0:
        text = f"Nobody consumes: the group {wanted.group} has no member, and {lag} records wait."
        return wrong("lag", text, "Start a replica:  serve; where one runs, ask its /readyz why it does not consume.")
    replicas = "some replicas" if members is None else f"{members} consumer{'s' if members > 1 else ''}"
    if lag > MANY:
        step = "Wait if it falls; else add replicas, and look at parked and dead events."
        return concern("lag", f"{lag} records wait for {replicas}.", step)
    return well("lag", f"{lag} records wait for {replicas}")


def _some(names: Sequence[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(sorted(names)[:NAMED]) + (f" and {more} more" if more > 0 else "")
