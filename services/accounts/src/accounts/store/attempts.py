"""Attempts to sign in that have not succeeded."""

from datetime import datetime
from uuid import UUID

from chassis.db import Read, Tx

from accounts.domain.throttle import Failures, Standing

LOCK_ACCOUNT = """
select pg_advisory_xact_lock(hashtextextended('attempt ' || $1 || encode($2::bytea, 'hex'), 0))
"""


async def lock_account(tx: Tx, tenant: str, email_hmac: bytes) -> None:
    """Let nobody else begin an attempt on this account before the transaction ends."""
    await tx.execute(LOCK_ACCOUNT, tenant, email_hmac)


COUNT = """
select account.*, network.*, known.*
from (
  select count(*) filter (where network_hmac = $3) as here,
         max(attempted_at) filter (where network_hmac = $3) as latest_here,
         count(*) as of_account,
         max(attempted_at) as latest_of_account,
         count(*) filter (where outcome = 'code refused') as of_codes,
         max(attempted_at) filter (where outcome = 'code refused') as latest_of_codes
  from attempts
  where tenant = $1
    and email_hmac = $2
    and outcome <> 'throttled'
    and attempted_at > $4
) as account
cross join (
  select count(*) as of_network, max(attempted_at) as latest_of_network
  from attempts
  where tenant = $1
    and network_hmac = $3
    and outcome in ('refused', 'code refused')
    and attempted_at > $4
) as network
cross join (
  select exists (
    select 1
    from known_networks
    join logins on logins.tenant = known_networks.tenant and logins.subject_id = known_networks.subject_id
    where logins.tenant = $1
      and logins.email_hmac = $2
      and known_networks.network_hmac = $3
  ) as known
) as known
"""


async def standing(read: Read, tenant: str, email_hmac: bytes, network_hmac: bytes, since: datetime) -> Standing:
    """Count failed attempts; one on the account that is still being judged counts until it has succeeded."""
    row = await read.row(COUNT, tenant, email_hmac, network_hmac, since)
    if row is None:
        raise LookupError("a count has one row")
    return Standing(
        here=Failures(row["here"], row["latest_here"]),
        network=Failures(row["of_network"], row["latest_of_network"]),
        account=Failures(row["of_account"], row["latest_of_account"]),
        codes=Failures(row["of_codes"], row["latest_of_codes"]),
        known=row["known"],
    )


ADD = """
insert into attempts (tenant, id, email_hmac, network_hmac, outcome, attempted_at)
values ($1, $2, $3, $4, $5, $6)
"""


async def add(tx: Tx, tenant: str, email_hmac: bytes, network_hmac: bytes, outcome: str) -> UUID:
    """Record an attempt and return its id."""
    attempt_id = tx.new_id()
    await tx.execute(ADD, tenant, attempt_id, email_hmac, network_hmac, outcome, tx.now)
    return attempt_id


REFUSE = """
update attempts
set outcome = $3
where tenant = $1
  and id = $2
"""


async def refuse(tx: Tx, tenant: str, attempt_id: UUID, outcome: str) -> None:
    """Record that an attempt was "refused", or with the right password "code refused"."""
    await tx.execute(REFUSE, tenant, attempt_id, outcome)


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
