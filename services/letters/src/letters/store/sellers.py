"""Sellers: where they are reached and answered, and the public keys to which their records are sealed."""

from chassis.db import Tx, record_tenants
from contracts.accounts import TenantChanged, TenantOpened
from contracts.mail_relay import ConversationOpened
from pydantic_core import to_json

COPY = """
with reached as (
  insert into sellers (tenant, seller, legal_name, address, vat_id, email, telephone, position, sequence)
  select $1, seller, legal_name, address, vat_id, email, telephone, position, $7
  from rows from (jsonb_to_recordset($6::jsonb)
         as (seller text, legal_name text, address text, vat_id text, email text, telephone text))
       with ordinality as copied (seller, legal_name, address, vat_id, email, telephone, position)
  on conflict (tenant, seller) do update
  set legal_name = excluded.legal_name, address = excluded.address, vat_id = excluded.vat_id, email = excluded.email,
      telephone = excluded.telephone, position = excluded.position, sequence = excluded.sequence
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
        to_json([seller.model_dump(exclude={"records_keys"}) for seller in opened.sellers]).decode(),
        tx.sequence,
    )


ANSWER = """
insert into reply_addresses (tenant, order_id, address)
values ($1, $2, $3)
on conflict (tenant, order_id) do update
set address = excluded.address
"""


async def let_answer(tx: Tx, opened: ConversationOpened) -> None:
    """Let answers to an order's letters go to the seller's alias, so that neither side's address is seen (MAIL-1)."""
    if opened.order is not None:
        await tx.execute(ANSWER, opened.tenant, opened.order, opened.buyer_writes_to)
