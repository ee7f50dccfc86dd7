"""Which events a service has already consumed: each takes effect once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from contracts.event import Event
from contracts.wire import ContractViolation

from chassis.consuming.message import Identity, Message
from chassis.consuming.numbers import Place, highest_of
from chassis.db.connections import Connection
from chassis.db.transaction import Tx

DIFFERS = "this id was consumed before with another payload"


class PayloadDiffers(ContractViolation):
    """An event id was consumed before with another payload."""


@dataclass(frozen=True, slots=True)
class Admission:
    """Of a batch: what is new, and the topics and keys whose messages wait behind a parked one."""

    new: set[Identity]
    held: set[tuple[str, bytes]]


ADMIT = """
with new as (
  insert into chassis.inbox (source, id, payload_hash, expires_at)
  select source, id, payload_hash, expires_at
  from unnest($1::text[], $2::uuid[], $3::bytea[], $4::timestamptz[]) as message (source, id, payload_hash, expires_at)
  order by source, id
  on conflict do nothing
  returning source, id
), consumed as (
  insert into chassis.consumed as known (topic, partition, next_offset, highest, highest_at)
  select topic, partition, next_offset, highest, highest_at
  from unnest($7::text[], $8::integer[], $9::bigint[], $10::bigint[], $11::timestamptz[])
    as read (topic, partition, next_offset, highest, highest_at)
  order by topic, partition
  on conflict (topic, partition) do update
  set next_offset = greatest(known.next_offset, excluded.next_offset),
      highest = greatest(known.highest, excluded.highest),
      highest_at = case when excluded.highest > coalesce(known.highest, -1) then excluded.highest_at
                        else known.highest_at end
)
select 'new' as kind, source as a, id as b, null::bytea as c
from new
union all
select 'held', topic, null, key
from unnest($5::text[], $6::bytea[]) as message (topic, key)
where exists (
  select
  from chassis.parked
  where parked.state = 'waiting'
    and parked.topic = message.topic
    and parked.key = message.key
)
"""


async def admit(connection: Connection, batch: Sequence[Message[Event]], now: datetime) -> Admission:
    """Write the ids of a batch and how far it goes; one round trip.

    All replicas write in one order, so that batches never deadlock.
    """
    firsts: dict[Identity, Message[Event]] = {}
    for message in batch:
        if message.identity is not None:
            firsts.setdefault(message.identity, message)
    rows = await connection.fetch(
        ADMIT,
        [source for source, _ in firsts],
        [id_ for _, id_ in firsts],
        [message.hash for message in firsts.values()],
        [_expiry(message, now) for message in firsts.values()],
        [message.topic for message in batch],
        [message.key for message in batch],
        *_ends(batch),
    )
    held = {(row["a"], row["c"]) for row in rows if row["kind"] == "held"}
    inserted = [row for row in rows if row["kind"] == "new"]
    new = set(firsts) if len(inserted) == len(firsts) else {(row["a"], row["b"]) for row in inserted}
    repeated = [message for message in batch if message.identity is not None and message.identity not in new]
    if repeated:
        await _compare(connection, repeated)
        # who had them first may have parked them while we waited for it, unseen by the statement that waited
        held = await _held(connection, batch)
    for message in batch:
        first = message if message.identity is None else firsts[message.identity]
        if first is not message and message.identity in new and first.hash != message.hash:
            message.fault = PayloadDiffers(DIFFERS)
    return Admission(new, held)


HELD = """
select topic, key
from unnest($1::text[], $2::bytea[]) as message (topic, key)
where exists (
  select
  from chassis.parked
  where parked.state = 'waiting'
    and parked.topic = message.topic
    and parked.key = message.key
)
"""


async def _held(connection: Connection, batch: Sequence[Message[Event]]) -> set[tuple[str, bytes]]:
    rows = await connection.fetch(HELD, [message.topic for message in batch], [message.key for message in batch])
    return {(row["topic"], row["key"]) for row in rows}


HASHES = """
select source, id, payload_hash
from chassis.inbox
join unnest($1::text[], $2::uuid[]) as message (source, id) using (source, id)
"""


async def _compare(connection: Connection, repeated: Sequence[Message[Event]]) -> None:
    """Mark repetitions with another payload as faulty: they are no repetitions."""
    identities = [message.identity for message in repeated if message.identity is not None]
    rows = await connection.fetch(HASHES, [source for source, _ in identities], [id_ for _, id_ in identities])
    hashes: dict[Any, bytes] = {(row["source"], row["id"]): row["payload_hash"] for row in rows}
    for message in repeated:
        if hashes.get(message.identity, message.hash) != message.hash:
            message.fault = PayloadDiffers(DIFFERS)


SWEEP = """
delete from chassis.inbox
where (source, id) in (
  select source, id
  from chassis.inbox
  where expires_at < $1
  limit 10000
)
"""


async def remove_expired(tx: Tx) -> bool:
    """Remove ids whose topic no longer holds their event; true where there may be more."""
    return await tx.execute(SWEEP, tx.now) > 0


def _ends(batch: Sequence[Message[Event]]) -> tuple[list[Any], ...]:
    """Return topics, partitions, the offsets before which this batch ends, and its highest numbers with their times."""
    ends: dict[Place, int] = {}
    for message in batch:
        place = message.topic, message.record.partition
        ends[place] = max(ends.get(place, 0), message.record.offset + 1)
    highest = highest_of(batch)
    numbers = [highest.get(place, (None, None)) for place in ends]
    topics, partitions = [topic for topic, _ in ends], [partition for _, partition in ends]
    return topics, partitions, list(ends.values()), [number for number, _ in numbers], [at for _, at in numbers]


def _expiry(message: Message[Event], now: datetime) -> datetime | None:
    event = Event.ALL.get(message.topic)
    retention = timedelta(days=30) if event is None else event.DECLARED.retention
    return None if retention is None else now + retention
