"""How far each partition was consumed, and the gaps between that and what its log still holds.

Kafka's own offsets of a group do not tell: they are forgotten with a topic, and after some days without a member.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import asyncpg

from chassis.consuming.message import Identity
from chassis.db.transaction import Read, Tx

Place = tuple[str, int]
"""A topic, without the installation's prefix, and a partition."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Records that were not consumed and cannot be any more: from `first` on, before `goes_on`, the log's start.

    Where the topic was made anew, `goes_on` begins another log, and how far the old one went nobody knows.
    """

    topic: str
    partition: int
    first: int
    goes_on: int
    anew: bool = False

    def __str__(self) -> str:
        """Say what is missing."""
        place = f"{self.topic} partition {self.partition}"
        if self.anew:
            return f"{place}: the topic was made anew, the old one's records from {self.first} on are gone"
        return f"{place}: records {self.first} to {self.goes_on - 1} are gone"


def compared(place: Place, consumed: int, start: int, end: int) -> Gap | None:
    """Return the gap between what was consumed, before this offset, and a log with this start and end."""
    if end < consumed:
        return Gap(*place, consumed, start, anew=True)
    return Gap(*place, consumed, start) if consumed < start else None


CONSUMED = """
select topic, partition, next_offset
from chassis.consumed
"""


async def consumed(read: Read) -> dict[Place, int]:
    """Return for each partition the offset before which all was consumed."""
    return {(row["topic"], row["partition"]): row["next_offset"] for row in await read.fetch(CONSUMED)}


REACH = """
insert into chassis.consumed as known (topic, partition, next_offset)
select topic, partition, next_offset
from unnest($1::text[], $2::integer[], $3::bigint[]) as reached (topic, partition, next_offset)
order by topic, partition
on conflict (topic, partition) do update
set next_offset = greatest(known.next_offset, excluded.next_offset)
"""


async def reach(tx: Tx, offsets: Mapping[Place, int]) -> None:
    """Record that there is nothing to consume of partitions before these offsets, as at the start of their logs."""
    topics, partitions = [topic for topic, _ in offsets], [partition for _, partition in offsets]
    await tx.execute(REACH, topics, partitions, list(offsets.values()))


KNOWN = """
select source, id
from chassis.inbox
join unnest($1::text[], $2::uuid[]) as message (source, id) using (source, id)
"""


async def all_known(read: Read, identities: Set[Identity]) -> bool:
    """Return whether all these events were consumed."""
    sources, ids = [source for source, _ in identities], [id_ for _, id_ in identities]
    return len(await read.fetch(KNOWN, sources, ids)) == len(identities)


OPEN = """
select id, topic, partition, first_missing, goes_on, anew, found_at
from chassis.gaps
where accepted_at is null
order by id
"""


async def list_open(read: Read) -> Sequence[tuple[asyncpg.Record, Gap]]:
    """Return the gaps that nobody has decided about, each with its row, which has its `id`; the oldest first."""
    rows = await read.fetch(OPEN)
    return [
        (row, Gap(row["topic"], row["partition"], row["first_missing"], row["goes_on"], row["anew"])) for row in rows
    ]


FOUND = """
insert into chassis.gaps (topic, partition, first_missing, goes_on, anew, found_at)
values ($1, $2, $3, $4, $5, $6)
on conflict (topic, partition) where accepted_at is null do update
set first_missing = excluded.first_missing, goes_on = excluded.goes_on, anew = excluded.anew
"""


async def record(tx: Tx, gap: Gap) -> None:
    """Record a gap, or how wide it has become."""
    await tx.execute(FOUND, gap.topic, gap.partition, gap.first, gap.goes_on, gap.anew, tx.now)


CLOSED = """
delete from chassis.gaps
where topic = $1
  and partition = $2
  and accepted_at is null
"""


async def close(tx: Tx, place: Place) -> None:
    """Forget an open gap of a partition, which turned out to be none."""
    await tx.execute(CLOSED, *place)


ACCEPT = """
with accepted as (
  update chassis.gaps
  set accepted_at = $2
  where id = $1
    and accepted_at is null
  returning topic, partition, goes_on
)
update chassis.consumed
set next_offset = accepted.goes_on
from accepted
where consumed.topic = accepted.topic
  and consumed.partition = accepted.partition
"""


async def accept(tx: Tx, id_: int) -> bool:
    """Go on behind a gap, at the oldest record that is left, and keep the record of it; false where none is open."""
    return await tx.execute(ACCEPT, id_, tx.now) > 0
