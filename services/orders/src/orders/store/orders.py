"""Orders, their lines and units."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any
from uuid import UUID

from chassis.db import Tx
from contracts.orders import Line, OrderPlaced

from orders.domain.money import Taxed
from orders.domain.order import Unit

ADD = """
with placed_order as (
  insert into orders
    (tenant, order_id, number, customer, customer_type, channel, market, seller, language, payment_method, coupon,
     currency, net, tax, gross, ordered_at, pay_until, withdrawal_end, state, placed)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, 'open', $19)
), placed_lines as (
  insert into lines (tenant, order_id, line, place, deliver_from, facts)
  select $1, $2, line, place, deliver_from, facts
  from unnest($20::uuid[], $21::timestamptz[], $22::jsonb[]) with ordinality as said (line, deliver_from, facts, place)
), placed_consents as (
  insert into consents (tenant, order_id, kind, version, language, text, given_at)
  select $1, $2, kind, version, $9, text, $16
  from unnest($29::text[], $30::text[], $31::text[]) as said (kind, version, text)
)
insert into units (tenant, order_id, line, unit, place, net, tax, gross, fulfilment)
select $1, $2, line, unit, place, net, tax, gross, fulfilment
from unnest($23::uuid[], $24::uuid[], $25::bigint[], $26::bigint[], $27::bigint[], $28::text[]) with ordinality
  as said (line, unit, net, tax, gross, fulfilment, place)
"""

NUMBER = """
select nextval('order_numbers')
"""

SELECT = """
select order_id, placed, state, coupon, withdrawal_end, closed_at, contact_until,
       array(
         select row(deliver_from, link_until, facts)
         from lines
         where lines.tenant = $1
           and lines.order_id = $2
         order by place
       ) as lines,
       array(
         select row(unit, line, net, tax, gross, fulfilment, paid_at, delivered_at, refunded_at, cancelled_at)
         from units
         where units.tenant = $1
           and units.order_id = $2
         order by place
       ) as units
from orders
where tenant = $1
  and order_id = $2
"""

# on its own, because a statement that waits for a lock still sees the lines and units of before
LOCK = """
select
from orders
where tenant = $1
  and order_id = $2
for update
"""

# The arrays are taken from selects, for else the database plans anew for each number of units.
KEEP = """
with dated as (
  update units
  set paid_at = said.paid_at, delivered_at = said.delivered_at, refunded_at = said.refunded_at,
      cancelled_at = said.cancelled_at
  from unnest(
    (select $3::uuid[]), (select $4::timestamptz[]), (select $5::timestamptz[]), (select $6::timestamptz[]),
    (select $7::timestamptz[])
  ) as said (unit, paid_at, delivered_at, refunded_at, cancelled_at)
  where units.tenant = $1
    and units.order_id = $2
    and units.unit = said.unit
)
update orders
set state = $8, closed_at = $9, contact_until = $10
where tenant = $1
  and order_id = $2
"""

RELEASE = """
update lines
set deliver_from = $4
where tenant = $1
  and order_id = $2
  and line = any($3::uuid[])
  and deliver_from > $4
returning line
"""

# the order is locked first, for whoever closes it counts the links of its lines
SET_LINK = """
with held as (
  select closed_at
  from orders
  where tenant = $1
    and order_id = $2
  for update
)
update lines
set link_until = $4, link_sequence = $5
from held
where tenant = $1
  and order_id = $2
  and line = $3
  and coalesce(link_sequence, -1) < $5
returning held.closed_at
"""

# the first condition is that of the index; of orders that are refunded in part only some have a unit to be paid
UNPAID = """
select tenant, order_id
from orders
where (state in ('open', 'partly_paid') or (state = 'partly_refunded' and closed_at is null))
  and pay_until <= $1
  and exists (
    select
    from units
    where units.tenant = orders.tenant
      and units.order_id = orders.order_id
      and paid_at is null
      and refunded_at is null
      and cancelled_at is null
  )
order by pay_until
limit 100
for update of orders skip locked
"""


class Link(Enum):
    """What became of news of a link: an order that is closed already must then be looked at again."""

    AS_IT_WAS = auto()
    KEPT = auto()
    KEPT_OF_CLOSED = auto()


@dataclass(frozen=True, slots=True)
class Order:
    """An order as stored: what was agreed when it was placed, and what has become of its lines and units."""

    placed: OrderPlaced
    state: str
    coupon: UUID | None
    withdrawal_end: datetime
    closed_at: datetime | None
    contact_until: datetime | None
    lines: tuple[Line, ...]
    links: tuple[datetime, ...]
    units: tuple[Unit, ...]


async def number(tx: Tx) -> int:
    """The next order number; a transaction that fails leaves a gap."""
    return await tx.value(NUMBER)


async def add(
    tx: Tx, placed: OrderPlaced, coupon: UUID | None, withdrawal_end: datetime, units: Sequence[Unit]
) -> None:
    """Keep a new order with its lines, units and the statements made with it, in one statement."""
    totals = placed.totals
    await tx.execute(
        ADD,
        placed.tenant,
        placed.order,
        placed.order_number,
        placed.customer,
        placed.customer_type,
        placed.channel,
        placed.market,
        placed.seller,
        placed.language,
        placed.payment_method,
        coupon,
        totals.currency,
        totals.net,
        totals.tax,
        totals.gross,
        placed.ordered_at,
        placed.pay_until,
        withdrawal_end,
        placed.model_dump_json(),
        [line.line for line in placed.lines],
        [line.deliver_from for line in placed.lines],
        [line.model_dump_json() for line in placed.lines],
        [unit.line for unit in units],
        [unit.unit for unit in units],
        [unit.amount.net for unit in units],
        [unit.amount.tax for unit in units],
        [unit.amount.gross for unit in units],
        [unit.fulfilment for unit in units],
        [said.kind for said in placed.consents],
        [said.version for said in placed.consents],
        [said.text for said in placed.consents],
    )


async def find(tx: Tx, tenant: str, order: UUID) -> Order | None:
    """An order, for reading."""
    row = await tx.row(SELECT, tenant, order)
    return None if row is None else _order(row)


async def lock(tx: Tx, tenant: str, order: UUID) -> Order | None:
    """An order that nobody else changes meanwhile."""
    await tx.execute(LOCK, tenant, order)
    return await find(tx, tenant, order)


def keep(
    tx: Tx, order: Order, units: Sequence[Unit], state: str, closed_at: datetime | None, contact_until: datetime | None
) -> None:
    """Keep the dates of these units of a locked order, and what follows from all of its units."""
    tx.note(
        KEEP,
        order.placed.tenant,
        order.placed.order,
        [unit.unit for unit in units],
        [unit.paid_at for unit in units],
        [unit.delivered_at for unit in units],
        [unit.refunded_at for unit in units],
        [unit.cancelled_at for unit in units],
        state,
        closed_at,
        contact_until,
    )


async def release(tx: Tx, tenant: str, order: UUID, lines: Sequence[UUID], at: datetime) -> list[UUID]:
    """Let lines be delivered earlier; those that are."""
    return [row["line"] for row in await tx.fetch(RELEASE, tenant, order, lines, at)]


async def set_link(tx: Tx, tenant: str, order: UUID, line: UUID, until: datetime, sequence: int) -> Link:
    """Keep until when a line's link lives, unless something later is known or nothing of the line."""
    row = await tx.row(SET_LINK, tenant, order, line, until, sequence)
    if row is None:
        return Link.AS_IT_WAS
    return Link.KEPT if row["closed_at"] is None else Link.KEPT_OF_CLOSED


async def unpaid(tx: Tx, now: datetime) -> list[tuple[str, UUID]]:
    """Orders of which something is unpaid when the time to pay has ended, locked, at most 100."""
    return [(row["tenant"], row["order_id"]) for row in await tx.fetch(UNPAID, now)]


def _order(row: Any) -> Order:
    return Order(
        placed=OrderPlaced.model_validate_json(row["placed"]),
        state=row["state"],
        coupon=row["coupon"],
        withdrawal_end=row["withdrawal_end"],
        closed_at=row["closed_at"],
        contact_until=row["contact_until"],
        lines=tuple(_line(*line) for line in row["lines"]),
        links=tuple(until for _, until, _ in row["lines"] if until is not None),
        units=tuple(_unit(*unit) for unit in row["units"]),
    )


def _line(deliver_from: datetime | None, _: datetime | None, facts: str) -> Line:
    return Line.model_validate_json(facts).model_copy(update={"deliver_from": deliver_from})


def _unit(unit: UUID, line: UUID, net: int, tax: int, gross: int, fulfilment: str, *dates: datetime | None) -> Unit:
    return Unit(unit, line, Taxed(net, tax, gross), fulfilment, *dates)
