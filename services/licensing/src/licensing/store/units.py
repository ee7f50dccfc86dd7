"""Paid units: who waits for a key, and what became of whom."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Tx
from contracts.event import SubjectKey
from contracts.orders import Line

from licensing.domain.stock import Unit

# the tenant, order and line whose units share a key
Purchase = tuple[str, UUID, UUID]

ADD = """
insert into units
  (tenant, order_id, unit, line, place, sku, key_source, key_prefix, keys_per, paid_at, paid_sequence, release_at,
   state)
select $1, $2, said.unit, said.line, said.place, said.sku, said.key_source, said.key_prefix, said.keys_per, $3, $4,
       least(coalesce(said.deliver_from, $5), releases.release_at),
       case when refunds.unit is not null then 'refunded' when $6 then 'waiting' else 'past' end
from unnest($7::uuid[], $8::uuid[], $9::text[], $10::text[], $11::text[], $12::text[],
            $13::timestamptz[]) with ordinality
  as said (unit, line, sku, key_source, key_prefix, keys_per, deliver_from, place)
left join releases on releases.tenant = $1 and releases.order_id = $2 and releases.line = said.line
left join refunds on refunds.tenant = $1 and refunds.order_id = $2 and refunds.unit = said.unit
on conflict (tenant, order_id, unit) do nothing
"""

COLUMNS = """
select units.tenant, units.order_id, units.unit, units.line, units.place, units.sku, units.key_source,
       units.key_prefix, units.keys_per, units.paid_at, units.paid_sequence, units.state, orders.channel, orders.market,
       orders.seller, orders.order_number, orders.ordered_at, orders.contact_key, orders.contact_public,
       orders.traceparent
from units
join orders on orders.tenant = units.tenant and orders.order_id = units.order_id
"""

LOCK_WAITING = f"""
{COLUMNS}
where units.state = 'waiting'
  and units.release_at <= $1
  and units.keys_per = 'unit'
order by units.paid_at, units.paid_sequence, units.order_id, units.place
limit $2
for update of units skip locked
"""

# Who shares a key is locked together with its order: one replica at a time gives keys to a purchase.
LOCK_WAITING_SHARED = f"""
{COLUMNS}
where units.state = 'waiting'
  and units.release_at <= $1
  and units.keys_per <> 'unit'
order by units.paid_at, units.paid_sequence, units.order_id, units.place
limit $2
for update of orders, units skip locked
"""

LOCK_BACKORDERED = f"""
{COLUMNS}
where units.tenant = $1
  and units.sku = $2
  and units.state = 'backordered'
  and units.keys_per = 'unit'
order by units.paid_at, units.paid_sequence, units.order_id, units.place
limit $3
for update of units skip locked
"""

LOCK_BACKORDERED_SHARED = f"""
{COLUMNS}
where units.tenant = $1
  and units.sku = $2
  and units.state = 'backordered'
  and units.keys_per <> 'unit'
order by units.paid_at, units.paid_sequence, units.order_id, units.place
limit $3
for update of orders, units skip locked
"""

LOCK_LINES = f"""
{COLUMNS}
join unnest($2::text[], $3::uuid[], $4::uuid[]) as said (tenant, order_id, line)
  on said.tenant = units.tenant and said.order_id = units.order_id and said.line = units.line
where units.state = 'backordered'
   or (units.state = 'waiting' and units.release_at <= $1)
order by units.paid_at, units.paid_sequence, units.order_id, units.place
for update of units
"""

BACKORDER = """
update units
set state = 'backordered'
from unnest($1::text[], $2::uuid[], $3::uuid[]) as said (tenant, order_id, unit)
where units.tenant = said.tenant
  and units.order_id = said.order_id
  and units.unit = said.unit
"""

# A unit that was taken back is called revoked only when nobody shares its key any more: until then the key counts.
OF_ORDER = """
select unit, line, sku, license, tail, issued_at,
       case when state = 'revoked' and shared then 'refunded' else state end as state,
       case when not shared then revoked_at end as revoked_at
from (
  select unit, line, sku, license, tail, issued_at, state, revoked_at, paid_at, paid_sequence, place,
         bool_or(state = 'issued') over (partition by license) as shared
  from units
  where tenant = $1
    and order_id = $2
) as known
order by paid_at, paid_sequence, place
"""

COUNTS = """
select count(*) filter (where fingerprint is not null) as issued,
       count(distinct case when keys_per = 'unit' then unit else line end)
         filter (where state = 'backordered') as backordered,
       count(distinct case when keys_per = 'unit' then unit else line end)
         filter (where state = 'waiting') as waiting
from units
where tenant = $1
  and sku = $2
"""


@dataclass(frozen=True, slots=True)
class Due:
    """A unit whose turn has come, with the header of its story and the key to seal to."""

    unit: Unit
    header: dict[str, Any]
    contact: SubjectKey
    traceparent: str | None


async def add(
    tx: Tx, tenant: str, order: UUID, paid_at: datetime, sequence: int, lines: Sequence[Line], *, effects: bool
) -> None:
    """Keep newly paid units, released, refunded or merely past as they are; a known unit stays as it is."""
    each = [(unit, line) for line in lines for unit in line.units]
    await tx.execute(
        ADD,
        tenant,
        order,
        paid_at,
        sequence,
        tx.now,
        effects,
        [unit for unit, _ in each],
        [line.line for _, line in each],
        [line.sku for _, line in each],
        [line.key_source for _, line in each],
        [line.key_prefix for _, line in each],
        [line.keys_per for _, line in each],
        [line.deliver_from for _, line in each],
    )


async def lock_waiting(tx: Tx, at: datetime, limit: int) -> list[Due]:
    """Units that are paid, released and not looked at yet, of all tenants, in the order of payment."""
    return await _first(tx, (LOCK_WAITING, LOCK_WAITING_SHARED), at, limit=limit)


async def lock_backordered(tx: Tx, tenant: str, sku: str, limit: int) -> list[Due]:
    """Units that wait for a refill, in the order of payment."""
    return await _first(tx, (LOCK_BACKORDERED, LOCK_BACKORDERED_SHARED), tenant, sku, limit=limit)


async def lock_lines(tx: Tx, at: datetime, lines: Iterable[Purchase]) -> list[Due]:
    """All units of these tenants' orders' lines that lack a key and may have it; the orders are locked already."""
    return [_due(row) for row in await tx.fetch(LOCK_LINES, at, *columns(lines))]


async def backorder(tx: Tx, units: Sequence[Unit]) -> None:
    """Let units wait for a refill."""
    keys = [[getattr(unit, name) for unit in units] for name in ("tenant", "order_id", "unit")]
    await tx.execute(BACKORDER, *keys)


async def of_order(tx: Tx, tenant: str, order: UUID) -> list[dict[str, Any]]:
    """The units of an order and what became of them."""
    return [dict(row) for row in await tx.fetch(OF_ORDER, tenant, order)]


async def counts(tx: Tx, tenant: str, sku: str) -> dict[str, int]:
    """How many keys of a SKU were given, are out of stock, or wait; a purchase that shares one counts once."""
    row = await tx.row(COUNTS, tenant, sku)
    return dict(row) if row is not None else {}


def _due(row: Any) -> Due:
    facts = dict(row)
    contact = SubjectKey(key=facts.pop("contact_key"), public=facts.pop("contact_public"))
    traceparent = facts.pop("traceparent")
    header = {name: facts.pop(name) for name in ("channel", "market", "seller", "order_number", "ordered_at")}
    unit = Unit(**facts)
    return Due(unit, header | {"tenant": unit.tenant, "order": unit.order_id}, contact, traceparent)


async def _first(tx: Tx, statements: Sequence[str], *arguments: Any, limit: int) -> list[Due]:
    """The first of what several statements lock, in the order of payment."""
    found = [_due(row) for statement in statements for row in await tx.fetch(statement, *arguments, limit)]
    return sorted(found, key=lambda due: due.unit.turn)[:limit]


def columns(lines: Iterable[Purchase]) -> list[list[Any]]:
    """These purchases as the columns of a statement's arguments."""
    known = sorted(set(lines))
    return [[line[column] for line in known] for column in range(3)]
