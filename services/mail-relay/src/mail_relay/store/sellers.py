"""Sellers: where they are reached, and the public keys to which their records are sealed."""

from chassis.db import Tx
from contracts.accounts import TenantChanged, TenantOpened

COPY = """
with reached as (
  insert into sellers (tenant, seller, email, telephone, sequence)
  select $1, seller, email, telephone, $9
  from unnest($6::text[], $7::text[], $8::text[]) as copied (seller, email, telephone)
  on conflict (tenant, seller) do update
  set email = excluded.email, telephone = excluded.telephone, sequence = excluded.sequence
  where sellers.sequence < excluded.sequence
)
insert into records_keys (tenant, seller, year, key_id, public_key)
select $1, seller, year, key_id, public_key
from unnest($2::text[], $3::integer[], $4::uuid[], $5::bytea[]) as copied (seller, year, key_id, public_key)
on conflict (tenant, seller, year) do nothing
"""


async def copy(tx: Tx, opened: TenantOpened | TenantChanged) -> None:
    """Copy a tenant's sellers, unless a later state is known, and their keys; a year's key never changes."""
    keys = [(seller.seller, key) for seller in opened.sellers for key in seller.records_keys]
    await tx.execute(
        COPY,
        opened.tenant,
        [seller for seller, _ in keys],
        [key.year for _, key in keys],
        [key.records.key for _, key in keys],
        [key.records.public for _, key in keys],
        [seller.seller for seller in opened.sellers],
        [seller.email for seller in opened.sellers],
        [seller.telephone for seller in opened.sellers],
        tx.sequence,
    )
