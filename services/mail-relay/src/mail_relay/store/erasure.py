"""Dropping what nobody can read any more."""

from uuid import UUID

from chassis.db import Tx

# What is kept sealed to the seller's records stays for as long as its key (HGB 257).
ERASE = """
with cleared as (
  update conversations
  set name_box = null, email_box = null
  where tenant = $1
    and contact_key_id = $2
  returning id
), closed as (
  update aliases
  set closed_at = coalesce(closed_at, $3)
  from cleared
  where aliases.tenant = $1
    and aliases.conversation_id = cleared.id
)
update messages
set contact_key_box = null, original_id_box = null, leased_until = null,
    settled_at = case when state in ('waiting', 'held') then $3 else settled_at end,
    state = case when state in ('waiting', 'held') then 'erased' else state end
from cleared
where messages.tenant = $1
  and messages.conversation_id = cleared.id
"""


async def erase(tx: Tx, tenant: str, contact_key_id: UUID) -> None:
    """Drop every box that was sealed to this key, and close the aliases of its conversations."""
    await tx.execute(ERASE, tenant, contact_key_id, tx.now)
