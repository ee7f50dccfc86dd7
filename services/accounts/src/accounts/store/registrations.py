"""Accounts that were opened lately: how many for one mailbox, and from one network."""

from datetime import datetime
from uuid import UUID

from chassis.db import Read, Tx

LOCK = """
select pg_advisory_xact_lock(hashtextextended('registration ' || $1 || encode($2::bytea, 'hex'), 0))
"""


async def lock(tx: Tx, tenant: str, mailbox_hmac: bytes) -> None:
    """Let nobody else open an account for this mailbox before the transaction ends."""
    await tx.execute(LOCK, tenant, mailbox_hmac)


COUNT = """
select (
         select count(*)
         from registrations
         where tenant = $1
           and mailbox_hmac = $2
           and registered_at > $4
       ) as of_mailbox,
       (
         select count(*)
         from registrations
         where tenant = $1
           and network_hmac = $3
           and registered_at > $4
       ) as of_network
"""


async def count(read: Read, tenant: str, mailbox_hmac: bytes, network_hmac: bytes, since: datetime) -> tuple[int, int]:
    """Return how many accounts were opened since then for a mailbox and from a network."""
    row = await read.row(COUNT, tenant, mailbox_hmac, network_hmac, since)
    return (row["of_mailbox"], row["of_network"]) if row else (0, 0)


ADD = """
insert into registrations (tenant, customer_id, mailbox_hmac, network_hmac, registered_at)
values ($1, $2, $3, $4, $5)
"""


async def add(tx: Tx, tenant: str, customer_id: UUID, mailbox_hmac: bytes, network_hmac: bytes) -> None:
    """Record that an account is opened now."""
    await tx.execute(ADD, tenant, customer_id, mailbox_hmac, network_hmac, tx.now)


REMOVE_OLD = """
delete from registrations
where (tenant, customer_id) in (
  select tenant, customer_id
  from registrations
  where registered_at < $1
  limit 10000
)
"""


async def remove_old(tx: Tx, before: datetime) -> bool:
    """Remove what is older, of all tenants, and return whether there may be more."""
    return await tx.execute(REMOVE_OLD, before) > 0
