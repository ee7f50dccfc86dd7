"""Attempts to sign in that have not succeeded."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.db import Read, Tx

LOCK_ACCOUNT = """
select pg_advisory_xact_lock(hashtextextended('attempt ' || $1 || encode($2::bytea, 'hex'), 0))
"""


async def lock_account(tx: Tx, tenant: str, email_hmac: bytes) -> None:
    """Let nobody else begin an attempt on this account before the transaction ends."""
    await tx.execute(LOCK_ACCOUNT, tenant, email_hmac)


@dataclass(frozen=True, slots=True)
class Failures:
    """How often attempts failed since a time, for an account and for a network address, and when last."""

    of_account: int
    latest_of_account: datetime | None
    of_address: int
    latest_of_address: datetime | None


COUNT = """
select account.*, address.*
from (
  select count(*) as of_account, max(attempted_at) as latest_of_account
  from attempts
  where tenant = $1
    and email_hmac = $2
    and outcome in ('open', 'refused')
    and attempted_at > $4
) as account
cross join (
  select count(*) as of_address, max(attempted_at) as latest_of_address
  from attempts
  where tenant = $1
    and address_hmac = $3
    and outcome = 'refused'
    and attempted_at > $4
) as address
"""


async def failures(read: Read, tenant: str, email_hmac: bytes, address_hmac: bytes, since: datetime) -> Failures:
    """Count failed attempts; one on the account that is still being judged counts until it has succeeded."""
    row = await read.row(COUNT, tenant, email_hmac, address_hmac, since)
    return Failures(**dict(row)) if row else Failures(0, None, 0, None)


ADD = """
insert into attempts (tenant, id, email_hmac, address_hmac, outcome, attempted_at)
values ($1, $2, $3, $4, $5, $6)
"""


async def add(tx: Tx, tenant: str, email_hmac: bytes, address_hmac: bytes, outcome: str) -> UUID:
    """Record an attempt and return its id."""
    attempt_id = tx.new_id()
    await tx.execute(ADD, tenant, attempt_id, email_hmac, address_hmac, outcome, tx.now)
    return attempt_id


REFUSE = """
update attempts
set outcome = 'refused'
where tenant = $1
  and id = $2
"""


async def refuse(tx: Tx, tenant: str, attempt_id: UUID) -> None:
    """Record that an attempt was refused."""
    await tx.execute(REFUSE, tenant, attempt_id)


REMOVE = """
delete from attempts
where tenant = $1
  and id = $2
"""


async def remove(tx: Tx, tenant: str, attempt_id: UUID) -> None:
    """Remove an attempt that has succeeded."""
    await tx.execute(REMOVE, tenant, attempt_id)


REMOVE_ALL = """
delete from attempts
where tenant = $1
  and email_hmac = $2
"""


async def remove_all(tx: Tx, tenant: str, email_hmac: bytes) -> None:
    """Remove all attempts on an account."""
    await tx.execute(REMOVE_ALL, tenant, email_hmac)


REMOVE_OLD = """
delete from attempts
where (tenant, id) in (
  select tenant, id
  from attempts
  where attempted_at < $1
  limit 10000
)
"""


async def remove_old(tx: Tx, before: datetime) -> bool:
    """Remove attempts made before a time, of all tenants, and return whether there may be more."""
    return await tx.execute(REMOVE_OLD, before) > 0
