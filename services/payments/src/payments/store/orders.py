"""Orders as far as money is concerned, their units, and the row that is locked before deciding about either."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis.db import Tx
from pydantic import TypeAdapter

from payments.domain.orders import Order

ORDER = TypeAdapter(Order)

# Every row is locked, the ones that `where` passes over included, and none is written anew.
LOCK = """
insert into stories (tenant, order_id)
select $1, order_id
from unnest($2::uuid[]) as said (order_id)
order by order_id
on conflict (tenant, order_id) do update
set cancelled = stories.cancelled
where false
"""

CANCEL = """
update stories
set cancelled = array(select distinct unit from unnest(cancelled || $3::uuid[]) as named (unit) order by unit)
where tenant = $1
  and order_id = $2
"""

# The story first, as everywhere; what it answers tells whether anything may be known of the order already.
EXPECT = """
with begun as (
  insert into stories (tenant, order_id)
  values ($1, $2)
  on conflict (tenant, order_id) do update
  set cancelled = stories.cancelled
  where false
  returning order_id
),
added as (
  insert into orders
    (tenant, order_id, number, customer, channel, market, seller, payment_method, currency, gross, ordered_at,
     pay_until, reference, traceparent)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
  on conflict (tenant, order_id) do nothing
  returning order_id
),
owed as (
  insert into units (tenant, order_id, unit, place, gross)
  select $1, added.order_id, unit, place, gross
  from added
  cross join unnest($15::uuid[], $16::bigint[]) with ordinality as said (unit, gross, place)
  on conflict do nothing
)
select exists(select from begun)
"""

FACTS = """
select o.tenant, o.order_id as "order", o.number, o.customer, o.channel, o.market, o.seller, o.payment_method,
       o.currency, o.gross, o.ordered_at, o.pay_until, o.reference, o.requested_at, o.traceparent, s.cancelled,
       (
         select coalesce(json_agg(rows), '[]')
         from (
           select unit, gross, covered_by
           from units
           where tenant = $1
             and order_id = $2
           order by place
         ) as rows
       ) as units
from orders o
join stories s using (tenant, order_id)
where o.tenant = $1
  and o.order_id = $2
"""

FIND = f"""
select row_to_json(rows)::text
from ({FACTS}) as rows
"""  # noqa: S608 -- made of the statement above alone

REFERRED = """
select reference, order_id
from orders
where tenant = $1
  and reference = any($2::text[])
"""

COVER = """
update units
set covered_by = $4
where tenant = $1
  and order_id = $2
  and unit = any($3::uuid[])
  and covered_by is null
"""

UNCOVER = """
update units
set covered_by = null
where tenant = $1
  and order_id = $2
  and unit = any($3::uuid[])
"""

REQUESTED = """
update orders
set requested_at = $3
where tenant = $1
  and order_id = $2
"""

UNREQUESTED = """
select o.tenant, o.order_id
from orders o
join sellers using (tenant, seller)
join stories s using (tenant, order_id)
where o.reference is not null
  and o.requested_at is null
  and s.cancelled = '{}'
order by o.tenant, o.order_id
limit 100
for update of s skip locked
"""


async def lock(tx: Tx, tenant: str, orders: Sequence[UUID]) -> None:
    """Let nobody else decide about the money of these orders, known or not, until the transaction ends."""
    await tx.execute(LOCK, tenant, orders)


def cancel(tx: Tx, tenant: str, order: UUID, units: Sequence[UUID]) -> None:
    """These units will not be paid, whether the order is known yet or not."""
    tx.note(CANCEL, tenant, order, units)


async def expect(tx: Tx, order: Order) -> bool:
    """Lock the story of an order and keep the order with its units, once; true where nothing else is known of it."""
    facts = (order.number, order.customer, order.channel, order.market, order.seller, order.payment_method)
    money = (order.currency, order.gross, order.ordered_at, order.pay_until, order.reference, order.traceparent)
    units = [unit.unit for unit in order.units], [unit.gross for unit in order.units]
    return await tx.value(EXPECT, order.tenant, order.order, *facts, *money, *units)


async def find(tx: Tx, tenant: str, order: UUID) -> Order | None:
    """An order that was heard of."""
    found = await tx.value(FIND, tenant, order)
    return None if found is None else ORDER.validate_json(found)


async def referred(tx: Tx, tenant: str, references: Sequence[str]) -> dict[str, UUID]:
    """The orders with these creditor references."""
    return {row["reference"]: row["order_id"] for row in await tx.fetch(REFERRED, tenant, references)}


def cover(tx: Tx, tenant: str, order: UUID, units: Sequence[UUID], by: UUID) -> None:
    """Money for these units is in."""
    tx.note(COVER, tenant, order, units, by)


def uncover(tx: Tx, tenant: str, order: UUID, units: Sequence[UUID]) -> None:
    """The money for these units is theirs no more."""
    tx.note(UNCOVER, tenant, order, units)


def requested(tx: Tx, tenant: str, order: UUID, at: datetime) -> None:
    """The customer was asked to transfer."""
    tx.note(REQUESTED, tenant, order, at)


async def unrequested(tx: Tx) -> list[tuple[str, UUID]]:
    """Orders whose customer can be asked to transfer and was not, locked, at most 100."""
    return [(row["tenant"], row["order_id"]) for row in await tx.fetch(UNREQUESTED)]
