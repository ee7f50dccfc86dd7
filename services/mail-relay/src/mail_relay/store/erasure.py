"""Dropping what nobody can read any more."""

from uuid import UUID

from chassis.db import Tx

# What is kept sealed to the seller's records stays for as long as its key (HGB 257).
ERASE = """
with cleared as (
  update conversations
  set name_box = null, email_box = null, erased_at = coalesce(erased_at, $3)
  where tenant = $1
    and contact_key_id = $2
  returning id
), forgotten as (
  delete from addresses
  where tenant = $1
    and contact_key_id = $2
), closed as (
  update aliases
  set closed_at = coalesce(closed_at, $3)
  from cleared
  where aliases.tenant = $1
    and aliases.conversation_id = cleared.id
    -- about a claim that is open the seller is still heard
    and not (aliases.desk and aliases.side = 'seller')
)
update messages
set contact_key_box = null, original_id_box = null, leased_until = null,
    settled_at = case when state in ('waiting', 'held') then $3 else settled_at end,
    state = case when state in ('waiting', 'held') then 'erased' else state end
from cleared
where messages.tenant = $1
  and messages.conversation_id = cleared.id
"""


# What never became an order is no business letter. Its own statement, so that it sees a hold for which it has waited.
CARRY_OUT = """
update messages
set records_key_box = null
from conversations c
where c.tenant = $1
  and (c.contact_key_id = $2 or c.id = $3)
  and c.erased_at is not null
  and c.order_id is null
  and messages.tenant = c.tenant
  and messages.conversation_id = c.id
  and not exists (
    select from legal_holds h
    where h.tenant = c.tenant
      and h.conversation_id = c.id
      and h.released_at is null
  )
"""


CARRY_OUT_REFUSALS = CARRY_OUT.replace("messages", "refusals").replace(
    "set records_key_box = null", "set records_key_box = null, envelope_box = null"
)


async def erase(tx: Tx, tenant: str, contact_key_id: UUID) -> None:
    """Drop every box that was sealed to this key, and close the aliases of its conversations.

    Reviewers lose what never became an order, too, unless it is held.
    """
    await tx.execute(ERASE, tenant, contact_key_id, tx.now)
    for drop in (CARRY_OUT, CARRY_OUT_REFUSALS):
        await tx.execute(drop, tenant, contact_key_id, None)


async def carry_out(tx: Tx, tenant: str, conversation_id: UUID) -> None:
    """Do what an erasure has left because of a hold, unless there is another."""
    for drop in (CARRY_OUT, CARRY_OUT_REFUSALS):
        await tx.execute(drop, tenant, None, conversation_id)
