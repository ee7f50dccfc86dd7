"""Paid units: who waits for a key, and what became of whom."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from chassis.db import Read, Tx
from contracts.event import SubjectKey
from contracts.shared import SaleHeader

from licensing.domain.stock import Purchase, Unit


@dataclass(frozen=True, slots=True)
class WaitingUnit:
    """A unit without a key, with the header of its sale's events and the key to seal to."""

    unit: Unit
    header: SaleHeader
    contact: SubjectKey
    traceparent: str | None


ADD = """
insert into units
  (tenant, order_id, id, line_id, position, sku, key_source, key_prefix, keys_per, paid_at, paid_sequence, release_at,
   state, license_id, fingerprint, tail, license_key, issued_at, devices)
select paid.tenant, paid.order_id, paid.id, paid.line_id, paid.position, paid.sku, paid.key_source, paid.key_prefix,
       paid.keys_per, paid.paid_at, paid.paid_sequence, least(coalesce(paid.deliver_from, $2), releases.release_at),
       case when refunds.unit_id is not null then 'refunded' when known.unit_id is not null then 'issued'
            when $3 then 'waiting' else 'past' end,
       known.license_id, known.fingerprint, known.tail, known.license_key, known.issued_at,
       case when known.unit_id is not null then stocks.devices end
from jsonb_to_recordset($1::jsonb) as paid
  (tenant text, order_id uuid, id uuid, line_id uuid, position integer, sku text, key_source text, key_prefix text,
   keys_per text, paid_at timestamptz, paid_sequence bigint, deliver_from timestamptz)
left join releases
  on releases.tenant = paid.tenant and releases.order_id = paid.order_id and releases.line_id = paid.line_id
left join taken_back as known
  on known.tenant = paid.tenant and known.order_id = paid.order_id and known.unit_id = paid.id
left join stocks on stocks.tenant = paid.tenant and stocks.sku = paid.sku
left join refunds on refunds.tenant = paid.tenant and refunds.order_id = paid.order_id and refunds.unit_id = paid.id
on conflict (tenant, order_id, id) do nothing
"""


async def add(tx: Tx, units: Sequence[dict[str, Any]]) -> None:
    """Add newly paid units, released, refunded or merely past as they are; a known unit stays as it is."""
    await tx.execute(ADD, orjson.dumps(units, default=str).decode(), tx.now, tx.effects)


COLUMNS = """
select units.tenant, units.order_id, units.id, units.line_id, units.position, units.sku, units.key_source,
       units.key_prefix, units.keys_per, units.paid_at, units.paid_sequence, units.state, orders.channel, orders.market,
       orders.seller, orders.order_number, orders.ordered_at, orders.contact_key, orders.contact_public,
       orders.traceparent
from units
join orders on orders.tenant = units.tenant and orders.id = units.order_id
"""

LOCK_WAITING = f"""
{COLUMNS}
where units.state = 'waiting'
  and units.release_at <= $1
  and units.keys_per = 'unit'
order by units.paid_at, units.paid_sequence, units.order_id, units.position
limit $2
for update of units skip locked
"""

# Who shares a key is locked together with its order: one replica at a time gives keys to a purchase.
LOCK_WAITING_SHARED = f"""
{COLUMNS}
where units.state = 'waiting'
  and units.release_at <= $1
  and units.keys_per <> 'unit'
order by units.paid_at, units.paid_sequence, units.order_id, units.position
limit $2
for update of orders, units skip locked
"""


async def lock_waiting(tx: Tx, at: datetime, limit: int) -> list[WaitingUnit]:
    """Lock units that are paid, released and not handled yet, of all tenants, in the order of payment."""
    return await _first(tx, (LOCK_WAITING, LOCK_WAITING_SHARED), at, limit=limit)


LOCK_BACKORDERED = f"""
{COLUMNS}
where units.tenant = $1
  and units.sku = $2
  and units.state = 'backordered'
  and units.keys_per = 'unit'
order by units.paid_at, units.paid_sequence, units.order_id, units.position
limit $3
for update of units skip locked
"""

LOCK_BACKORDERED_SHARED = f"""
{COLUMNS}
where units.tenant = $1
  and units.sku = $2
  and units.state = 'backordered'
  and units.keys_per <> 'unit'
order by units.paid_at, units.paid_sequence, units.order_id, units.position
limit $3
for update of orders, units skip locked
"""


async def lock_backordered(tx: Tx, tenant: str, sku: str, limit: int) -> list[WaitingUnit]:
    """Lock units that wait for a refill, in the order of payment."""
    return await _first(tx, (LOCK_BACKORDERED, LOCK_BACKORDERED_SHARED), tenant, sku, limit=limit)


LOCK_LINES = f"""
{COLUMNS}
join unnest($2::text[], $3::uuid[], $4::uuid[]) as purchase (tenant, order_id, line_id)
  on purchase.tenant = units.tenant and purchase.order_id = units.order_id and purchase.line_id = units.line_id
where units.state = 'backordered'
   or (units.state = 'waiting' and units.release_at <= $1)
order by units.paid_at, units.paid_sequence, units.order_id, units.position
for update of units
"""


async def lock_lines(tx: Tx, at: datetime, lines: Iterable[Purchase]) -> list[WaitingUnit]:
    """Lock all units of these purchases that lack a key and may have it; their orders are locked already."""
    return [_waiting(row) for row in await tx.fetch(LOCK_LINES, at, *columns(lines))]


BACKORDER = """
update units
set state = 'backordered'
from unnest($1::text[], $2::uuid[], $3::uuid[]) as short (tenant, order_id, id)
where units.tenant = short.tenant
  and units.order_id = short.order_id
  and units.id = short.id
"""


async def backorder(tx: Tx, units: Sequence[Unit]) -> None:
    """Let units wait for a refill."""
    keys = [[getattr(unit, name) for unit in units] for name in ("tenant", "order_id", "id")]
    await tx.execute(BACKORDER, *keys)


# A unit that was taken back is called revoked only when nobody shares its key any more: until then the key counts.
OF_ORDER = """
select id as unit, line_id as line, sku, license_id as license, tail, issued_at, devices as device_limit,
       case when state = 'revoked' and shared then 'refunded' else state end as state,
       case when not shared then revoked_at end as revoked_at
from (
  select id, line_id, sku, license_id, tail, issued_at, devices, state, revoked_at, paid_at, paid_sequence, position,
         bool_or(state = 'issued') over (partition by license_id) as shared
  from units
  where tenant = $1
    and order_id = $2
) as known
order by paid_at, paid_sequence, position
"""


async def of_order(read: Read, tenant: str, order_id: UUID) -> list[dict[str, Any]]:
    """Return the units of an order and what became of them."""
    return [dict(row) for row in await read.fetch(OF_ORDER, tenant, order_id)]


OF_ENDING = """
select order_id as "order", sku, license_id as license, tail, issued_at,
       case when bool_or(state = 'issued') then 'issued' else min(state) end as state
from units
where tenant = $1
  and upper(tail) = upper($2)
  and license_id is not null
group by order_id, sku, license_id, tail, issued_at
order by issued_at desc, license_id
limit $3
"""


async def of_ending(read: Read, tenant: str, end: str, limit: int) -> list[dict[str, Any]]:
    """Return the newest keys that end in these characters, in capitals or not."""
    return [dict(row) for row in await read.fetch(OF_ENDING, tenant, end, limit)]


COUNTS = """
select count(*) filter (where fingerprint is not null) as issued,
       count(distinct case when keys_per = 'unit' then id else line_id end)
         filter (where state = 'backordered') as backordered,
       count(distinct case when keys_per = 'unit' then id else line_id end)
         filter (where state = 'waiting') as waiting
from units
where tenant = $1
  and sku = $2
"""


async def counts(read: Read, tenant: str, sku: str) -> dict[str, int]:
    """Return how many keys of a SKU were issued, are out of stock, or wait; a purchase that shares one counts once."""
    row = await read.row(COUNTS, tenant, sku)
    return dict(row) if row is not None else {}


BACKORDERED = """
select sku, count(distinct case when keys_per = 'unit' then id else line_id end) as backordered,
       count(distinct order_id) as orders
from units
where tenant = $1
  and state = 'backordered'
group by sku
order by sku
"""


async def backordered(read: Read, tenant: str) -> list[dict[str, Any]]:
    """Return for which SKUs customers wait for keys, how many of them, and of how many orders."""
    return [dict(row) for row in await read.fetch(BACKORDERED, tenant)]


SHORT = """
select tenant, sku, count(distinct order_id) as orders
from units
where state = 'backordered'
group by tenant, sku
order by min(paid_at), tenant, sku
limit 10
"""


async def out_of_stock(read: Read) -> list[tuple[str, str, int]]:
    """Return tenant, SKU and number of orders of what is paid and has no key, of those that wait longest."""
    return [(row["tenant"], row["sku"], row["orders"]) for row in await read.fetch(SHORT)]


def _waiting(row: Any) -> WaitingUnit:
    facts = dict(row)
    contact = SubjectKey(key=facts.pop("contact_key"), public=facts.pop("contact_public"))
    traceparent = facts.pop("traceparent")
    header = {name: facts.pop(name) for name in ("channel", "market", "seller", "order_number", "ordered_at")}
    unit = Unit(**facts)
    return WaitingUnit(unit, SaleHeader(tenant=unit.tenant, order=unit.order_id, **header), contact, traceparent)


async def _first(tx: Tx, statements: Sequence[str], *arguments: Any, limit: int) -> list[WaitingUnit]:
    """Lock the first of what several statements find, in the order of payment."""
    found = [_waiting(row) for statement in statements for row in await tx.fetch(statement, *arguments, limit)]
    return sorted(found, key=lambda waiting: waiting.unit.turn)[:limit]


def columns(lines: Iterable[Purchase]) -> list[list[Any]]:
    """Return these purchases as columns."""
    known = sorted(set(lines))
    return [[line[column] for line in known] for column in range(3)]
