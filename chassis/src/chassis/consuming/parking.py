"""Messages that could not be handled: they wait under their topic and key, or are dead, and are never lost."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import asyncpg
from contracts.event import Event

from chassis.consuming.inbox import PayloadDiffers
from chassis.consuming.message import Message
from chassis.db import outbox
from chassis.db.transaction import Read, Tx

TRIES = 12
LONGEST_WAIT = timedelta(minutes=5)


def backoff(attempts: int) -> timedelta:
    """Return how long a message waits after so many failed attempts: doubling from one second to five minutes."""
    return min(timedelta(seconds=2 ** min(attempts, 20) / 2), LONGEST_WAIT)


PARK = """
insert into chassis.parked
  (topic, key, partition, record_offset, value, headers, state, attempts, next_attempt, reason, parked_at, unidentified,
   tenant)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
on conflict (topic, partition, record_offset) where unidentified do nothing
returning id
"""


async def park(tx: Tx, message: Message[Event], reason: str, *, attempts: int, dead_letters: str | None = None) -> None:
    """Park a message behind what waits under its topic and key; as a dead letter it is also copied to that topic."""
    record = message.record
    parked = await tx.value(
        PARK,
        message.topic,
        message.key,
        record.partition,
        record.offset,
        record.value,
        outbox.pack_headers(record.headers),
        "waiting" if dead_letters is None else "dead",
        attempts,
        tx.now + backoff(max(attempts, 1)),
        reason,
        tx.now,
        message.identity is None or isinstance(message.fault, PayloadDiffers),
        message.parsed.tenant if message.parsed else None,
    )
    if dead_letters is not None and parked is not None:
        publish_dead_letter(tx, message, reason, dead_letters)


def publish_dead_letter(tx: Tx, message: Message[Event], reason: str, topic: str) -> None:
    """Publish a copy to this service's topic of dead letters, bytes unchanged, with headers that give the reason."""
    record = message.record
    why: list[tuple[str, bytes | None]] = [
        ("dead_topic", message.topic.encode()),
        ("dead_partition", str(record.partition).encode()),
        ("dead_offset", str(record.offset).encode()),
        ("dead_reason", reason.encode()),
    ]
    ordered_by = f"{message.topic}/{message.key.hex()}"
    tx.outgoing.append(outbox.as_is(topic, ordered_by, record.key, record.value, [*record.headers, *why]))


DUE = """
select id
from (
  select distinct on (topic, key) id, next_attempt
  from chassis.parked
  where state = 'waiting'
  order by topic, key, id
) as firsts
where next_attempt <= $1
order by id
limit 500
"""


async def due(read: Read) -> list[int]:
    """Return the first parked message of each topic and key whose next attempt has come, 500 at most."""
    return [row["id"] for row in await read.fetch(DUE, read.now)]


TAKE = """
select id, topic, key, partition, record_offset, value, headers, attempts
from chassis.parked
where id = $1
  and state = 'waiting'
for update skip locked
"""


async def take(tx: Tx, id_: int) -> asyncpg.Record | None:
    """Lock a waiting message; None where it is gone or another replica has it."""
    return await tx.row(TAKE, id_)


UNPARK = """
delete from chassis.parked
where id = $1
"""


async def unpark(tx: Tx, id_: int) -> None:
    """Remove a message that takes effect in this transaction."""
    await tx.execute(UNPARK, id_)


DELAY = """
update chassis.parked
set attempts = attempts + 1, next_attempt = $2, reason = $3
where id = $1
"""


async def delay(tx: Tx, id_: int, attempts: int, reason: str) -> None:
    """Let a message that failed for the so-manieth time wait longer."""
    await tx.execute(DELAY, id_, tx.now + backoff(attempts), reason)


DEAD_LETTER = """
update chassis.parked
set state = 'dead', attempts = attempts + 1, reason = $2
where id = $1
  and state = 'waiting'
"""


async def dead_letter(tx: Tx, id_: int, reason: str) -> bool:
    """Give a waiting message up; false where another replica was quicker."""
    return await tx.execute(DEAD_LETTER, id_, reason) > 0


REVIVE = """
update chassis.parked
set state = 'waiting', attempts = 0, next_attempt = $2
where state = 'dead'
  and (id = any($1) or $1 is null)
  and (topic = $3 or $3 is null)
returning id, topic, partition, record_offset
"""


async def revive(tx: Tx, ids: Sequence[int] | None, topic: str | None) -> Sequence[asyncpg.Record]:
    """Let dead messages with these ids and of this topic be tried again, None for any; which, and where they lie."""
    return await tx.fetch(REVIVE, ids, tx.now, topic)


DISCARD = """
delete from chassis.parked
where state = 'dead'
  and (id = any($1) or $1 is null)
  and (topic = $2 or $2 is null)
returning id, topic, partition, record_offset
"""


async def discard(tx: Tx, ids: Sequence[int] | None, topic: str | None) -> Sequence[asyncpg.Record]:
    """Remove dead messages with these ids and of this topic, None for any; which, and where they lie."""
    return await tx.fetch(DISCARD, ids, topic)


LIST = """
select id, topic, key, partition, record_offset, headers, attempts, reason, parked_at
from chassis.parked
where state = $1
order by id
limit $2
"""


async def list_parked(read: Read, state: str, limit: int) -> Sequence[asyncpg.Record]:
    """Return the messages that are `waiting` or `dead`, the oldest first."""
    return await read.fetch(LIST, state, limit)


COUNT = """
select state, count(*) as rows, coalesce(extract(epoch from $1 - min(parked_at)), 0)::float8 as age
from chassis.parked
group by state
"""


async def count(read: Read) -> dict[str, Any]:
    """Return by state how many messages there are (`rows`), and for how many seconds the oldest is parked (`age`)."""
    return {row["state"]: row for row in await read.fetch(COUNT, read.now)}


def describe(error: BaseException) -> str:
    """Return why a message failed, without a value of it: the kind of error, and what our own errors say."""
    kind = type(error)
    room = kind.__module__.split(".")
    own = room[0] in {"contracts", "chassis"} or room[1:2] == ["domain"]
    return f"{kind.__name__}: {error}" if own and str(error) else kind.__name__
