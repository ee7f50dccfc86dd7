"""Events as partners may see them, in the order in which they came."""

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from chassis.db import Tx

from partners.domain.facts import Aggregate, Fact
from partners.domain.partner import Partner

COLUMNS = ("tenant", "channel", "topic", "key", "number", "at", "content", "customer", "expires_at")
OF = attrgetter(*COLUMNS)
MANY = 20

KEEP = """
insert into facts (tenant, channel, topic, key, number, at, content, customer, expires_at)
select tenant, channel, topic, key, number, at, content, customer, expires_at
from unnest(
  $1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::timestamptz[], $7::bytea[], $8::bytea[],
  $9::timestamptz[]
) with ordinality as one (tenant, channel, topic, key, number, at, content, customer, expires_at, place)
order by place
"""


async def keep(tx: Tx, facts: Sequence[Fact]) -> None:
    """Keep facts, in their order."""
    if len(facts) >= MANY:
        await tx.copy("facts", COLUMNS, map(OF, facts))
        return
    await tx.execute(KEEP, *map(list, zip(*map(OF, facts), strict=True)))


TAKE_WAITING = """
with taken as (
  delete from facts
  using unnest($1::text[], $2::text[], $3::text[]) as known (tenant, key, channel)
  where facts.channel is null
    and facts.tenant = known.tenant
    and facts.key = known.key
  returning facts.position, facts.tenant, known.channel, facts.topic, facts.key, facts.number, facts.at,
            facts.content, facts.customer, facts.expires_at
)
select tenant, channel, topic, key, number, at, content, customer, expires_at
from taken
order by position
"""


async def take_waiting(tx: Tx, placed: Sequence[Aggregate]) -> list[Fact]:
    """Take out what has waited for the channels of these aggregates, in its order; it is to be kept again, later."""
    columns = [one.tenant for one in placed], [one.key for one in placed], [one.channel for one in placed]
    return [_fact(row) for row in await tx.fetch(TAKE_WAITING, *columns)]


AFTER = """
select position, tenant, channel, topic, key, number, at, content, customer, expires_at
from facts
where tenant = $1
  and channel = any($2::text[])
  and position > $3
  and (at >= $4 or position > $5)
order by position
limit $6
"""


async def after(tx: Tx, partner: Partner, limit: int) -> tuple[int, list[Fact]]:
    """Return what a partner that is behind may see next, and the position of the last of it."""
    arguments = partner.tenant, partner.channels, partner.replayed, partner.replay_since, partner.present, limit
    rows = await tx.fetch(AFTER, *arguments)
    return (rows[-1]["position"] if rows else 0), [_fact(row) for row in rows]


EXPIRE = """
delete from facts
where position = any(array(select position from facts where expires_at < $1 order by expires_at limit $2))
"""


async def expire(tx: Tx, now: datetime, limit: int) -> int:
    """Forget so many of the facts whose time is over, and return how many there were."""
    return await tx.execute(EXPIRE, now, limit)


def _fact(row: Any) -> Fact:
    return Fact(**{column: row[column] for column in COLUMNS})
