"""Orders, their lines and units."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from chassis.db import Read, Tx
from contracts.orders import Consent, Line, OrderPlaced

from orders.domain.money import Taxed
from orders.domain.order import Link, Order, OrderState
from orders.domain.repayment import Repayment
from orders.domain.unit import Unit

Key = tuple[str, UUID]


@dataclass(frozen=True, slots=True)
class StoredOrder:
    """An order as stored: what was agreed when it was placed, and what has become of it; `consents` are all by now."""

    placed: OrderPlaced
    order: Order
    lines: tuple[Line, ...]
    coupon_id: UUID | None
    consents: tuple[Consent, ...] = ()


# The number is drawn here because a sequence holds nobody up, and gives it back to nobody: there may be gaps.
ADD = """
with drawn as (
  select nextval(order_numbers_of($1::jsonb ->> 'tenant', $1::jsonb ->> 'seller')::regclass)::text as number
), placed as materialized (
  select $1::jsonb || jsonb_build_object('order_number', coalesce(
           nullif($1::jsonb ->> 'order_number', ''), $11::text || lpad(number, greatest(6, length(number)), '0')
         )) as event
  from drawn
), added_order as (
  insert into orders
    (tenant, id, number, customer_id, organisation_id, customer_type, channel, market, seller, payment_method,
     coupon_id, currency, net, tax, gross, ordered_at, lapses_at, withdrawal_end, claim_window, state, placed)
  select facts.tenant, facts."order", order_number, customer, organisation, customer_type, channel, market, seller,
         payment_method, $2, totals ->> 'currency', (totals ->> 'net')::bigint, (totals ->> 'tax')::bigint,
         (totals ->> 'gross')::bigint, ordered_at, $12, $3, $4, 'open', event
  from placed, jsonb_to_record(event) as facts (
    tenant text, "order" uuid, order_number text, customer uuid, organisation uuid, customer_type text, channel text,
    market text, seller text, payment_method text, totals jsonb, ordered_at timestamptz
  )
), added_lines as (
  insert into lines (tenant, order_id, id, position, deliver_from, details)
  select event ->> 'tenant', (event ->> 'order')::uuid, (details ->> 'line')::uuid, position,
         (details ->> 'deliver_from')::timestamptz, details
  from placed, jsonb_array_elements(event -> 'lines') with ordinality as line (details, position)
), added_consents as (
  insert into consents (tenant, order_id, kind, version, language, text, given_at)
  select event ->> 'tenant', (event ->> 'order')::uuid, kind, version, language, text, given_at
  from placed, jsonb_to_recordset(event -> 'consents') as consent
    (kind text, version text, language text, text text, given_at timestamptz)
), added_units as (
  insert into units (tenant, order_id, id, line_id, position, net, tax, gross, fulfilment)
  select event ->> 'tenant', (event ->> 'order')::uuid, id, line_id, position, net, tax, gross, fulfilment
  from placed, unnest($5::uuid[], $6::uuid[], $7::bigint[], $8::bigint[], $9::bigint[], $10::text[]) with ordinality
    as unit (id, line_id, net, tax, gross, fulfilment, position)
)
select event ->> 'order_number'
from placed
"""


async def add(tx: Tx, new: StoredOrder, numbered: str) -> StoredOrder:
    """Add an order with its lines, units and the statements made with it, by one statement.

    Returns it with its number: that of its event, else `numbered` and the next of its seller; some may be left out.
    """
    units = new.order.units
    number = await tx.value(
        ADD,
        new.placed.model_dump_json(),
        new.coupon_id,
        new.order.withdrawal_end,
        new.order.claim_window,
        [unit.id for unit in units],
        [unit.line_id for unit in units],
        [unit.amount.net for unit in units],
        [unit.amount.tax for unit in units],
        [unit.amount.gross for unit in units],
        [unit.fulfilment for unit in units],
        numbered,
        new.order.lapses_at,
    )
    return replace(new, placed=new.placed.model_copy(update={"order_number": number}))


SELECT = """
select orders.tenant, orders.id, placed, state, coupon_id, withdrawal_end, claim_window, lapses_at, closed_at,
       contact_until, confirmed_at,
       array(
         select row(deliver_from, link_until, coalesce(link_sequence, -1), details)
         from lines
         where lines.tenant = orders.tenant
           and lines.order_id = orders.id
         order by position
       ) as lines,
       array(
         select row(id, line_id, net, tax, gross, fulfilment, paid_at, delivered_at, refunded_at, cancelled_at,
                    bounced_at, given_up_at, granted_at)
         from units
         where units.tenant = orders.tenant
           and units.order_id = orders.id
         order by position
       ) as units,
       array(
         select row(id, amount, currency, unit_ids)
         from repayments
         where repayments.tenant = orders.tenant
           and repayments.order_id = orders.id
         order by id
       ) as repayments,
       array(
         select row(kind, text, version, language, given_at)
         from consents
         where consents.tenant = orders.tenant
           and consents.order_id = orders.id
         order by kind
       ) as consents
from unnest($1::text[], $2::uuid[]) as wanted (tenant, id)
join orders on orders.tenant = wanted.tenant and orders.id = wanted.id
"""


async def find(read: Read, tenant: str, order_id: UUID) -> StoredOrder | None:
    """Return an order, for reading."""
    rows = await read.fetch(SELECT, [tenant], [order_id])
    return _stored(rows[0]) if rows else None


# on its own, because a statement that waits for a lock still sees the lines and units of before
LOCK = """
select
from unnest($1::text[], $2::uuid[]) as wanted (tenant, id)
join orders on orders.tenant = wanted.tenant and orders.id = wanted.id
order by orders.tenant, orders.id
for update of orders
"""


async def lock(tx: Tx, keys: Iterable[Key]) -> dict[Key, StoredOrder]:
    """Return those of these orders that exist; nobody else changes them before the transaction ends."""
    wanted = sorted(set(keys))
    tenants, ids = [tenant for tenant, _ in wanted], [order_id for _, order_id in wanted]
    await tx.execute(LOCK, tenants, ids)
    return {(row["tenant"], row["id"]): _stored(row) for row in await tx.fetch(SELECT, tenants, ids)}


SAVE = """
with saved_units as (
  update units
  set paid_at = saved.paid_at, delivered_at = saved.delivered_at, refunded_at = saved.refunded_at,
      cancelled_at = saved.cancelled_at, bounced_at = saved.bounced_at, given_up_at = saved.given_up_at,
      granted_at = saved.granted_at
  from jsonb_to_recordset($2::jsonb) as saved
    (tenant text, order_id uuid, id uuid, paid_at timestamptz, delivered_at timestamptz, refunded_at timestamptz,
     cancelled_at timestamptz, bounced_at timestamptz, given_up_at timestamptz, granted_at timestamptz)
  where units.tenant = saved.tenant
    and units.order_id = saved.order_id
    and units.id = saved.id
), saved_links as (
  update lines
  set link_until = saved.until, link_sequence = saved.sequence
  from jsonb_to_recordset($3::jsonb) as saved
    (tenant text, order_id uuid, line_id uuid, until timestamptz, sequence bigint)
  where lines.tenant = saved.tenant
    and lines.order_id = saved.order_id
    and lines.id = saved.line_id
), saved_repayments as (
  insert into repayments (tenant, id, order_id, amount, currency, unit_ids)
  select tenant, id, order_id, amount, currency, unit_ids
  from jsonb_to_recordset($4::jsonb) as saved
    (tenant text, order_id uuid, id uuid, amount bigint, currency text, unit_ids uuid[])
  on conflict (tenant, id) do update
  set unit_ids = excluded.unit_ids
)
update orders
set state = saved.state, closed_at = saved.closed_at, contact_until = saved.contact_until,
    lapses_at = saved.lapses_at, confirmed_at = saved.confirmed_at
from jsonb_to_recordset($1::jsonb) as saved
  (tenant text, id uuid, state text, closed_at timestamptz, contact_until timestamptz, lapses_at timestamptz,
   confirmed_at timestamptz)
where orders.tenant = saved.tenant
  and orders.id = saved.id
"""


async def save(tx: Tx, changes: Sequence[tuple[Order, Order]]) -> None:
    """Save what has become of locked orders, each given as it was and as it is, by one statement."""
    if not changes:
        return
    orders: list[dict[str, Any]] = []
    units: list[dict[str, Any]] = []
    links: list[dict[str, Any]] = []
    repayments: list[dict[str, Any]] = []
    for before, after in changes:
        orders.append(_order_row(after))
        of = {"tenant": after.tenant, "order_id": after.id}
        units += [of | _unit_row(unit) for unit in after.units if unit not in before.units]
        links += [of | asdict(link) for link in after.links if link not in before.links]
        repayments += [of | asdict(one) for one in after.repayments if one not in before.repayments]
    # asyncpg gives UUIDs of a class of its own
    await tx.execute(SAVE, *(orjson.dumps(rows, default=str).decode() for rows in (orders, units, links, repayments)))


def _order_row(order: Order) -> dict[str, Any]:
    names = ("tenant", "id", "state", "closed_at", "contact_until", "lapses_at", "confirmed_at")
    return {name: getattr(order, name) for name in names}


def _unit_row(unit: Unit) -> dict[str, Any]:
    dates = ("paid_at", "delivered_at", "refunded_at", "cancelled_at", "bounced_at", "given_up_at", "granted_at")
    return {name: getattr(unit, name) for name in ("id", *dates)}


RELEASE = """
update lines
set deliver_from = $3
where tenant = $1
  and order_id = $2
  and deliver_from > $3
returning id
"""


async def release(tx: Tx, tenant: str, order_id: UUID, at: datetime) -> list[UUID]:
    """Let the lines of an order be delivered from now on; returns those that would have been later."""
    return [row["id"] for row in await tx.fetch(RELEASE, tenant, order_id, at)]


# the first condition is that of the index; of orders that are refunded in part only some have a unit to be paid
UNPAID = """
select tenant, id
from orders
where (state in ('open', 'partly_paid') or (state = 'partly_refunded' and closed_at is null))
  and lapses_at <= $1
  and exists (
    select
    from units
    where units.tenant = orders.tenant
      and units.order_id = orders.id
      and paid_at is null
      and refunded_at is null
      and cancelled_at is null
  )
order by lapses_at
limit 100
for update of orders skip locked
"""


async def unpaid(tx: Tx, now: datetime) -> list[Key]:
    """Return orders of which something is unpaid when their time has ended, locked, at most 100."""
    return [(row["tenant"], row["id"]) for row in await tx.fetch(UNPAID, now)]


def _stored(row: Any) -> StoredOrder:
    placed = OrderPlaced.model_validate_json(row["placed"])
    lines = [Line.model_validate_json(details) for *_, details in row["lines"]]
    order = Order(
        tenant=row["tenant"],
        id=row["id"],
        gross=placed.totals.gross,
        currency=placed.totals.currency,
        withdrawal_end=row["withdrawal_end"],
        claim_window=row["claim_window"],
        lapses_at=row["lapses_at"],
        units=tuple(_unit(*unit) for unit in row["units"]),
        links=tuple(
            Link(line.line, until, sequence) for line, (_, until, sequence, _) in zip(lines, row["lines"], strict=True)
        ),
        repayments=tuple(
            Repayment(id_, amount, currency, tuple(ids)) for id_, amount, currency, ids in row["repayments"]
        ),
        state=OrderState(row["state"]),
        closed_at=row["closed_at"],
        contact_until=row["contact_until"],
        confirmed_at=row["confirmed_at"],
    )
    dated = (
        line.model_copy(update={"deliver_from": deliver_from})
        for line, (deliver_from, *_) in zip(lines, row["lines"], strict=True)
    )
    names = ("kind", "text", "version", "language", "given_at")
    consents = (Consent.model_validate(dict(zip(names, consent, strict=True))) for consent in row["consents"])
    return StoredOrder(placed, order, tuple(dated), row["coupon_id"], tuple(consents))


def _unit(id_: UUID, line_id: UUID, net: int, tax: int, gross: int, fulfilment: str, *dates: datetime | None) -> Unit:
    return Unit(id_, line_id, Taxed(net, tax, gross), fulfilment, *dates)
