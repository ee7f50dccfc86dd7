"""How far each partition was consumed, and the gaps between that and what its log holds.

Kafka's own offsets of a group do not tell: they are forgotten with a topic, and after some days without a member.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum

import asyncpg

from chassis.consuming.message import Identity
from chassis.consuming.numbers import Highest, Place
from chassis.db.transaction import Read, Tx


class GapKind(StrEnum):
    """What has happened to a log: records were deleted, the topic was made anew, or its producer numbers anew."""

    DELETED = "deleted"
    ANEW = "anew"
    RENUMBERED = "renumbered"


@dataclass(frozen=True, slots=True)
class Gap:
    """Records that were not consumed and cannot be any more: from `first` on, before `goes_on`, the log's start.

    Where the topic was made anew, `goes_on` begins another log, and how far the old one went nobody knows. Where a
    producer's outbox was restored to an earlier state, nothing is gone, but what it published since that state is known
    to its readers and not to itself; both are the record at which its numbers begin again.
    """

    topic: str
    partition: int
    first: int
    goes_on: int
    kind: GapKind = GapKind.DELETED

    def __str__(self) -> str:
        """Say what is missing."""
        place = f"{self.topic} partition {self.partition}"
        match self.kind:
            case GapKind.ANEW:
                return f"{place}: the topic was made anew, the old one's records from {self.first} on are gone"
            case GapKind.RENUMBERED:
                return f"{place}: from record {self.first} on its producer's numbers begin again"
            case GapKind.DELETED if self.first == self.goes_on - 1:
                return f"{place}: record {self.first} is gone"
            case GapKind.DELETED:
                return f"{place}: records {self.first} to {self.goes_on - 1} are gone"


def compared(place: Place, consumed: int, start: int, end: int) -> Gap | None:
    """Return the gap between what was consumed, before this offset, and a log with this start and end."""
    if end < consumed:
        return Gap(*place, consumed, start, GapKind.ANEW)
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


async def known(read: Read, identities: Set[Identity]) -> set[Identity]:
    """Return which of these events were consumed."""
    sources, ids = [source for source, _ in identities], [id_ for _, id_ in identities]
    return {(row["source"], row["id"]) for row in await read.fetch(KNOWN, sources, ids)}


HIGHEST = """
select topic, partition, highest, highest_at
from chassis.consumed
where highest is not null
"""


async def highest(read: Read) -> dict[Place, Highest]:
    """Return the highest number that the producer of each partition has given."""
    rows = await read.fetch(HIGHEST)
    return {(row["topic"], row["partition"]): (row["highest"], row["highest_at"]) for row in rows}


OPEN = """
select id, topic, partition, first_missing, goes_on, kind, found_at
from chassis.gaps
where accepted_at is null
order by id
"""


async def list_open(read: Read) -> Sequence[tuple[asyncpg.Record, Gap]]:
    """Return the gaps that nobody has decided about, each with its row, which has its `id`; the oldest first."""
    rows = await read.fetch(OPEN)
    return [
        (row, Gap(row["topic"], row["partition"], row["first_missing"], row["goes_on"], GapKind(row["kind"])))
        for row in rows
    ]


FOUND = """
insert into chassis.gaps (topic, partition, first_missing, goes_on, kind, found_at)
values ($1, $2, $3, $4, $5, $6)
on conflict (topic, partition) where accepted_at is null do update
set first_missing = excluded.first_missing, goes_on = excluded.goes_on, kind = excluded.kind
"""


async def record(tx: Tx, gap: Gap) -> None:
    """Record a gap, or how wide it has become."""
    await tx.execute(FOUND, gap.topic, gap.partition, gap.first, gap.goes_on, gap.kind, tx.now)


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
  returning topic, partition, goes_on, kind
)
update chassis.consumed
set next_offset = case accepted.kind when 'renumbered' then consumed.next_offset else accepted.goes_on end,
    highest = case accepted.kind when 'renumbered' then null else highest end
from accepted
where consumed.topic = accepted.topic
  and consumed.partition = accepted.partition
"""


async def accept(tx: Tx, id_: int) -> bool:
    """Go on behind a gap, at the oldest record that is left, and keep the record of it; false where none is open.

    Where a producer's numbers begin again, nothing is passed over, and those that come are its numbers from now on.
    """
    return await tx.execute(ACCEPT, id_, tx.now) > 0
