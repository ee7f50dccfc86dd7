"""Read the topics from their beginning: each record's identity and what it names, never all of it in memory."""

import hashlib
import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast
from uuid import UUID

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from contracts.wire import Attributes, ContractViolation, decode

from contracts import Event, letters, licensing, orders, payments, topics
from journeys.verify.scratch import Scratch
from journeys.verify.tables import ADDRESS

FETCH = 8_000_000
# begun where a word begins only, for else each sign of a long word would be tried with all that follow it
PATTERN = re.compile(rb"(?<![A-Za-z0-9._%+\-])" + ADDRESS.encode())
Partition = tuple[str, int]


@asynccontextmanager
async def administration(kafka: str) -> AsyncGenerator[Any]:
    """Yield a client of Kafka's administration."""
    client: Any = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await client.start()
    try:
        yield client
    finally:
        await client.close()


async def committed(client: Any, service: str) -> dict[Partition, int]:
    """Return how far a service's group has committed."""
    answer: dict[TopicPartition, Any] = await client.list_consumer_group_offsets(service)
    return {(partition.topic, partition.partition): offset.offset for partition, offset in answer.items()}


async def ends(kafka: str) -> dict[Partition, int]:
    """Return the end of every partition of every topic of the contracts."""
    async with _consumer(kafka) as consumer:
        return {(partition.topic, partition.partition): end for partition, end in (await _ends(consumer)).items()}


async def read_topics(kafka: str, scratch: Scratch, tenant: str | None) -> None:
    """Copy what identifies each record of each topic; in dead-letter topics, which hold copies, find addresses only."""
    async with _consumer(kafka) as consumer:
        goals = await _ends(consumer)
        beginnings = await consumer.beginning_offsets(list(goals))
        unread = {partition for partition, end in goals.items() if end > beginnings[partition]}
        for partition in set(goals) - unread:
            consumer.pause(partition)
        while unread:
            fetched: dict[Any, list[Any]] = await consumer.getmany(timeout_ms=1000, max_records=2000)
            for partition, records in fetched.items():
                _copy(scratch, [record for record in records if record.offset < goals[partition]], tenant)
            for partition in list(unread):
                if await consumer.position(partition) >= goals[partition]:
                    unread.discard(partition)
                    consumer.pause(partition)


def _copy(scratch: Scratch, records: Sequence[Any], tenant: str | None) -> None:
    rows: list[Sequence[Any]] = []
    named: list[Sequence[Any]] = []
    for record in records:
        _find_addresses(scratch, record)
        if record.topic.startswith("dead."):
            continue
        try:
            attributes = Attributes.parse(record.headers)
            event = decode(record.topic, record.value)
        except ContractViolation as error:
            position = f"{record.topic} {record.partition}/{record.offset}"
            scratch.put("unreadable", [(position, str(error))], 2)
            continue
        if tenant is not None and attributes.tenant != tenant:
            continue
        position = (record.topic, record.partition, record.offset, (record.key or b"").decode("utf-8", "replace"))
        identity = (attributes.source, str(attributes.id), attributes.tenant, attributes.subject, attributes.sequence)
        digest = hashlib.blake2b(record.value, digest_size=16).digest()
        rows.append((*position, *identity, digest, _text(event, "line"), _text(event, "refund")))
        named += [(record.topic, str(attributes.id), str(unit)) for unit in _units(event)]
    scratch.put("events", rows, 12)
    scratch.put("named", named, 3)


def _units(event: Event) -> list[UUID]:
    """Return the units that an event names, as far as an invariant asks for them."""
    match event:
        case orders.OrderPaid():
            return [unit for line in event.lines for unit in line.units]
        case orders.OrderRefunded():
            return [unit.unit for unit in event.units]
        case orders.OrderCancelled() | payments.TransferReceived() | letters.EmailSent():
            return event.units
        case licensing.LicenseIssued():
            return event.units or [event.unit]
        case _:
            return []


def _text(event: Event, field: str) -> str | None:
    value = getattr(event, field, None)
    return None if value is None else str(value)


def _find_addresses(scratch: Scratch, record: Any) -> None:
    addresses: set[bytes] = set()
    for part in (record.key, record.value, *(value for _, value in record.headers)):
        if part:
            addresses |= set(PATTERN.findall(part))
    if addresses:
        scratch.put("addresses", ((f"topic {record.topic}", address.decode()) for address in addresses), 2)


@asynccontextmanager
async def _consumer(kafka: str) -> AsyncGenerator[Any]:
    settings: dict[str, Any] = {"auto_offset_reset": "earliest", "group_id": None, "fetch_max_bytes": FETCH}
    consumer = cast("Any", AIOKafkaConsumer(*_declared(), bootstrap_servers=kafka, **settings))
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def _ends(consumer: Any) -> dict[Any, int]:
    return await consumer.end_offsets(list(consumer.assignment()))


def _declared() -> Iterator[str]:
    return (topic.name for topic in topics())
