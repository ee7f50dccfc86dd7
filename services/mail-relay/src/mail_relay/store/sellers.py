"""The public keys to which sellers' records are sealed."""

from chassis.db import Tx
from contracts.accounts import TenantChanged, TenantOpened

COPY = """
insert into records_keys (tenant, seller, year, key_id, public_key)
select $1, seller, year, key_id, public_key
from unnest($2::text[], $3::integer[], $4::uuid[], $5::bytea[]) as copied (seller, year, key_id, public_key)
on conflict (tenant, seller, year) do nothing
"""


async def copy_keys(tx: Tx, opened: TenantOpened | TenantChanged) -> None:
    """Copy the keys of a tenant's sellers; a year's key never changes."""
    keys = [(seller.seller, key) for seller in opened.sellers for key in seller.records_keys]
    await tx.execute(
        COPY,
        opened.tenant,
        [seller for seller, _ in keys],
        [key.year for _, key in keys],
        [key.records.key for _, key in keys],
        [key.records.public for _, key in keys],
    )
