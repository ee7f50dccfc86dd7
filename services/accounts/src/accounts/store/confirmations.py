"""Codes that were mailed to the addresses with which people have registered, and whom nobody has confirmed."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from chassis.db import Read, Tx

from accounts.domain.mailed_code import MOST_REFUSALS

LOCK = """
select pg_advisory_xact_lock(hashtextextended('confirmation ' || $1 || encode(email_hmac, 'hex'), 0))
from logins
where tenant = $1
  and subject_id = $2
"""


async def lock(tx: Tx, tenant: str, customer_id: UUID) -> None:
    """Let nobody else confirm the same address before the transaction ends."""
    await tx.execute(LOCK, tenant, customer_id)


ADD = """
insert into confirmations (tenant, customer_id, code_hash, asked_at, expires_at)
values ($1, $2, $3, $4, $5)
"""


async def add(tx: Tx, tenant: str, customer_id: UUID, code_hash: bytes, expires_at: datetime) -> None:
    """Let another code count until then, beside those that were mailed before."""
    await tx.execute(ADD, tenant, customer_id, code_hash, tx.now, expires_at)


class Asked(NamedTuple):
    """How many codes a customer has asked for, when the first, and when the latest that still counts."""

    codes: int
    first: datetime | None
    latest: datetime | None


ASKED = """
select count(*) as codes, min(asked_at) as first, max(asked_at) filter (where refusals < $4) as latest
from confirmations
where tenant = $1
  and customer_id = $2
  and asked_at > $3
"""


async def asked(read: Read, tenant: str, customer_id: UUID, since: datetime) -> Asked:
    """Count a customer's codes since then."""
    row = await read.row(ASKED, tenant, customer_id, since, MOST_REFUSALS)
    return Asked(*row.values()) if row else Asked(0, None, None)


USE = """
delete from confirmations
where tenant = $1
  and customer_id = $2
  and exists (
    select from confirmations sent
    where sent.tenant = $1
      and sent.customer_id = $2
      and sent.code_hash = $3
      and sent.expires_at > $4
      and sent.refusals < $5
  )
"""


async def use(tx: Tx, tenant: str, customer_id: UUID, code_hash: bytes) -> bool:
    """Return whether a code counts; then all of the customer are used up."""
    return await tx.execute(USE, tenant, customer_id, code_hash, tx.now, MOST_REFUSALS) > 0


REFUSE = """
with refused as (
  update confirmations
  set refusals = refusals + 1
  where tenant = $1
    and customer_id = $2
    and expires_at > $3
  returning refusals
)
select count(*) > 0 and min(refusals) >= $4
from refused
"""


async def refuse(tx: Tx, tenant: str, customer_id: UUID) -> bool:
    """Count a wrong code against all that were mailed, and return whether none of them counts any more."""
    return bool(await tx.value(REFUSE, tenant, customer_id, tx.now, MOST_REFUSALS))


VOID = """
update confirmations
set refusals = greatest(refusals, $3)
where tenant = $1
  and customer_id = $2
"""


async def void(tx: Tx, tenant: str, customer_id: UUID) -> None:
    """Let none of the codes count that were mailed to a customer; they are still counted."""
    await tx.execute(VOID, tenant, customer_id, MOST_REFUSALS)


REMOVE_OLD = """
delete from confirmations
where (tenant, customer_id, code_hash) in (
  select tenant, customer_id, code_hash
  from confirmations
  where expires_at <= $1
  limit 10000
)
"""


async def remove_old(tx: Tx) -> bool:
    """Forget codes that count no more, of all tenants, and return whether there may be more."""
    return await tx.execute(REMOVE_OLD, tx.now) > 0


OTHERS = """
select others.subject_id
from logins
join logins others on others.tenant = logins.tenant and others.email_hmac = logins.email_hmac
where logins.tenant = $1
  and logins.subject_id = $2
  and others.subject_id <> $2
  and others.confirmed_at is null
order by others.subject_id
"""


async def others(read: Read, tenant: str, customer_id: UUID) -> list[tuple[str, UUID]]:
    """Return who has registered with the same address and has not confirmed it."""
    return [(tenant, row["subject_id"]) for row in await read.fetch(OTHERS, tenant, customer_id)]


OLD = """
select customers.tenant, customers.id
from customers
join logins on logins.tenant = customers.tenant and logins.subject_id = customers.id
where customers.registered_at <= $1
  and logins.confirmed_at is null
order by customers.tenant, customers.id
limit $2
"""


async def old(read: Read, before: datetime, limit: int) -> list[tuple[str, UUID]]:
    """Return customers, of all tenants, who have registered by then and never confirmed their address."""
    return [(row["tenant"], row["id"]) for row in await read.fetch(OLD, before, limit)]


REMOVE = """
with gone as (
  select logins.tenant, logins.subject_id
  from logins
  join unnest($1::text[], $2::uuid[]) as wanted (tenant, subject_id) using (tenant, subject_id)
  where logins.confirmed_at is null
  for update of logins
), removed_keys as (
  delete from private_keys
  using subject_keys, gone
  where subject_keys.tenant = gone.tenant
    and subject_keys.subject = gone.subject_id::text
    and private_keys.tenant = subject_keys.tenant
    and private_keys.key_id = subject_keys.id
), removed_subject_keys as (
  delete from subject_keys
  using gone
  where subject_keys.tenant = gone.tenant
    and subject_keys.subject = gone.subject_id::text
), removed_words as (
  delete from name_words
  using gone
  where name_words.tenant = gone.tenant
    and name_words.customer_id = gone.subject_id
), removed_order_words as (
  delete from order_words
  using gone
  where order_words.tenant = gone.tenant
    and order_words.customer_id = gone.subject_id
), removed_sessions as (
  delete from sessions
  using gone
  where sessions.tenant = gone.tenant
    and sessions.subject_id = gone.subject_id
), removed_customers as (
  delete from customers
  using gone
  where customers.tenant = gone.tenant
    and customers.id = gone.subject_id
)
delete from logins
using gone
where logins.tenant = gone.tenant
  and logins.subject_id = gone.subject_id
"""


async def remove(tx: Tx, unconfirmed: Collection[tuple[str, UUID]]) -> int:
    """Forget these customers but for those who have confirmed meanwhile; nobody else has learned of them.

    They are locked before. Returns how many are gone.
    """
    tenants, ids = [tenant for tenant, _ in unconfirmed], [id_ for _, id_ in unconfirmed]
    return await tx.execute(REMOVE, tenants, ids)
