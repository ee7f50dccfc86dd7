"""What is known of orders and coupons."""

from collections.abc import Sequence

from chassis.db import Tx

from partners.domain.facts import Aggregate, AggregateKey, Fact

COUNT = """
insert into aggregates (tenant, key, channel, events)
select tenant, key, max(channel), count(*)
from unnest($1::text[], $2::text[], $3::text[]) as one (tenant, key, channel)
group by tenant, key
order by tenant, key
on conflict (tenant, key) do update
set channel = coalesce(aggregates.channel, excluded.channel), events = aggregates.events + excluded.events
returning tenant, key, channel, events
"""


async def count(tx: Tx, facts: Sequence[Fact]) -> dict[AggregateKey, Aggregate]:
    """Count facts as events of their aggregates, and return these, locked."""
    columns = [fact.tenant for fact in facts], [fact.key for fact in facts], [fact.channel for fact in facts]
    return {(row["tenant"], row["key"]): Aggregate(**row) for row in await tx.fetch(COUNT, *columns)}
