"""Sellers: where they are reached, and the public keys to which their records are sealed."""

from datetime import datetime

from chassis.db import Read, Tx, record_tenants
from contracts.accounts import TenantChanged, TenantOpened
from contracts.event import SubjectKey
from pydantic_core import to_json

COPY = """
with former as (
  insert into former_addresses (tenant, seller, address)
  select sellers.tenant, sellers.seller, sellers.email
  from sellers
  join jsonb_to_recordset($6::jsonb) as copied (seller text, email text) on copied.seller = sellers.seller
  where sellers.tenant = $1
    and sellers.sequence < $7
    and sellers.email <> coalesce(copied.email, '')
  on conflict do nothing
), reached as (
  insert into sellers (tenant, seller, legal_name, country, email, sequence)
  select $1, seller, legal_name, country, email, $7
  from jsonb_to_recordset($6::jsonb) as copied (seller text, legal_name text, country text, email text)
  on conflict (tenant, seller) do update
  set legal_name = excluded.legal_name, country = excluded.country, email = excluded.email,
      sequence = excluded.sequence,
      reached_since = case when sellers.email is distinct from excluded.email then $8 else sellers.reached_since end
  where sellers.sequence < excluded.sequence
)
insert into records_keys (tenant, seller, year, key_id, public_key)
select $1, seller, year, key_id, public_key
from unnest($2::text[], $3::integer[], $4::uuid[], $5::bytea[]) as copied (seller, year, key_id, public_key)
on conflict (tenant, seller, year) do nothing
"""


async def copy(tx: Tx, opened: TenantOpened | TenantChanged) -> None:
    """Copy a tenant's sellers, unless a later state is known, and their keys; a year's key never changes."""
    await record_tenants(tx, [opened.tenant])
    keys = [(seller.seller, key) for seller in opened.sellers for key in seller.records_keys]
    await tx.execute(
        COPY,
        opened.tenant,
        [seller for seller, _ in keys],
        [key.year for _, key in keys],
        [key.records.key for _, key in keys],
        [key.records.public for _, key in keys],
        to_json(
            [one.model_dump(include={"seller", "legal_name", "country", "email"}) for one in opened.sellers]
        ).decode(),
        tx.sequence,
        tx.now,
    )


FIND = """
select legal_name, email
from sellers
where tenant = $1
  and seller = $2
"""


async def find(read: Read, tenant: str, seller: str) -> tuple[str, str | None] | None:
    """Return the legal name of a seller, and the address at which it is reached."""
    row = await read.row(FIND, tenant, seller)
    return None if row is None else (row["legal_name"], row["email"])


RECORDS_KEY = """
select key_id, public_key
from records_keys
where tenant = $1
  and seller = $2
  and year = $3
"""


async def records_key(read: Read, tenant: str, seller: str, at: datetime) -> SubjectKey | None:
    """Return the key to which a seller's records of the year of this time are sealed."""
    row = await read.row(RECORDS_KEY, tenant, seller, at.year)
    return None if row is None else SubjectKey(key=row["key_id"], public=row["public_key"])
