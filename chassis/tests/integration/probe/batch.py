"""Batches without Kafka: what a consumer hands over, made by hand, so that a test says when and to which replica."""

import asyncio
from datetime import datetime
from uuid import UUID

from aiokafka import ConsumerRecord
from chassis.config.clock import Clock
from chassis.config.provision import Provision
from chassis.consuming import Message, ServiceName
from chassis.consuming.batches import BatchHandler
from chassis.consuming.message import Record, read_message
from chassis.db import Database
from chassis_testing import Harness
from chassis_testing.harness import Faults, until
from contracts.event import Event, type_of
from contracts.wire import Attributes, encode
from uuid_utils.compat import uuid7

from probe import messaging

BLOCKED = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
REACTIONS = messaging.REACTIONS.bound(Provision([ServiceName("probe")]))


def message(
    event: Event,
    offset: int,
    *,
    event_id: UUID | None = None,
    at: datetime | None = None,
    traceparent: str | None = None,
) -> Message[Event]:
    """Return an event as it is consumed at this offset."""
    attributes = Attributes(
        id=event_id or uuid7(),
        source=event.DECLARED.published_by,
        type=type_of(event.DECLARED.topic),
        subject=event.aggregate,
        time=at,
        sequence=offset,
        tenant=event.tenant,
        traceparent=traceparent,
    )
    record: Record = ConsumerRecord(
        topic=event.DECLARED.topic,
        partition=9,  # there is none: that it was consumed is no gap to a replica that a test starts
        offset=offset,
        timestamp=0,
        timestamp_type=0,
        key=event.record_key.encode(),
        value=encode(event),
        checksum=None,
        serialized_key_size=0,
        serialized_value_size=0,
        headers=tuple(attributes.to_headers()),
    )
    return read_message(record, "")


def again(one: Message[Event]) -> Message[Event]:
    """Return the same record, consumed once more."""
    return read_message(one.record, "")


def database_of(home: Harness) -> Database:
    """Return the probe's database, to be opened by the test."""
    return Database(home.database_url, "probe", Clock(home.clock_file))


def replica_of(database: Database, fault: Faults | None = None) -> BatchHandler:
    """Return a replica's batch handler, where no service runs."""
    return BatchHandler(database, "probe", REACTIONS, asyncio.Event(), fault=fault or Faults())


async def somebody_waits(home: Harness) -> None:
    """Wait until a transaction waits for another's lock."""

    async def waits() -> bool:
        return bool(await home.sql(BLOCKED))

    await until(waits, what="a transaction to wait for another")


async def later(home: Harness) -> None:
    """Let what is parked fall due; a clock looks at its shift every 50 milliseconds."""
    home.shift_clock(600)
    await asyncio.sleep(0.06)
