"""What a service has published, as Kafka has kept it: a database that was restored does not know all of it.

Such a database would give numbers a second time, decide again what was decided, and bother people again who were
bothered. So a service looks before it consumes, publishes or does anything by the clock.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, TopicAuthorizationFailedError
from contracts.topics import PUBLISHED_BY_SEVERAL, numbered_by
from contracts.wire import Attributes, ContractViolation

from chassis.config.brokers import Brokers
from chassis.config.cluster import described
from chassis.db.database import Database
from chassis.db.failure import is_end
from chassis.db.transaction import Read, Tx

log = structlog.get_logger(__name__)

ANSWER_SECONDS = 20
AGAIN_SECONDS = 0.5
CHUNK = 100
"""Transactions that overlap publish out of order, and a backup may have one and lack another of a lower number: so
many are looked at beside those that are unknown."""


@dataclass(frozen=True, slots=True)
class Published:
    """A record of a service's own, with the number that its outbox gave it."""

    topic: str
    number: int
    attributes: Attributes
    record: Any = field(repr=False)


GIVEN = """
select greatest(published, (select max(sequence) from chassis.outbox))
from chassis.lease
where name = 'relay'
"""


async def given(read: Read) -> int:
    """Return the highest number of an event that this database knows of, 0 where it knows none."""
    return await read.value(GIVEN)


async def published_after(
    number: int, brokers: Brokers, service: str, prefix: str, *, thorough: bool
) -> Sequence[Published]:
    """Return what a service published under higher numbers, in their order.

    Only the last record of each partition is looked at, or the last hundred where others write too, unless all are
    wanted. Raises KafkaError, OSError and TimeoutError where Kafka does not answer. What has gone with a topic's
    retention, or with a topic, is not known.
    """
    shared = {prefix + topic for topic in PUBLISHED_BY_SEVERAL}
    async with asyncio.timeout(None if thorough else ANSWER_SECONDS):
        partitions = await _partitions(brokers, service, [prefix + topic for topic in numbered_by(service)])
        if not partitions:
            return ()
        async with _reading(brokers, service, partitions) as consumer:
            starts = await consumer.beginning_offsets(partitions)
            ends = {one: end for one, end in (await consumer.end_offsets(partitions)).items() if end > starts[one]}
            found: list[Published] = []
            steps = {one: CHUNK if thorough or one.topic in shared else 1 for one in partitions}
            while ends:
                begins = {one: max(starts[one], end - steps[one]) for one, end in ends.items()}
                read = {
                    one: _own(records, service, prefix)
                    for one, records in (await _between(consumer, begins, ends)).items()
                }
                found += [record for records in read.values() for record in records if record.number > number]
                # further back where all were unknown
                ends = {
                    one: begins[one]
                    for one, records in read.items()
                    if thorough and begins[one] > starts[one] and all(record.number > number for record in records)
                }
                steps = {one: 4 * step for one, step in steps.items()}
    return sorted(found, key=lambda record: record.number)


async def _partitions(brokers: Brokers, service: str, topics: list[str]) -> list[TopicPartition]:
    if not topics:
        return []
    return [
        TopicPartition(topic["topic"], one["partition"])
        for topic in await described(brokers, f"{service}-published", topics)
        if not topic["error_code"]  # of one that is missing nothing is known
        for one in topic["partitions"]
    ]


@asynccontextmanager
async def _reading(brokers: Brokers, service: str, partitions: Sequence[TopicPartition]) -> AsyncGenerator[Any]:
    consumer: Any = AIOKafkaConsumer(
        **brokers.options, client_id=f"{service}-published", enable_auto_commit=False, auto_offset_reset="earliest"
    )
    try:
        await consumer.start()
        consumer.assign(partitions)
        yield consumer
    finally:
        await consumer.stop()


async def _between(
    consumer: Any, begins: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
) -> dict[TopicPartition, list[Any]]:
    """Return the records of some partitions from these offsets on, before those."""
    found: dict[TopicPartition, list[Any]] = {one: [] for one in begins}
    for one, offset in begins.items():
        consumer.seek(one, offset)
    while reading := [one for one in begins if await consumer.position(one) < ends[one]]:
        for one, records in (await consumer.getmany(*reading, timeout_ms=200)).items():
            found[one] += [record for record in records if record.offset < ends[one]]
    return found


def _own(records: Sequence[Any], service: str, prefix: str) -> list[Published]:
    found: list[Published] = []
    for record in records:
        with contextlib.suppress(ContractViolation):  # what nobody can read was not written by this service
            attributes = Attributes.parse(record.headers)
            if attributes.source == service and attributes.sequence is not None:
                found.append(Published(record.topic.removeprefix(prefix), attributes.sequence, attributes, record))
    return found


def behind(number: int, published: Sequence[Published]) -> str:
    """Say that a database has given no number but these, where more was published; nothing where it knows all."""
    if not published:
        return ""
    last = published[-1]
    return (
        f"this database was restored to an earlier state: it has numbered {number} events, and Kafka holds"
        f" {last.topic} with the number {last.number}; nothing is published, consumed or done until"
        "  backup restored  was run"
    )


@dataclass(slots=True)
class Knowledge:
    """Whether a database knows all that its service has published, as far as that is seen at the topics' ends.

    `failure` says why it does not, and then it is `behind`, or why that is not known yet.
    """

    database: Database
    brokers: Brokers
    service: str
    prefix: str
    failure: str = ""
    behind: bool = False

    async def wait(self, stopping: asyncio.Event) -> None:
        """Return when it does, or when told to stop."""
        while numbered_by(self.service) and not stopping.is_set():
            try:
                number = await given(self.database.read())
                found = await published_after(number, self.brokers, self.service, self.prefix, thorough=False)
                self.failure, self.behind = behind(number, found), bool(found)
            except (Exception, asyncio.CancelledError) as error:
                if is_end(error):
                    raise
                self.failure = _failure(error)
                log.warning("what was published is not known yet", reason=type(error).__name__)
            if not self.failure:
                return
            log.warning("nothing is done yet", reason=self.failure)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), AGAIN_SECONDS)


def _failure(error: BaseException) -> str:
    match error:
        case TopicAuthorizationFailedError():
            return "Kafka lets this service not read its own topics; it needs the rights that  acls  prints"
        case KafkaError() | OSError() | TimeoutError():
            return "Kafka cannot be reached"
        case _:
            return "what was published cannot be read"


BEYOND = """
with known as (
  update chassis.lease
  set published = greatest(published, $1)
  where name = 'relay'
)
select setval('chassis.outbox_sequence_seq', greatest($1 + $2, last_value))
from chassis.outbox_sequence_seq
"""

RENUMBER = """
with waiting as (
  delete from chassis.outbox
  returning *
)
insert into chassis.outbox
  (id, aggregatetype, aggregateid, type, payload, subject, tenant, occurred_at, traceparent, raw_key, raw_headers)
select id, aggregatetype, aggregateid, type, payload, subject, tenant, occurred_at, traceparent, raw_key, raw_headers
from waiting
order by sequence
"""


async def go_on_after(tx: Tx, number: int) -> int:
    """Give numbers beyond this one from now on, to what waits in the outbox too; return how much that is.

    What was published of it already goes out again under its id, and is dropped by its readers.
    """
    await tx.value(BEYOND, number, CHUNK)
    return await tx.execute(RENUMBER)
