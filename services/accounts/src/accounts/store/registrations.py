"""Accounts that were opened lately and addresses that were asked for: how many of a mailbox, a network, a customer."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from chassis.db import Read, Tx

from accounts.domain.mailbox import Letters

LOCK = """
select pg_advisory_xact_lock(hashtextextended('registration ' || $1 || encode($2::bytea, 'hex'), 0))
"""


async def lock(tx: Tx, tenant: str, mailbox_hmac: bytes) -> None:
    """Let nobody else open an account for this mailbox, or ask for a code, before the transaction ends."""
    await tx.execute(LOCK, tenant, mailbox_hmac)


LOCK_OF = """
select pg_advisory_xact_lock(hashtextextended('registration ' || $1 || encode(mailbox_hmac, 'hex'), 0))
from registrations
where tenant = $1
  and customer_id = $2
"""


async def lock_of(tx: Tx, tenant: str, customer_id: UUID) -> None:
    """Like `lock`, for the mailbox of somebody who has registered."""
    await tx.execute(LOCK_OF, tenant, customer_id)


COUNT = """
select count(*) filter (where mailbox_hmac = $2) as of_mailbox,
       count(*) filter (where mailbox_hmac = $2 and network_hmac = $3) as of_mailbox_here,
       count(*) filter (where network_hmac = $3) as of_network,
       count(*) filter (where customer_id = $5) as of_customer
from registrations
where tenant = $1
  and registered_at > $4
  and (mailbox_hmac = $2 or network_hmac = $3 or customer_id = $5)
"""


class Counts(NamedTuple):
    """How often a mailbox, from anywhere and from one network, a network and a customer have been seen."""

    of_mailbox: int
    of_mailbox_here: int
    of_network: int
    of_customer: int


async def count(
    read: Read, tenant: str, customer_id: UUID, mailbox_hmac: bytes, network_hmac: bytes, since: datetime
) -> Counts:
    """Count since then."""
    row = await read.row(COUNT, tenant, mailbox_hmac, network_hmac, since, customer_id)
    return Counts(*row.values()) if row else Counts(0, 0, 0, 0)


ADD = """
insert into registrations (tenant, id, customer_id, mailbox_hmac, network_hmac, registered_at, site_hmac)
values ($1, $2, $3, $4, $5, $6, $7)
"""


async def add(
    tx: Tx, tenant: str, customer_id: UUID, mailbox_hmac: bytes, network_hmac: bytes, site_hmac: bytes
) -> None:
    """Record that an account is opened, or an address asked for, now."""
    await tx.execute(ADD, tenant, tx.new_id(), customer_id, mailbox_hmac, network_hmac, tx.now, site_hmac)


LETTERS = """
with letters as (
  select distinct
         confirmations.customer_id,
         confirmations.code_hash,
         confirmations.asked_at,
         coalesce(of_mailbox.site_hmac, of_mailbox.network_hmac) as site,
         coalesce(mine.site_hmac, mine.network_hmac) as here
  from registrations mine
  join registrations of_mailbox on of_mailbox.tenant = mine.tenant and of_mailbox.mailbox_hmac = mine.mailbox_hmac
  join confirmations on confirmations.tenant = mine.tenant and confirmations.customer_id = of_mailbox.customer_id
  where mine.tenant = $1
    and mine.customer_id = $2
    and confirmations.asked_at > $3
)
select count(*) as "all",
       count(distinct site) as sites,
       count(*) filter (where site = here) as here,
       min(asked_at) as oldest,
       min(asked_at) filter (where site = here) as oldest_here
from letters
"""


async def letters(read: Read, tenant: str, customer_id: UUID, since: datetime) -> Letters:
    """Count the codes that were mailed since then to the mailbox of somebody who has registered."""
    row = await read.row(LETTERS, tenant, customer_id, since)
    return Letters(**dict(row)) if row else Letters()


REMOVE_OLD = """
delete from registrations
where (tenant, id) in (
  select tenant, id
  from registrations
  where registered_at < $1
  limit 10000
)
"""


async def remove_old(tx: Tx, before: datetime) -> bool:
    """Remove what is older, of all tenants, and return whether there may be more."""
    return await tx.execute(REMOVE_OLD, before) > 0
