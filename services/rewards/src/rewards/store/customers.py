"""Whoever has hosted a meeting or takes part; their row is locked before anything of theirs changes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Tx
from contracts.event import SubjectKey

from rewards.domain.membership import Enrolment

LOCK = """
insert into customers (tenant, customer, member)
values ($1, $2, $3)
on conflict (tenant, customer) do update
set customer = excluded.customer
returning customer, member, contact_key, contact_public, erased_at
"""

FIND = """
select customer, member, contact_key, contact_public, erased_at
from customers
where tenant = $1
  and customer = $2
"""

SET_CONTACT = """
update customers
set contact_key = $3, contact_public = $4
where tenant = $1
  and customer = $2
  and not exists (select from destroyed_keys where tenant = $1 and key = $3)
"""

DESTROY_KEY = """
insert into destroyed_keys (tenant, key)
values ($1, $2)
on conflict do nothing
"""

DROP_CONTACT = """
update customers
set contact_key = null, contact_public = null
where tenant = $1
  and customer = $2
  and contact_key = $3
"""

ERASE = """
update customers
set erased_at = $3
where tenant = $1
  and customer = $2
  and (erased_at is null or erased_at > $3)
"""

ENROL = """
insert into enrolments (tenant, customer, enrolled_at, market, language, time_zone)
values ($1, $2, $3, $4, $5, $6)
"""

LEAVE = """
update enrolments
set left_at = greatest(enrolled_at, $3)
where tenant = $1
  and customer = $2
  and (left_at is null or left_at > $3)
"""

ENROLMENTS = """
select enrolled_at, left_at, market, language, time_zone
from enrolments
where tenant = $1
  and customer = $2
order by enrolled_at
"""

JUDGE_ALL = """
update customers
set to_judge = true
where tenant = $1
  and exists (
    select
    from enrolments
    where enrolments.tenant = customers.tenant
      and enrolments.customer = customers.customer
  )
"""

TO_JUDGE = """
update customers
set to_judge = false
where (tenant, customer) in (
  select tenant, customer
  from customers
  where to_judge
  order by tenant, customer
  limit 20
  for update skip locked
)
returning tenant, customer, member, contact_key, contact_public, erased_at
"""


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer as known here: pseudonymous id, member id, and the public key to which codes are sealed."""

    tenant: str
    customer: UUID
    member: UUID
    contact: SubjectKey | None
    erased_at: datetime | None


async def lock(tx: Tx, tenant: str, customer: UUID) -> Customer:
    """A customer whom nobody else changes meanwhile, made known where they are new."""
    return _customer(tenant, await tx.row(LOCK, tenant, customer, tx.new_id()))


async def find(tx: Tx, tenant: str, customer: UUID) -> Customer | None:
    """A customer, for reading."""
    row = await tx.row(FIND, tenant, customer)
    return None if row is None else _customer(tenant, row)


async def set_contact(tx: Tx, tenant: str, customer: UUID, contact: SubjectKey) -> None:
    """Seal to this key from now on, unless it is destroyed."""
    await tx.execute(SET_CONTACT, tenant, customer, contact.key, contact.public)


async def destroy_key(tx: Tx, tenant: str, customer: UUID, key: UUID) -> bool:
    """Never seal to this key again; false where that is known."""
    await tx.execute(DROP_CONTACT, tenant, customer, key)
    return await tx.execute(DESTROY_KEY, tenant, key) == 1


async def erase(tx: Tx, tenant: str, customer: UUID, at: datetime) -> None:
    """Keep when a customer was erased, the earliest time that is said."""
    await tx.execute(ERASE, tenant, customer, at)


async def enrol(tx: Tx, tenant: str, customer: UUID, enrolment: Enrolment) -> None:
    """Begin a new enrolment."""
    facts = (enrolment.enrolled_at, enrolment.market, enrolment.language, enrolment.time_zone)
    await tx.execute(ENROL, tenant, customer, *facts)


async def leave(tx: Tx, tenant: str, customer: UUID, at: datetime) -> None:
    """End what has not ended by then."""
    await tx.execute(LEAVE, tenant, customer, at)


async def enrolments(tx: Tx, tenant: str, customer: UUID) -> list[Enrolment]:
    """A customer's enrolments, in order."""
    return [Enrolment(**dict(row)) for row in await tx.fetch(ENROLMENTS, tenant, customer)]


async def judge_all(tx: Tx, tenant: str) -> None:
    """Let the meetings of all members be judged again."""
    await tx.execute(JUDGE_ALL, tenant)


async def to_judge(tx: Tx) -> list[Customer]:
    """Some of those whose meetings are to be judged again, locked and struck off the list."""
    return [_customer(row["tenant"], row) for row in await tx.fetch(TO_JUDGE)]


def _customer(tenant: str, row: Any) -> Customer:
    contact = None
    if row["contact_key"] is not None:
        contact = SubjectKey(key=row["contact_key"], public=row["contact_public"])
    return Customer(tenant, row["customer"], row["member"], contact, row["erased_at"])
