"""The channels of a tenant."""

from collections.abc import Iterable

from chassis.db import Tx

from catalog.domain.product import Channel, Kind

TURN = """
select pg_advisory_xact_lock(hashtextextended('assortment ' || $1, 0))
"""

OF_TENANT = """
select channel, kind, seller, market
from channels
where tenant = $1
order by channel
"""

PUT = """
insert into channels (tenant, channel, kind, seller, market)
values ($1, $2, $3, $4, $5)
on conflict (tenant, channel) do update
set seller = excluded.seller,
    market = excluded.market
"""


async def take_turn(tx: Tx, tenant: str) -> None:
    """Let nobody else load an assortment of this tenant meanwhile."""
    await tx.execute(TURN, tenant)


async def of_tenant(tx: Tx, tenant: str) -> dict[str, Channel]:
    """All channels by code."""
    return {
        row["channel"]: Channel(row["channel"], Kind(row["kind"]), row["seller"], row["market"])
        for row in await tx.fetch(OF_TENANT, tenant)
    }


async def put(tx: Tx, tenant: str, channels: Iterable[Channel]) -> None:
    """Keep channels as they are now; their kind never changes."""
    rows = [(tenant, channel.channel, channel.kind, channel.seller, channel.market) for channel in channels]
    await tx.many(PUT, rows)
