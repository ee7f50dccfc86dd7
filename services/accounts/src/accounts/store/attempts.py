"""Attempts to sign in that have not succeeded."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.db import Tx

TURN = """
select pg_advisory_xact_lock(hashtextextended('attempt ' || $1 || encode($2::bytea, 'hex'), 0))
"""

COUNT = """
select (
         select count(*)
         from attempts
         where tenant = $1
           and email_mark = $2
           and outcome in ('open', 'refused')
           and at > $4
       ) as of_account,
       (
         select max(at)
         from attempts
         where tenant = $1
           and email_mark = $2
           and outcome in ('open', 'refused')
           and at > $4
       ) as latest_of_account,
       (
         select count(*)
         from attempts
         where tenant = $1
           and address_mark = $3
           and outcome = 'refused'
           and at > $4
       ) as of_address,
       (
         select max(at)
         from attempts
         where tenant = $1
           and address_mark = $3
           and outcome = 'refused'
           and at > $4
       ) as latest_of_address
"""

ADD = """
insert into attempts (tenant, attempt, email_mark, address_mark, outcome, at)
values ($1, $2, $3, $4, $5, $6)
"""

REFUSE = """
update attempts
set outcome = 'refused'
where tenant = $1
  and attempt = $2
"""

REMOVE = """
delete from attempts
where tenant = $1
  and attempt = $2
"""

FORGET = """
delete from attempts
where tenant = $1
  and email_mark = $2
"""

FORGET_OLD = """
delete from attempts
where (tenant, attempt) in (
  select tenant, attempt
  from attempts
  where at < $1
  limit 10000
)
"""


@dataclass(frozen=True, slots=True)
class Failures:
    """How often it failed since a time, for an account and for a network address, and when last."""

    of_account: int
    latest_of_account: datetime | None
    of_address: int
    latest_of_address: datetime | None


async def turn(tx: Tx, tenant: str, email_mark: bytes) -> None:
    """Wait until nobody else begins an attempt on this account."""
    await tx.execute(TURN, tenant, email_mark)


async def failures(tx: Tx, tenant: str, email_mark: bytes, address_mark: bytes, since: datetime) -> Failures:
    """What failed; an attempt on the account that is still being judged counts until it has succeeded."""
    row = await tx.row(COUNT, tenant, email_mark, address_mark, since)
    return Failures(**dict(row)) if row else Failures(0, None, 0, None)


async def add(tx: Tx, tenant: str, email_mark: bytes, address_mark: bytes, outcome: str) -> UUID:
    """Record an attempt; its id."""
    attempt = tx.new_id()
    await tx.execute(ADD, tenant, attempt, email_mark, address_mark, outcome, tx.now)
    return attempt


async def refuse(tx: Tx, tenant: str, attempt: UUID) -> None:
    """Record that an attempt was refused."""
    await tx.execute(REFUSE, tenant, attempt)


async def remove(tx: Tx, tenant: str, attempt: UUID) -> None:
    """Forget an attempt, for it has succeeded."""
    await tx.execute(REMOVE, tenant, attempt)


async def forget(tx: Tx, tenant: str, email_mark: bytes) -> None:
    """Forget all attempts on an account."""
    await tx.execute(FORGET, tenant, email_mark)


async def forget_old(tx: Tx, before: datetime) -> bool:
    """Forget attempts made before a time, of all tenants; whether there may be more."""
    return await tx.execute(FORGET_OLD, before) > 0
