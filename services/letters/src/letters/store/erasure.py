"""Dropping what nobody can read any more."""

from uuid import UUID

from chassis.db import Tx

FORGET = """
with forgotten as (
  delete from addresses
  where tenant = $1
    and contact_key_id = $2
)
delete from notifications
where tenant = $1
  and contact_key_id = $2
"""

LOCK_OF_CONTACT = """
select id
from orders
where tenant = $1
  and contact_key_id = $2
order by id
for update
"""

# What is still to be sent is given up, with a record.
ERASE = """
with cleared_orders as (
  update orders
  set name_box = null, email_box = null, shipping_box = null
  where tenant = $1
    and id = any($2::uuid[])
), cleared_links as (
  update links
  set token = null
  where tenant = $1
    and order_id = any($2::uuid[])
), forgotten_devices as (
  delete from freed_devices
  where tenant = $1
    and order_id = any($2::uuid[])
), cleared_keys as (
  update license_keys
  set license_key = null
  where tenant = $1
    and order_id = any($2::uuid[])
)
update emails
set letter = null,
    state = case when state in ('waiting', 'bounced') then 'erased' else state end,
    settled_at = case when state in ('waiting', 'bounced') then $3 else settled_at end,
    leased_until = case when state in ('waiting', 'bounced') then null else leased_until end
where tenant = $1
  and order_id = any($2::uuid[])
  and (letter is not null or state in ('waiting', 'bounced'))
"""


async def erase(tx: Tx, tenant: str, contact_key_id: UUID) -> None:
    """Drop every box that was sealed to this key."""
    await tx.execute(FORGET, tenant, contact_key_id)
    order_ids = [row["id"] for row in await tx.fetch(LOCK_OF_CONTACT, tenant, contact_key_id)]
    if order_ids:
        await tx.execute(ERASE, tenant, order_ids, tx.now)
