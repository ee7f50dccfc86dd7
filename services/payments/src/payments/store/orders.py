"""Orders as far as money is concerned, their units, and the row that is locked before deciding about either."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from chassis.db import Read, Tx
from contracts.shared import SaleHeader
from pydantic import TypeAdapter

from payments.domain.orders import Order
from payments.store.sellers import Account

ORDER = TypeAdapter(Order)


def header(order: Order) -> SaleHeader:
    """Return what every event of this order carries."""
    return SaleHeader(
        tenant=order.tenant,
        channel=order.channel,
        market=order.market,
        seller=order.seller_id,
        order=order.id,
        order_number=order.number,
        ordered_at=order.ordered_at,
    )


# Every row is locked, the ones that `where` passes over included, and none is written anew.
LOCK = """
insert into order_locks (tenant, order_id)
select $1, order_id
from unnest($2::uuid[]) as named (order_id)
order by order_id
on conflict (tenant, order_id) do update
set cancelled_units = order_locks.cancelled_units
where false
"""


async def lock(tx: Tx, tenant: str, order_ids: Sequence[UUID]) -> None:
    """Let nobody else decide about the money of these orders, known or not, until the transaction ends."""
    await tx.execute(LOCK, tenant, order_ids)


CANCEL = """
update order_locks
set cancelled_units = array(select distinct id from unnest(cancelled_units || $3::uuid[]) as named (id) order by id)
where tenant = $1
  and order_id = $2
"""


async def cancel(tx: Tx, tenant: str, order_id: UUID, unit_ids: Sequence[UUID]) -> None:
    """Record that these units will not be paid, whether the order is known yet or not."""
    await tx.execute(CANCEL, tenant, order_id, unit_ids)


# A lock that is new tells that nothing else is known of the order.
EXPECT = """
with locked as (
  insert into order_locks (tenant, order_id)
  values ($1, $2)
  on conflict (tenant, order_id) do update
  set cancelled_units = order_locks.cancelled_units
  where false
  returning order_id
),
added as (
  insert into orders
    (tenant, id, number, customer_id, organisation_id, language, channel, market, seller_id, payment_method, currency,
     gross, ordered_at, pay_until, reference, traceparent)
  select o.tenant, o.id, o.number, o.customer_id, o.organisation_id, o.language, o.channel, o.market,
         o.seller_id, o.payment_method, o.currency, o.gross, o.ordered_at, o.pay_until,
         case when exists (
           select
           from orders other
           where other.tenant = $1
             and other.reference = o.reference
             and other.id <> o.id
         ) then $4 else o.reference end,
         o.traceparent
  from jsonb_populate_record(null::orders, $3::jsonb) as o
  on conflict (tenant, id) do nothing
  returning id, reference
),
owed as (
  insert into units (tenant, order_id, id, position, gross)
  select $1, added.id, unit.id, unit.position, unit.gross
  from added
  cross join unnest($5::uuid[], $6::bigint[]) with ordinality as unit (id, gross, position)
  on conflict do nothing
)
select exists (select from locked) as is_first, (select reference from added) as reference
"""


async def expect(tx: Tx, order: Order, other_reference: str | None) -> Order | None:
    """Lock an order and keep it with its units, once; return it as kept if nothing else is known of it, else None.

    It gets the other reference if another order has the one that it comes with.
    """
    ids, amounts = [unit.id for unit in order.units], [unit.gross for unit in order.units]
    content = ORDER.dump_json(order).decode()
    (row,) = await tx.fetch(EXPECT, order.tenant, order.id, content, other_reference, ids, amounts)
    return replace(order, reference=row["reference"]) if row["is_first"] else None


# Of the order `wanted`.
FACTS = """
select o.tenant, o.id, o.number, o.customer_id, o.organisation_id, o.language, o.channel, o.market, o.seller_id,
       o.payment_method, o.currency, o.gross, o.ordered_at, o.pay_until, o.reference, o.requested_at, o.traceparent,
       o.checkout_payment_id, l.cancelled_units,
       (
         select coalesce(json_agg(unit), '[]')
         from (
           select id, gross, covered_by
           from units
           where tenant = $1
             and order_id = wanted.id
           order by position
         ) as unit
       ) as units
from orders o
join order_locks l on l.tenant = o.tenant and l.order_id = o.id
where o.tenant = $1
  and o.id = wanted.id
"""

IS_KNOWN = """
select exists (
  select
  from orders
  where tenant = $1
    and id = $2
)
"""


async def is_known(read: Read, tenant: str, order_id: UUID) -> bool:
    """Return whether an order is known."""
    return await read.value(IS_KNOWN, tenant, order_id)


FIND = f"""
select row_to_json(found)::text
from (select $2::uuid as id) as wanted
cross join lateral ({FACTS}) as found
"""  # noqa: S608 -- made of the statement above alone


async def find(read: Read, tenant: str, order_id: UUID) -> Order | None:
    """Return an order, if it is known."""
    found = await read.value(FIND, tenant, order_id)
    return None if found is None else ORDER.validate_json(found)


REFERRED = """
select reference, id
from orders
where tenant = $1
  and reference = any($2::text[])
"""


async def referred(read: Read, tenant: str, references: Sequence[str]) -> dict[str, UUID]:
    """Return the orders with these creditor references."""
    return {row["reference"]: row["id"] for row in await read.fetch(REFERRED, tenant, references)}


# A number is one of a seller's; what several share, whole or short, names none.
NUMBERED = """
select seller_id, is_short, number, min(id::text)::uuid as id
from (
  select seller_id, false as is_short, number_signs as number, id
  from orders
  where tenant = $1
    and number_signs = any($2::text[])
    and reference is not null
  union all
  select seller_id, true, number_short, id
  from orders
  where tenant = $1
    and number_short = any($3::text[])
    and reference is not null
) as found
group by seller_id, is_short, number
having count(*) = 1
"""
ByNumber = dict[tuple[str, str], UUID]


async def numbered(read: Read, tenant: str, numbers: Sequence[str], short: Sequence[str]) -> tuple[ByNumber, ByNumber]:
    """Return the orders by transfer with these compact numbers, by seller and number, and those with these short ones.

    A short one lacks the leading zeros of its last part.
    """
    found: tuple[ByNumber, ByNumber] = {}, {}
    for row in await read.fetch(NUMBERED, tenant, numbers, short) if numbers or short else ():
        found[row["is_short"]][row["seller_id"], row["number"]] = row["id"]
    return found


REQUEST = """
update orders o
set requested_at = $3
from sellers s
where o.tenant = $1
  and o.id = $2
  and s.tenant = o.tenant
  and s.id = o.seller_id
returning s.id, s.iban, s.bic, s.payee
"""


async def request(tx: Tx, tenant: str, order_id: UUID) -> Account | None:
    """Record that the customer is asked to transfer, and return the account; None while the seller's is not known."""
    row = await tx.row(REQUEST, tenant, order_id, tx.now)
    return None if row is None else Account(**dict(row))


UNREQUESTED = """
select o.tenant, o.id
from orders o
join sellers s on s.tenant = o.tenant and s.id = o.seller_id
join order_locks l on l.tenant = o.tenant and l.order_id = o.id
where o.reference is not null
  and o.requested_at is null
  and l.cancelled_units = '{}'
  and exists (
    select
    from units u
    where u.tenant = o.tenant
      and u.order_id = o.id
      and u.covered_by is null
  )
order by o.tenant, o.id
limit 100
for update of l skip locked
"""


async def unrequested(tx: Tx) -> list[tuple[str, UUID]]:
    """Return orders whose customer can be asked to transfer and was not, locked, at most 100."""
    return [(row["tenant"], row["id"]) for row in await tx.fetch(UNREQUESTED)]
