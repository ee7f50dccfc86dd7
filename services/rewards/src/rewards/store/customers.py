"""Whoever has hosted a meeting or takes part; their row is locked before anything of theirs changes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Read, Tx
from contracts.event import SubjectKey

from rewards.domain.membership import Enrolment


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer as known here: pseudonymous id, member id, and the public key to which codes are sealed."""

    tenant: str
    id: UUID
    member_id: UUID
    contact: SubjectKey | None
    erased_at: datetime | None


LOCK = """
insert into customers (tenant, id, member_id)
values ($1, $2, $3)
on conflict (tenant, id) do update
set id = excluded.id
returning tenant, id, member_id, contact_key_id, contact_public, erased_at
"""


async def lock(tx: Tx, tenant: str, customer_id: UUID) -> Customer:
    """Return a customer, added if new, and keep others from changing them until the transaction ends."""
    return _customer(await tx.row(LOCK, tenant, customer_id, tx.new_id()))


FIND = """
select tenant, id, member_id, contact_key_id, contact_public, erased_at
from customers
where tenant = $1
  and id = $2
"""


async def find(read: Read, tenant: str, customer_id: UUID) -> Customer | None:
    """Return a customer."""
    row = await read.row(FIND, tenant, customer_id)
    return None if row is None else _customer(row)


SET_CONTACT = """
update customers
set contact_key_id = $3, contact_public = $4
where tenant = $1
  and id = $2
  and not exists (select from destroyed_keys where tenant = $1 and key_id = $3)
"""


async def set_contact(tx: Tx, tenant: str, customer_id: UUID, contact: SubjectKey) -> None:
    """Seal to this key from now on, unless it is destroyed."""
    await tx.execute(SET_CONTACT, tenant, customer_id, contact.key, contact.public)


DROP_CONTACT = """
update customers
set contact_key_id = null, contact_public = null
where tenant = $1
  and id = $2
  and contact_key_id = $3
"""

ADD_DESTROYED_KEY = """
insert into destroyed_keys (tenant, key_id)
values ($1, $2)
on conflict do nothing
"""


async def destroy_key(tx: Tx, tenant: str, customer_id: UUID, key_id: UUID) -> bool:
    """Never seal to this key again; false where that is recorded already."""
    await tx.execute(DROP_CONTACT, tenant, customer_id, key_id)
    return await tx.execute(ADD_DESTROYED_KEY, tenant, key_id) == 1


ERASE = """
update customers
set erased_at = least(erased_at, $3)
where tenant = $1
  and id = $2
"""


async def erase(tx: Tx, tenant: str, customer_id: UUID, at: datetime) -> None:
    """Record when a customer was erased; the earliest time counts."""
    await tx.execute(ERASE, tenant, customer_id, at)


ENROL = """
insert into enrolments (tenant, customer_id, enrolled_at, market, language, time_zone)
values ($1, $2, $3, $4, $5, $6)
"""


async def enrol(tx: Tx, tenant: str, customer_id: UUID, enrolment: Enrolment) -> None:
    """Add an enrolment that lasts."""
    facts = (enrolment.enrolled_at, enrolment.market, enrolment.language, enrolment.time_zone)
    await tx.execute(ENROL, tenant, customer_id, *facts)


LEAVE = """
update enrolments
set left_at = greatest(enrolled_at, $3)
where tenant = $1
  and customer_id = $2
  and (left_at is null or left_at > $3)
"""


async def leave(tx: Tx, tenant: str, customer_id: UUID, at: datetime) -> None:
    """End the enrolments that have not ended by then."""
    await tx.execute(LEAVE, tenant, customer_id, at)


ENROLMENTS = """
select enrolled_at, left_at, market, language, time_zone
from enrolments
where tenant = $1
  and customer_id = $2
order by enrolled_at
"""


async def enrolments(read: Read, tenant: str, customer_id: UUID) -> list[Enrolment]:
    """Return a customer's enrolments, in order."""
    return [Enrolment(**dict(row)) for row in await read.fetch(ENROLMENTS, tenant, customer_id)]


# who has held a meeting since then while they took part
CONCERNED = """
select distinct meetings.host_id as id
from meetings
join enrolments on enrolments.tenant = meetings.tenant and enrolments.customer_id = meetings.host_id
where meetings.tenant = $1
  and meetings.started_at >= $2
"""


async def concerned(read: Read, tenant: str, since: datetime) -> list[UUID]:
    """Return the members who have held meetings since then."""
    return [row["id"] for row in await read.fetch(CONCERNED, tenant, since)]


MARK_ALL = """
update customers
set to_evaluate = true, evaluate_since = case when to_evaluate then least(evaluate_since, $2) else $2 end
where tenant = $1
  and exists (
    select
    from enrolments
    where enrolments.tenant = customers.tenant
      and enrolments.customer_id = customers.id
  )
"""


async def mark_all(tx: Tx, tenant: str, since: datetime) -> None:
    """Mark all members, so that their meetings are evaluated again that began since then."""
    await tx.execute(MARK_ALL, tenant, since)


MARKED = """
select tenant, id, member_id, contact_key_id, contact_public, erased_at, evaluate_since
from customers
where to_evaluate
order by tenant, id
limit 20
for update skip locked
"""


async def marked(tx: Tx) -> list[tuple[Customer, datetime | None]]:
    """Return some of the marked members, locked, and since when they are to be evaluated."""
    return [(_customer(row), row["evaluate_since"]) for row in await tx.fetch(MARKED)]


UNMARK = """
update customers
set to_evaluate = false, evaluate_since = null
where tenant = $1
  and member_id = $2
"""


async def unmark(tx: Tx, customer: Customer) -> None:
    """Mark a member no longer, who is evaluated now."""
    await tx.execute(UNMARK, customer.tenant, customer.member_id)


WITH_EXPIRED_POINTS = """
select tenant, id, member_id, contact_key_id, contact_public, erased_at
from customers
where (tenant, member_id) in (
  select tenant, member_id
  from lots
  where remaining > 0
    and expires_at <= $1
  order by expires_at
  limit 100
)
order by tenant, id
for update skip locked
"""


async def with_expired_points(tx: Tx) -> list[Customer]:
    """Return some of the members whose points have expired, locked."""
    return [_customer(row) for row in await tx.fetch(WITH_EXPIRED_POINTS, tx.now)]


def _customer(row: Any) -> Customer:
    contact = None
    if row["contact_key_id"] is not None:
        contact = SubjectKey(key=row["contact_key_id"], public=row["contact_public"])
    return Customer(row["tenant"], row["id"], row["member_id"], contact, row["erased_at"])
