"""Orders, their lines and units."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Tx
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
)
insert into units (tenant, order_id, line, unit, place, net, tax, gross, fulfilment)
select $1, $2, line, unit, place, net, tax, gross, fulfilment
from unnest($23::uuid[], $24::uuid[], $25::bigint[], $26::bigint[], $27::bigint[], $28::text[]) with ordinality
  as said (line, unit, net, tax, gross, fulfilment, place)
"""

NUMBER = """
select nextval('order_numbers')
"""

HEAD = """
select order_id, placed, state, coupon, withdrawal_end, closed_at, contact_until
from orders
where tenant = $1
  and order_id = $2
"""

LOCK = HEAD + "for update"

UNITS = """
select unit, line, net, tax, gross, fulfilment, paid_at, delivered_at, refunded_at, cancelled_at
from units
where tenant = $1
  and order_id = $2
order by place
"""

LINES = """
select line, deliver_from, link_until, facts
from lines
where tenant = $1
  and order_id = $2
order by place
"""

MARK = """
update units
set {column} = $4
where tenant = $1
  and order_id = $2
  and unit = any($3::uuid[])
  and {column} is null
"""

MARK_PAID = MARK.format(column="paid_at")
MARK_DELIVERED = MARK.format(column="delivered_at")
MARK_REFUNDED = MARK.format(column="refunded_at")
MARK_CANCELLED = MARK.format(column="cancelled_at")

SET_STATE = """
update orders
set state = $3, closed_at = $4, contact_until = $5
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

SET_LINK = """
update lines
set link_until = $4, link_sequence = $5
where tenant = $1
  and order_id = $2
  and line = $3
  and coalesce(link_sequence, -1) < $5
returning line
"""

UNPAID = """
select tenant, order_id
from orders
where state = 'open'
  and pay_until <= $1
order by pay_until
limit 100
for update skip locked
"""


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
    """Keep a new order with its lines and units, in one statement."""
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
    )


async def find(tx: Tx, tenant: str, order: UUID) -> Order | None:
    """An order, for reading."""
    return await _load(tx, tenant, order, HEAD)


async def lock(tx: Tx, tenant: str, order: UUID) -> Order | None:
    """An order that nobody else changes meanwhile."""
    return await _load(tx, tenant, order, LOCK)


async def mark_paid(tx: Tx, tenant: str, order: UUID, units: Sequence[UUID], at: datetime) -> None:
    """The money for these units is in."""
    await tx.execute(MARK_PAID, tenant, order, units, at)


async def mark_delivered(tx: Tx, tenant: str, order: UUID, units: Sequence[UUID], at: datetime) -> None:
    """These units are with the customer."""
    await tx.execute(MARK_DELIVERED, tenant, order, units, at)


async def mark_refunded(tx: Tx, tenant: str, order: UUID, units: Sequence[UUID], at: datetime) -> None:
    """These units are taken back."""
    await tx.execute(MARK_REFUNDED, tenant, order, units, at)


async def mark_cancelled(tx: Tx, tenant: str, order: UUID, units: Sequence[UUID], at: datetime) -> None:
    """These units will not be paid."""
    await tx.execute(MARK_CANCELLED, tenant, order, units, at)


async def set_state(
    tx: Tx, tenant: str, order: UUID, state: str, closed_at: datetime | None, contact_until: datetime | None
) -> None:
    """Keep what follows from the units."""
    await tx.execute(SET_STATE, tenant, order, state, closed_at, contact_until)


async def release(tx: Tx, tenant: str, order: UUID, lines: Sequence[UUID], at: datetime) -> list[UUID]:
    """Let lines be delivered earlier; those that are."""
    return [row["line"] for row in await tx.fetch(RELEASE, tenant, order, lines, at)]


async def set_link(tx: Tx, tenant: str, order: UUID, line: UUID, until: datetime, sequence: int) -> bool:
    """Keep until when a line's link lives, unless something later is known."""
    return await tx.value(SET_LINK, tenant, order, line, until, sequence) is not None


async def unpaid(tx: Tx, now: datetime) -> list[tuple[str, UUID]]:
    """Orders whose time to pay has ended, locked, at most 100."""
    return [(row["tenant"], row["order_id"]) for row in await tx.fetch(UNPAID, now)]


async def _load(tx: Tx, tenant: str, order: UUID, head: str) -> Order | None:
    row = await tx.row(head, tenant, order)
    if row is None:
        return None
    lines = await tx.fetch(LINES, tenant, order)
    return Order(
        placed=OrderPlaced.model_validate_json(row["placed"]),
        state=row["state"],
        coupon=row["coupon"],
        withdrawal_end=row["withdrawal_end"],
        closed_at=row["closed_at"],
        contact_until=row["contact_until"],
        lines=tuple(_line(line) for line in lines),
        links=tuple(line["link_until"] for line in lines if line["link_until"] is not None),
        units=tuple(_unit(unit) for unit in await tx.fetch(UNITS, tenant, order)),
    )


def _line(row: Any) -> Line:
    return Line.model_validate_json(row["facts"]).model_copy(update={"deliver_from": row["deliver_from"]})


def _unit(row: Any) -> Unit:
    facts = dict(row)
    amount = Taxed(facts.pop("net"), facts.pop("tax"), facts.pop("gross"))
    return Unit(amount=amount, **facts)
