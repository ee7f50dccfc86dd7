"""The outbox: events that were published in a transaction and that Kafka has not acknowledged yet."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson
from contracts.event import Event
from contracts.wire import encode
from uuid_utils.compat import uuid7

from chassis.db.connections import Connection

RawHeaders = Sequence[tuple[str, bytes | None]]
# id, topic, record key, payload, subject, tenant, traceparent; the key and headers of a record that goes as it is
Row = tuple[Any, str, str, bytes | None, str | None, str | None, str | None, bytes | None, bytes | None]

LARGEST = 900_000
MANY = 20
"""From so many on, rows are copied, which costs the database and us half as much."""
COPIED = (
    "id", "aggregatetype", "aggregateid", "payload", "subject", "tenant", "traceparent", "raw_key", "raw_headers",
    "type", "occurred_at",
)  # fmt: skip

# the columns have Debezium's names
WRITE = """
insert into chassis.outbox
  (id, aggregatetype, aggregateid, type, payload, subject, tenant, traceparent, raw_key, raw_headers, occurred_at)
select id, topic, key, topic, payload, subject, tenant, traceparent, raw_key, raw_headers, $10
from unnest(
  $1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::text[], $6::text[], $7::text[], $8::bytea[], $9::bytea[]
) with ordinality as published
  (id, topic, key, payload, subject, tenant, traceparent, raw_key, raw_headers, position)
order by position
"""

WRITE_ONE = """
insert into chassis.outbox
  (id, aggregatetype, aggregateid, type, payload, subject, tenant, traceparent, raw_key, raw_headers, occurred_at)
values ($1, $2, $3, $2, $4, $5, $6, $7, $8, $9, $10)
"""

WRITTEN = """
select exists (select from written)
"""

# the commit does not wait for the disk
WRITTEN_NOT_DURABLE = """
select exists (select from written), set_config('synchronous_commit', 'off', true)
"""

WRITTEN_AND_PUBLISHED = """
, published as (
  insert into chassis.outbox
    (id, aggregatetype, aggregateid, type, payload, subject, tenant, traceparent, raw_key, raw_headers, occurred_at)
  select id, topic, key, topic, payload, subject, tenant, traceparent, raw_key, raw_headers, ${10}
  from unnest(
    ${1}::uuid[], ${2}::text[], ${3}::text[], ${4}::bytea[], ${5}::text[], ${6}::text[], ${7}::text[], ${8}::bytea[],
    ${9}::bytea[]
  ) with ordinality as event
    (id, topic, key, payload, subject, tenant, traceparent, raw_key, raw_headers, position)
  where exists (select from written)
  order by position
)
select exists (select from written)
"""


class EventTooLarge(Exception):
    """An event is larger than Kafka takes."""


def row(event: Event, traceparent: str | None) -> Row:
    """Return the outbox row of an event; raises EventTooLarge above 900,000 bytes."""
    return (
        uuid7(),
        event.DECLARED.topic,
        event.record_key,
        checked(event.DECLARED.name, encode(event)),
        event.aggregate,
        event.tenant,
        traceparent,
        None,
        None,
    )


def as_is(topic: str, ordered_by: str, key: bytes | None, value: bytes | None, headers: RawHeaders) -> Row:
    """Return the outbox row of a record whose bytes go unchanged, in order among those with the same `ordered_by`."""
    return uuid7(), topic, ordered_by, value, None, None, None, key, pack_headers(headers)


def of_type(topic: str, key: str, value: bytes, content_type: str) -> Row:
    """Return the outbox row of a record whose only header is its content type."""
    return uuid7(), topic, key, value, None, None, None, key.encode(), _typed(content_type)


@lru_cache(maxsize=16)
def _typed(content_type: str) -> bytes:
    return pack_headers([("content-type", content_type.encode())])


def checked(name: str, value: bytes) -> bytes:
    """Return a record's value; raises EventTooLarge above 900,000 bytes."""
    if len(value) > LARGEST:
        raise EventTooLarge(f"{name} has {len(value)} bytes, the limit is {LARGEST}")
    return value


async def write(connection: Connection, rows: Sequence[Row], now: datetime) -> None:
    """Put rows into the outbox, in their order, by one statement."""
    if len(rows) == 1:
        # most transactions publish one event: no arrays to take apart, nothing to sort
        await connection.execute(WRITE_ONE, *rows[0], now)
    elif len(rows) >= MANY:
        records = [(*row, row[1], now) for row in rows]
        await connection.copy_records_to_table("outbox", schema_name="chassis", columns=COPIED, records=records)
    else:
        await connection.execute(WRITE, *map(list, zip(*rows, strict=True)), now)


def completed(
    sql: str, arguments: int, rows: Sequence[Row], now: datetime, *, durable: bool
) -> tuple[str, Sequence[Any]]:
    """Complete a `with` statement of so many arguments, and return it with the arguments to add.

    It returns whether its part `written` wrote, and writes the outbox rows only then.
    """
    if not rows:
        return sql + (WRITTEN if durable else WRITTEN_NOT_DURABLE), ()
    return _publishing(sql, arguments), (*map(list, zip(*rows, strict=True)), now)


@lru_cache(maxsize=256)
def _publishing(sql: str, arguments: int) -> str:
    return sql + WRITTEN_AND_PUBLISHED.format(*range(arguments, arguments + 11))


def pack_headers(headers: RawHeaders) -> bytes:
    """Return headers as one value; Latin-1 maps every byte to one character and back."""
    return orjson.dumps([[name, None if value is None else value.decode("latin-1")] for name, value in headers])


def unpack_headers(packed: bytes) -> list[tuple[str, bytes | None]]:
    """Return what `pack_headers` was given."""
    pairs: list[tuple[str, Any]] = orjson.loads(packed)
    return [(name, None if value is None else value.encode("latin-1")) for name, value in pairs]
