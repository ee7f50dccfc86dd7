"""The public keys to which sellers' records are sealed."""

from chassis.db import Tx
from contracts.accounts import Seller

PUT = """
insert into records_keys (tenant, seller, year, key, public)
select $1, $2, year, key, public
from unnest($3::integer[], $4::uuid[], $5::bytea[]) as said (year, key, public)
on conflict (tenant, seller, year) do nothing
"""


async def put(tx: Tx, tenant: str, seller: Seller) -> None:
    """Copy a seller's keys; they are only ever added."""
    keys = seller.records_keys
    years, ids = [key.year for key in keys], [key.records.key for key in keys]
    await tx.execute(PUT, tenant, seller.seller, years, ids, [key.records.public for key in keys])
