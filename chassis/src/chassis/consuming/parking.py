"""Events that could not be handled: they wait under their topic and key, or are dead, and are never lost."""

from datetime import datetime, timedelta

from chassis.consuming.inbox import Heard, PayloadDiffers
from chassis.db.outbox import Connection, pack_headers, write_dead

TRIES = 12
LONGEST_WAIT = timedelta(minutes=5)

PARK = """
insert into chassis.parked
  (topic, key, partition, log_offset, value, headers, state, attempts, next_attempt, reason, parked_at, unnamed)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
on conflict (topic, partition, log_offset) where unnamed do nothing
returning position
"""

DUE = """
select position
from (
  select distinct on (topic, key) position, next_attempt
  from chassis.parked
  where state = 'waiting'
  order by topic, key, position
) as firsts
where next_attempt <= $1
order by position
limit 500
"""

TAKE = """
select position, topic, key, partition, log_offset, value, headers, attempts, parked_at
from chassis.parked
where position = $1
  and state = 'waiting'
for update skip locked
"""

UNPARK = """
delete from chassis.parked
where position = $1
"""

DELAY = """
update chassis.parked
set attempts = attempts + 1, next_attempt = $2, reason = $3
where position = $1
"""

BURY = """
update chassis.parked
set state = 'dead', attempts = attempts + 1, reason = $2
where position = $1
  and state = 'waiting'
"""

REVIVE = """
update chassis.parked
set state = 'waiting', attempts = 0, next_attempt = $2
where state = 'dead'
  and (position = $1 or $1 is null)
"""

DISCARD = """
delete from chassis.parked
where position = $1
  and state = 'dead'
"""

LIST = """
select position, topic, key, partition, log_offset, state, attempts, next_attempt, reason, parked_at
from chassis.parked
where state = $1
order by position
limit $2
"""

COUNT = """
select state, count(*) as rows, coalesce(extract(epoch from $1 - min(parked_at)), 0)::float8 as age
from chassis.parked
group by state
"""


def backoff(attempts: int) -> timedelta:
    """How long an event waits after so many failed attempts: doubling from one second to five minutes."""
    return min(timedelta(seconds=2 ** min(attempts, 20) / 2), LONGEST_WAIT)


async def park(
    connection: Connection, heard: Heard, reason: str, now: datetime, *, attempts: int, dead_topic: str | None = None
) -> None:
    """Park an event behind what waits under its topic and key; a dead one is also copied to the dead topic."""
    record = heard.record
    position = await connection.fetchval(
        PARK,
        heard.topic,
        heard.key,
        record.partition,
        record.offset,
        record.value,
        pack_headers(record.headers),
        "waiting" if dead_topic is None else "dead",
        attempts,
        now + backoff(max(attempts, 1)),
        reason,
        now,
        heard.identity is None or isinstance(heard.fault, PayloadDiffers),
    )
    if dead_topic is not None and position is not None:
        await announce_dead(connection, heard, reason, now, dead_topic)


async def announce_dead(connection: Connection, heard: Heard, reason: str, now: datetime, dead_topic: str) -> None:
    """Copy a dead event to this service's dead topic, bytes unchanged, with headers that say why."""
    record = heard.record
    why: list[tuple[str, bytes | None]] = [
        ("dead_topic", heard.topic.encode()),
        ("dead_partition", str(record.partition).encode()),
        ("dead_offset", str(record.offset).encode()),
        ("dead_reason", reason.encode()),
    ]
    story = f"{heard.topic}/{heard.key.hex()}"
    await write_dead(connection, dead_topic, story, record.key, record.value, [*record.headers, *why], now)


def describe(error: BaseException) -> str:
    """Why an event failed, without a value of it: the kind of error, and what our own errors say."""
    kind = type(error)
    room = kind.__module__.split(".")
    own = room[0] in {"contracts", "chassis"} or room[1:2] == ["domain"]
    return f"{kind.__name__}: {error}" if own and str(error) else kind.__name__
