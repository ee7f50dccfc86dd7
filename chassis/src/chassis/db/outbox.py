"""The table of what was said, until the log has acknowledged it."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson
from contracts.event import Event
from contracts.wire import encode
from uuid_utils.compat import uuid7

if TYPE_CHECKING:
    import asyncpg
    from asyncpg.pool import PoolConnectionProxy

    OwnConnection = asyncpg.Connection[asyncpg.Record]
    Connection = OwnConnection | PoolConnectionProxy[asyncpg.Record]
    Pool = asyncpg.Pool[asyncpg.Record]
else:
    OwnConnection = Connection = Pool = Any  # asyncpg is generic for type checkers only
Said = tuple[Event, str | None]
RawHeaders = Sequence[tuple[str, bytes | None]]

LARGEST = 900_000

WRITE = """
insert into chassis.outbox (id, aggregatetype, aggregateid, type, payload, subject, tenant, occurred_at, traceparent)
select id, topic, key, topic, payload, subject, tenant, $8, traceparent
from unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::text[], $6::text[], $7::text[])
  with ordinality as said (id, topic, key, payload, subject, tenant, traceparent, place)
order by place
"""

WRITE_ONE = """
insert into chassis.outbox (id, aggregatetype, aggregateid, type, payload, subject, tenant, occurred_at, traceparent)
values ($1, $2, $3, $2, $4, $5, $6, $8, $7)
"""

FINISH = """
select exists (select from written)
"""

# The commit does not wait for the disk; where the database crashes within a moment it has not been.
FINISH_LIGHTLY = """
select exists (select from written), set_config('synchronous_commit', 'off', true)
"""

FINISH_SAYING = """
, said as (
  insert into chassis.outbox (id, aggregatetype, aggregateid, type, payload, subject, tenant, occurred_at, traceparent)
  select id, topic, key, topic, payload, subject, tenant, ${8}, traceparent
  from unnest(${1}::uuid[], ${2}::text[], ${3}::text[], ${4}::bytea[], ${5}::text[], ${6}::text[], ${7}::text[])
    with ordinality as told (id, topic, key, payload, subject, tenant, traceparent, place)
  where exists (select from written)
  order by place
)
select exists (select from written)
"""

COPY_DEAD = """
insert into chassis.outbox (id, aggregatetype, aggregateid, type, payload, occurred_at, raw_key, raw_headers)
values ($1, $2, $7, $2, $3, $4, $5, $6)
"""


class EventTooLarge(Exception):
    """An event is larger than the log takes."""


async def write(connection: Connection, said: Sequence[Said], now: datetime) -> None:
    """Put events into the outbox, in the order they were said, in one statement."""
    rows = [_row(event, traceparent) for event, traceparent in said]
    if len(rows) == 1:
        # what most transactions say is one event: no arrays to take apart, nothing to sort
        await connection.execute(WRITE_ONE, *rows[0], now)
    else:
        await connection.execute(WRITE, *map(list, zip(*rows, strict=True)), now)


def finishing(
    sql: str, arguments: int, said: Sequence[Said], now: datetime, *, lightly: bool = False
) -> tuple[str, Sequence[Any]]:
    """A `with` of so many arguments made whole: it tells what was said if its part `written` wrote; and what it takes.

    The whole returns whether it wrote. What is told is never written lightly.
    """
    if not said:
        return sql + (FINISH_LIGHTLY if lightly else FINISH), ()
    rows = [_row(event, traceparent) for event, traceparent in said]
    return _finish_saying(sql, arguments), (*map(list, zip(*rows, strict=True)), now)


@lru_cache(maxsize=256)
def _finish_saying(sql: str, arguments: int) -> str:
    return sql + FINISH_SAYING.format(*range(arguments, arguments + 9))


def _row(event: Event, traceparent: str | None) -> tuple[Any, ...]:
    payload = encode(event)
    if len(payload) > LARGEST:
        raise EventTooLarge(f"{event.DECLARED.name} has {len(payload)} bytes, the limit is {LARGEST}")
    declared = event.DECLARED
    return uuid7(), declared.topic, event.record_key, payload, event.aggregate, event.tenant, traceparent


async def write_dead(
    connection: Connection,
    topic: str,
    story: str,
    key: bytes | None,
    value: bytes | None,
    headers: RawHeaders,
    now: datetime,
) -> None:
    """Put a copy of a dead event into the outbox, its bytes unchanged; it keeps its order within its story."""
    await connection.execute(COPY_DEAD, uuid7(), topic, value, now, key, pack_headers(headers), story)


def pack_headers(headers: RawHeaders) -> bytes:
    """Headers as one value; Latin-1 maps every byte to one character and back."""
    return orjson.dumps([[name, None if value is None else value.decode("latin-1")] for name, value in headers])


def unpack_headers(packed: bytes) -> list[tuple[str, bytes | None]]:
    """What `pack_headers` was given."""
    pairs: list[tuple[str, Any]] = orjson.loads(packed)
    return [(name, None if value is None else value.encode("latin-1")) for name, value in pairs]
