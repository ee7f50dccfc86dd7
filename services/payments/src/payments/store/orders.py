"""Orders as far as money is concerned, their units, and the row that is locked before deciding about either."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Tx

from payments.domain.orders import Order, Unit

BEGIN = """
insert into stories (tenant, order_id)
select $1, order_id
from unnest($2::uuid[]) as said (order_id)
order by order_id
on conflict do nothing
"""

LOCK = """
select order_id
from stories
where tenant = $1
  and order_id = any($2::uuid[])
order by order_id
for update
"""

CANCEL = """
update stories
set cancelled = array(select distinct unit from unnest(cancelled || $3::uuid[]) as named (unit) order by unit)
where tenant = $1
  and order_id = $2
"""

ADD = """
insert into orders
  (tenant, order_id, number, customer, channel, market, seller, payment_method, currency, gross, ordered_at,
   pay_until, reference, traceparent)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
on conflict (tenant, order_id) do nothing
"""

ADD_UNITS = """
insert into units (tenant, order_id, unit, place, gross)
select $1, $2, unit, place, gross
from unnest($3::uuid[], $4::bigint[]) with ordinality as said (unit, gross, place)
on conflict do nothing
"""

FIND = """
select o.tenant, o.order_id as "order", o.number, o.customer, o.channel, o.market, o.seller, o.payment_method,
       o.currency, o.gross, o.ordered_at, o.pay_until, o.reference, o.requested_at, o.traceparent, s.cancelled
from orders o
join stories s using (tenant, order_id)
where o.tenant = $1
  and o.order_id = $2
"""

UNITS = """
select unit, gross, covered_by is not null as covered
from units
where tenant = $1
  and order_id = $2
order by place
"""

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
    await tx.execute(BEGIN, tenant, orders)
    await tx.fetch(LOCK, tenant, orders)


async def cancel(tx: Tx, tenant: str, order: UUID, units: Sequence[UUID]) -> None:
    """These units will not be paid, whether the order is known yet or not."""
    await tx.execute(CANCEL, tenant, order, units)


async def add(tx: Tx, order: Order) -> bool:
    """Keep an order with its units; false where it is known."""
    facts = (order.number, order.customer, order.channel, order.market, order.seller, order.payment_method)
    money = (order.currency, order.gross, order.ordered_at, order.pay_until, order.reference, order.traceparent)
    if await tx.execute(ADD, order.tenant, order.order, *facts, *money) == 0:
        return False
    units = order.units
    await tx.execute(
        ADD_UNITS, order.tenant, order.order, [unit.unit for unit in units], [unit.gross for unit in units]
    )
    return True


async def find(tx: Tx, tenant: str, order: UUID) -> Order | None:
    """An order that was heard of."""
    row = await tx.row(FIND, tenant, order)
    if row is None:
        return None
    facts: dict[str, Any] = dict(row)
    facts["cancelled"] = frozenset(row["cancelled"])
    return Order(**facts, units=tuple(Unit(**dict(unit)) for unit in await tx.fetch(UNITS, tenant, order)))


async def referred(tx: Tx, tenant: str, references: Sequence[str]) -> dict[str, UUID]:
    """The orders with these creditor references."""
    return {row["reference"]: row["order_id"] for row in await tx.fetch(REFERRED, tenant, references)}


async def cover(tx: Tx, tenant: str, order: UUID, units: Sequence[UUID], by: UUID) -> None:
    """Money for these units is in."""
    await tx.execute(COVER, tenant, order, units, by)


async def requested(tx: Tx, tenant: str, order: UUID, at: datetime) -> None:
    """The customer was asked to transfer."""
    await tx.execute(REQUESTED, tenant, order, at)


async def unrequested(tx: Tx) -> list[tuple[str, UUID]]:
    """Orders whose customer can be asked to transfer and was not, locked, at most 100."""
    return [(row["tenant"], row["order_id"]) for row in await tx.fetch(UNREQUESTED)]
