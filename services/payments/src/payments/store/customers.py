"""Customers as the provider knows them: an id, and whether it may keep a card."""

from dataclasses import dataclass
from uuid import UUID

from chassis.db import Tx

from payments.domain.provider import GiveUp, Goodbye

CHOOSE = """
insert into customers (tenant, customer, keep_data, choice_sequence)
values ($1, $2, $3, $4)
on conflict (tenant, customer) do update
set keep_data = excluded.keep_data,
    choice_sequence = excluded.choice_sequence,
    give_ups_asked = customers.give_ups_asked + (not excluded.keep_data)::integer,
    give_up_traceparent = $5
where customers.choice_sequence < excluded.choice_sequence
"""

BEGIN = """
insert into customers (tenant, customer, asked_at)
values ($1, $2, $3)
on conflict (tenant, customer) do update
set asked_at = case when customers.forget_since is null then coalesce(customers.asked_at, excluded.asked_at)
                    else customers.asked_at end
returning keep_data, provider_customer, forget_since is not null as erased
"""

FIND = """
select provider_customer
from customers
where tenant = $1
  and customer = $2
"""

MEET = """
update customers
set provider_customer = $3, gone_at = null
where tenant = $1
  and customer = $2
returning forget_since is not null as erased
"""

FORGET = """
insert into customers (tenant, customer, forget_since, profile_key, traceparent)
values ($1, $2, $3, $4, $5)
on conflict (tenant, customer) do update
set forget_since = coalesce(customers.forget_since, excluded.forget_since),
    profile_key = coalesce(customers.profile_key, excluded.profile_key),
    traceparent = coalesce(customers.traceparent, excluded.traceparent)
"""

CLAIM = """
with due as (
  select tenant, customer
  from customers
  where forget_since is not null
    and gone_at is null
    and (claimed_until is null or claimed_until < clock_timestamp())
  order by forget_since
  limit $1
  for update skip locked
)
update customers c
set claimed_until = clock_timestamp() + interval '30 seconds'
from due
where c.tenant = due.tenant
  and c.customer = due.customer
returning c.tenant, c.customer, c.provider_customer, c.traceparent
"""

UNKNOWN_THERE = """
update customers
set gone_at = $3
where tenant = $1
  and customer = $2
  and asked_at is null
  and gone_at is null
"""

GIVE_UP = """
update customers
set give_ups_asked = give_ups_asked + 1, give_up_traceparent = $3
where tenant = $1
  and customer = $2
  and not keep_data
"""

CLAIM_GIVE_UPS = """
with due as (
  select tenant, customer
  from customers
  where give_ups_asked > give_ups_done
    and not keep_data
    and provider_customer is not null
    and forget_since is null
    and (give_up_claimed_until is null or give_up_claimed_until < clock_timestamp())
  order by tenant, customer
  limit $1
  for update skip locked
)
update customers c
set give_up_claimed_until = clock_timestamp() + interval '30 seconds'
from due
where c.tenant = due.tenant
  and c.customer = due.customer
returning c.tenant, c.customer, c.provider_customer, c.give_ups_asked as asked, c.give_up_traceparent as traceparent
"""

GIVEN_UP = """
update customers
set give_ups_done = greatest(give_ups_done, $3), give_up_claimed_until = null
where tenant = $1
  and customer = $2
"""

GONE = """
update customers
set gone_at = $3, provider_customer = null, claimed_until = null
where tenant = $1
  and customer = $2
"""

CONFIRM = """
update customers
set confirmed_at = $3
where tenant = $1
  and customer = $2
  and gone_at is not null
  and profile_key is not null
  and confirmed_at is null
returning profile_key
"""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a customer."""

    keep_data: bool
    provider_customer: str | None
    erased: bool


async def choose(
    tx: Tx, tenant: str, customer: UUID, sequence: int, traceparent: str | None, *, keep_data: bool
) -> None:
    """Know the choice of a customer, unless a later one is known (M26); what was saved is given up by it."""
    await tx.execute(CHOOSE, tenant, customer, keep_data, sequence, traceparent)


async def begin(tx: Tx, tenant: str, customer: UUID) -> Known:
    """What is known of a customer of whom the provider is about to hear."""
    (row,) = await tx.fetch(BEGIN, tenant, customer, tx.now)
    return Known(**dict(row))


async def meet(tx: Tx, tenant: str, customer: UUID, provider_customer: str) -> bool:
    """Know the provider's id of a customer; true where the customer was erased meanwhile."""
    return bool(await tx.value(MEET, tenant, customer, provider_customer))


async def forget(tx: Tx, tenant: str, customer: UUID, profile_key: UUID | None, traceparent: str | None) -> None:
    """The provider shall forget the customer."""
    await tx.execute(FORGET, tenant, customer, tx.now, profile_key, traceparent)
    await tx.execute(UNKNOWN_THERE, tenant, customer, tx.now)


async def claim(tx: Tx, at_most: int) -> list[Goodbye]:
    """Customers whom the provider shall forget, `at_most` so many, with a lease on real time."""
    return [Goodbye(**dict(row)) for row in await tx.fetch(CLAIM, at_most)]


async def find(tx: Tx, tenant: str, customer: UUID) -> str | None:
    """The provider's id of a customer whom it knows."""
    return await tx.value(FIND, tenant, customer)


async def give_up(tx: Tx, tenant: str, customer: UUID, traceparent: str | None) -> bool:
    """The provider shall give up what it keeps of a customer, once more; false for one who keeps data."""
    return await tx.execute(GIVE_UP, tenant, customer, traceparent) == 1


async def claim_give_ups(tx: Tx, at_most: int) -> list[GiveUp]:
    """Customers of whom the provider shall keep no card, with a lease on real time; none who keeps data again."""
    return [GiveUp(**dict(row)) for row in await tx.fetch(CLAIM_GIVE_UPS, at_most)]


async def given_up(tx: Tx, tenant: str, customer: UUID, asked: int) -> None:
    """The provider keeps nothing any more of what it was to give up when it was asked for the time `asked`."""
    await tx.execute(GIVEN_UP, tenant, customer, asked)


async def gone(tx: Tx, tenant: str, customer: UUID) -> None:
    """The provider has forgotten the customer."""
    await tx.execute(GONE, tenant, customer, tx.now)


async def confirm(tx: Tx, tenant: str, customer: UUID) -> UUID | None:
    """The destroyed profile key, the first time it is asked for when nothing is left at the provider."""
    return await tx.value(CONFIRM, tenant, customer, tx.now)
