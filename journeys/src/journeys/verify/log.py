"""Reading the log from its beginning: every record's identity and what it names, never all of it in memory."""

import hashlib
import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast
from uuid import UUID

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from contracts.wire import Attributes, ContractViolation, decode

from contracts import Event, licensing, mail_relay, orders, payments, topics
from journeys.verify.databases import ADDRESS
from journeys.verify.scratch import Scratch

FETCH = 8_000_000
PATTERN = re.compile(ADDRESS.encode())
Place = tuple[str, int]


@asynccontextmanager
async def asking(kafka: str) -> AsyncGenerator[Any]:
    """A client of the log's administration."""
    client: Any = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await client.start()
    try:
        yield client
    finally:
        await client.close()


async def committed(client: Any, service: str) -> dict[Place, int]:
    """How far a service's group has committed."""
    answer: dict[TopicPartition, Any] = await client.list_consumer_group_offsets(service)
    return {(place.topic, place.partition): found.offset for place, found in answer.items()}


async def ends(kafka: str) -> dict[Place, int]:
    """The end of every partition of every topic of the contracts."""
    async with _consumer(kafka) as consumer:
        return {(place.topic, place.partition): end for place, end in (await _ends(consumer)).items()}


async def read_log(kafka: str, scratch: Scratch, tenant: str | None) -> None:
    """Note every record of every topic; dead events' topics hold copies, which are looked at for addresses only."""
    async with _consumer(kafka) as consumer:
        goals = await _ends(consumer)
        begun = await consumer.beginning_offsets(list(goals))
        left = {place for place, end in goals.items() if end > begun[place]}
        for place in set(goals) - left:
            consumer.pause(place)
        while left:
            fetched: dict[Any, list[Any]] = await consumer.getmany(timeout_ms=1000, max_records=2000)
            for place, records in fetched.items():
                _note(scratch, [record for record in records if record.offset < goals[place]], tenant)
            for place in list(left):
                if await consumer.position(place) >= goals[place]:
                    left.discard(place)
                    consumer.pause(place)


def _note(scratch: Scratch, records: Sequence[Any], tenant: str | None) -> None:
    rows: list[Sequence[Any]] = []
    named: list[Sequence[Any]] = []
    for record in records:
        _look(scratch, record)
        if record.topic.startswith("dead."):
            continue
        try:
            said = Attributes.parse(record.headers)
            event = decode(record.topic, record.value)
        except ContractViolation as fault:
            place = f"{record.topic} {record.partition}/{record.offset}"
            scratch.put("unreadable", [(place, str(fault))], 2)
            continue
        if tenant is not None and said.tenant != tenant:
            continue
        place = (record.topic, record.partition, record.offset, (record.key or b"").decode("utf-8", "replace"))
        about = (said.tenant, said.subject, said.sequence, hashlib.blake2b(record.value, digest_size=16).digest())
        rows.append((*place, said.source, str(said.id), *about, _text(event, "line"), _text(event, "refund")))
        named += [(record.topic, str(said.id), str(unit)) for unit in _units(event)]
    scratch.put("events", rows, 12)
    scratch.put("named", named, 3)


def _units(event: Event) -> list[UUID]:
    """The units that an event names, as far as an invariant asks for them."""
    match event:
        case orders.OrderPaid():
            return [unit for line in event.lines for unit in line.units]
        case orders.OrderRefunded():
            return [unit.unit for unit in event.units]
        case orders.OrderCancelled() | payments.TransferReceived() | mail_relay.EmailSent():
            return event.units
        case licensing.LicenseIssued():
            return event.units or [event.unit]
        case _:
            return []


def _text(event: Event, field: str) -> str | None:
    value = getattr(event, field, None)
    return None if value is None else str(value)


def _look(scratch: Scratch, record: Any) -> None:
    found: set[bytes] = set()
    for part in (record.key, record.value, *(value for _, value in record.headers)):
        if part:
            found |= set(PATTERN.findall(part))
    if found:
        scratch.put("addresses", ((f"topic {record.topic}", address.decode()) for address in found), 2)


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
