"""This service's copy of the sellers and the public keys of their records."""

from chassis.db import Tx
from contracts.accounts import Seller

PUT = """
insert into sellers (tenant, seller, legal_name, address, vat_id, country, sequence)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (tenant, seller) do update
set legal_name = excluded.legal_name,
    address = excluded.address,
    vat_id = excluded.vat_id,
    country = excluded.country,
    sequence = excluded.sequence
where sellers.sequence < excluded.sequence
returning seller
"""

PUT_KEYS = """
insert into records_keys (tenant, seller, year, key, public)
select $1, $2, year, key, public
from unnest($3::integer[], $4::uuid[], $5::bytea[]) as said (year, key, public)
on conflict (tenant, seller, year) do nothing
"""


async def put(tx: Tx, tenant: str, seller: Seller, sequence: int) -> None:
    """Copy a seller, unless a later state is known; keys are only ever added."""
    facts = (seller.legal_name, seller.address, seller.vat_id, seller.country)
    await tx.value(PUT, tenant, seller.seller, *facts, sequence)
    keys = seller.records_keys
    await tx.execute(
        PUT_KEYS,
        tenant,
        seller.seller,
        [key.year for key in keys],
        [key.records.key for key in keys],
        [key.records.public for key in keys],
    )
