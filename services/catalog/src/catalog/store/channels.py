"""The channels of a tenant."""

from collections.abc import Sequence

from chassis.db import Read, Tx

from catalog.domain.product import Channel, Kind

SERIALISE = """
select pg_advisory_xact_lock(hashtextextended('assortment ' || $1, 0))
"""


async def serialise(tx: Tx, tenant: str) -> None:
    """Wait until nobody else loads an assortment of this tenant, and keep others waiting until the transaction ends."""
    await tx.execute(SERIALISE, tenant)


OF_TENANT = """
select code, kind, seller, market, net
from channels
where tenant = $1
order by code
"""


async def of_tenant(read: Read, tenant: str) -> dict[str, Channel]:
    """Return all channels by code."""
    return {
        row["code"]: Channel(row["code"], Kind(row["kind"]), row["seller"], row["market"], row["net"])
        for row in await read.fetch(OF_TENANT, tenant)
    }


PUT = """
insert into channels (tenant, code, kind, seller, market, net)
select $1, code, kind, seller, market, net
from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::boolean[]) as channel (code, kind, seller, market, net)
on conflict (tenant, code) do update
set seller = excluded.seller,
    market = excluded.market,
    net = excluded.net
"""


async def put(tx: Tx, tenant: str, channels: Sequence[Channel]) -> None:
    """Store channels as they are now; their kind never changes."""
    codes, kinds = [channel.code for channel in channels], [channel.kind for channel in channels]
    sellers, markets = [channel.seller for channel in channels], [channel.market for channel in channels]
    nets = [channel.net for channel in channels]
    await tx.execute(PUT, tenant, codes, kinds, sellers, markets, nets)
