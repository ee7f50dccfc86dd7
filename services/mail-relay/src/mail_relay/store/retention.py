"""Which contents are to be removed, and what remains of their messages."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis.db import Tx

from mail_relay.domain.retention import Removal

FREE = """
      and m.removed_at is null
      and m.state not in ('waiting', 'held')
      and (m.leased_until is null or m.leased_until < clock_timestamp())
      and not exists (
        select from legal_holds h
        where h.tenant = m.tenant
          and h.conversation_id = m.conversation_id
          and h.released_at is null
      )
    limit $3
"""
# Those that nobody can read any more, letters, and what never became an order, each by an index of its own.
CLAIM = f"""
with due as (
  (
    select m.tenant, m.id
    from messages m
    where m.contact_key_box is null
      and m.records_key_box is null
      {FREE}
  )
  union
  (
    select m.tenant, m.id
    from messages m
    where m.received_at < $1
      {FREE}
  )
  union
  (
    select m.tenant, m.id
    from conversations c
    join messages m on m.tenant = c.tenant and m.conversation_id = c.id
    where c.order_id is null
      and m.received_at < $2
      {FREE}
  )
), free as (
  select m.tenant, m.id
  from due
  join messages m on m.tenant = due.tenant and m.id = due.id
  limit $3
  for update of m skip locked
)
update messages
set leased_until = clock_timestamp() + interval '1 minute'
from free
where messages.tenant = free.tenant
  and messages.id = free.id
returning messages.tenant, messages.id, messages.conversation_id, 'message' as kind
"""  # noqa: S608 -- made of our own texts only


async def claim_messages(
    tx: Tx, letters_before: datetime, first_contacts_before: datetime, limit: int
) -> Sequence[Removal]:
    """Lease messages whose contents are to be removed."""
    rows = await tx.fetch(CLAIM, letters_before, first_contacts_before, limit)
    return [Removal(**dict(row)) for row in rows]


CLAIM_REFUSALS = """
with free as (
  select r.tenant, r.id
  from refusals r
  where r.removed_at is null
    and r.refused_at < $1
    and (r.leased_until is null or r.leased_until < clock_timestamp())
    and not exists (
      select from legal_holds h
      where h.tenant = r.tenant
        and h.conversation_id = r.conversation_id
        and h.released_at is null
    )
  limit $2
  for update skip locked
)
update refusals
set leased_until = clock_timestamp() + interval '1 minute'
from free
where refusals.tenant = free.tenant
  and refusals.id = free.id
returning refusals.tenant, refusals.id, refusals.conversation_id, 'refusal' as kind
"""


async def claim_refusals(tx: Tx, before: datetime, limit: int) -> Sequence[Removal]:
    """Lease refused messages of which content and envelope are to be removed."""
    return [Removal(**dict(row)) for row in await tx.fetch(CLAIM_REFUSALS, before, limit)]


CLAIM_ORPHANS = """
with free as (
  select id
  from orphans
  where leased_until is null or leased_until < clock_timestamp()
  limit $1
  for update skip locked
)
update orphans
set leased_until = clock_timestamp() + interval '1 minute'
from free
where orphans.id = free.id
returning '' as tenant, orphans.id, null::uuid as conversation_id, 'orphan' as kind
"""


async def claim_orphans(tx: Tx, limit: int) -> Sequence[Removal]:
    """Lease contents that belong to nothing."""
    return [Removal(**dict(row)) for row in await tx.fetch(CLAIM_ORPHANS, limit)]


REMOVED = """
update messages
set removed_at = $3, contact_key_box = null, records_key_box = null, leased_until = null
where tenant = $1
  and id = $2
  and removed_at is null
returning id
"""


REFUSAL_REMOVED = """
update refusals
set removed_at = $3, envelope_box = null, records_key_box = null, leased_until = null
where tenant = $1
  and id = $2
  and removed_at is null
returning id
"""


async def removed(tx: Tx, removal: Removal) -> bool:
    """Record that the content of a message, or a refusal's and its envelope, is removed; false where that is known."""
    query = REFUSAL_REMOVED if removal.kind == "refusal" else REMOVED
    return await tx.value(query, removal.tenant, removal.id, tx.now) is not None


ORPHAN_REMOVED = """
delete from orphans
where id = $1
"""


async def orphan_removed(tx: Tx, orphan_id: UUID) -> None:
    """Forget a content that belonged to nothing."""
    await tx.execute(ORPHAN_REMOVED, orphan_id)


ADD_ORPHANS = """
insert into orphans (id)
select stored.id
from unnest($1::uuid[]) as stored (id)
where not exists (select from messages m where m.id = stored.id and m.removed_at is null)
  and not exists (select from refusals r where r.id = stored.id and r.removed_at is null)
on conflict (id) do nothing
"""


async def add_orphans(tx: Tx, stored: Sequence[UUID]) -> None:
    """Keep which of these contents belong to nothing."""
    await tx.execute(ADD_ORPHANS, stored)


FORGET = """
with due as (
  select c.tenant, c.id, c.messages, c.proofs
  from conversations c
  where c.opened_at < $1
    and not exists (
      select from messages m
      where m.tenant = c.tenant
        and m.conversation_id = c.id
        and (m.removed_at is null or m.received_at >= $1)
    )
    and not exists (
      select from legal_holds h
      where h.tenant = c.tenant
        and h.conversation_id = c.id
        and h.released_at is null
    )
  order by c.opened_at
  limit $2
  for update of c skip locked
), recorded as (
  insert into removed_conversations (tenant, id, messages, proofs, removed_at)
  select tenant, id, messages, proofs, $3
  from due
)
delete from conversations c
using due
where c.tenant = due.tenant
  and c.id = due.id
returning c.id
"""


async def forget(tx: Tx, before: datetime, limit: int) -> int:
    """Remove conversations whose last message is older than this, with all that is known of them; return how many."""
    return len(await tx.fetch(FORGET, before, limit, tx.now))
