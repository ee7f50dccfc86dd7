"""What is asked of the outbox and of what is parked, each for one tenant."""

from collections.abc import Sequence

import asyncpg

from chassis.db.transaction import Read, Tx

MOST_COUNTED = 10_000

SCHEMA = """
select series, max(number) as number
from chassis.migrations
group by series
"""


async def schema(read: Read) -> dict[str, int]:
    """Return the number of the last migration of each series."""
    return {row["series"]: row["number"] for row in await read.fetch(SCHEMA)}


OUTBOX = """
select count(*) as rows, count(refused) as refused, min(occurred_at) as oldest_at
from (
  select occurred_at, refused
  from chassis.outbox
  where tenant = $1
  order by sequence
  limit $2
) as first
"""


async def outbox(read: Read, tenant: str) -> asyncpg.Record | None:
    """Return how many events wait to be published, 10,000 at most, those that Kafka refused, and since when."""
    return await read.row(OUTBOX, tenant, MOST_COUNTED)


PARKED = """
select state, count(*) as rows, min(parked_at) as oldest_at
from (
  select state, parked_at
  from chassis.parked
  where tenant = $1
    and state = $2
  order by id
  limit $3
) as first
group by state
"""


async def parked(read: Read, tenant: str, state: str) -> asyncpg.Record | None:
    """Return how many events are `waiting` or `dead`, 10,000 at most, and since when; None where none is."""
    return await read.row(PARKED, tenant, state, MOST_COUNTED)


LIST = """
select id, topic, key, headers, attempts, next_attempt, reason, parked_at
from chassis.parked
where tenant = $1
  and state = $2
  and id > $3
order by id
limit $4
"""


async def listed(read: Read, tenant: str, state: str, after: tuple[int] | None, limit: int) -> Sequence[asyncpg.Record]:
    """Return the events that are `waiting` or `dead`, the oldest first."""
    return await read.fetch(LIST, tenant, state, after[0] if after else 0, limit)


FIND = """
select id, state, topic, partition, record_offset
from chassis.parked
where tenant = $1
  and id = $2
for update
"""


async def find(tx: Tx, tenant: str, id_: int) -> asyncpg.Record | None:
    """Lock an event of a tenant that waits or is dead; None where there is none."""
    return await tx.row(FIND, tenant, id_)


DECIDED = """
select exists (
  select from chassis.audit
  where tenant = $1
    and object_id = $2
    and kind = $3
    and operation = $4
)
"""


async def was_decided(read: Read, tenant: str, id_: int, kind: str, operation: str) -> bool:
    """Return whether the audit log knows that this was done to an event that is gone by now."""
    return await read.value(DECIDED, tenant, str(id_), kind, operation)
