"""What is known of orders beside their units: header, contact key, releases, refunds, reservations."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import orjson
from chassis.db import Read, Tx
from contracts.shared import SaleHeader

Row = dict[str, Any]

LOCK = """
insert into orders
  (tenant, id, channel, market, seller, order_number, ordered_at, customer_id, organisation_id, contact_key,
   contact_public, traceparent)
select tenant, id, channel, market, seller, order_number, ordered_at, customer_id, organisation_id, contact_key,
       contact_public, traceparent
from jsonb_to_recordset($1::jsonb) as known
  (tenant text, id uuid, channel text, market text, seller text, order_number text, ordered_at timestamptz,
   customer_id uuid, organisation_id uuid, contact_key uuid, contact_public bytea, traceparent text)
order by tenant, id
on conflict (tenant, id) do update
set customer_id = coalesce(excluded.customer_id, orders.customer_id),
    organisation_id = coalesce(excluded.organisation_id, orders.organisation_id),
    contact_key = coalesce(excluded.contact_key, orders.contact_key),
    contact_public = coalesce(excluded.contact_public, orders.contact_public),
    traceparent = coalesce(excluded.traceparent, orders.traceparent)
"""


async def lock(tx: Tx, orders: Sequence[Row]) -> None:
    """Lock these orders, known or not, before their units change; whom their keys are for is stored, if known."""
    rows = {(row["tenant"], row["id"]): row for row in orders}
    await tx.execute(LOCK, _json(rows.values()))


HEADERS = """
select orders.tenant, channel, market, seller, orders.id as "order", order_number, ordered_at
from unnest($1::text[], $2::uuid[]) as touched (tenant, id)
join orders on orders.tenant = touched.tenant and orders.id = touched.id
"""


async def headers(read: Read, orders: Iterable[tuple[str, UUID]]) -> dict[tuple[str, UUID], SaleHeader]:
    """Return the header of the events of each of these orders."""
    keys = list(orders)
    rows = await read.fetch(HEADERS, [tenant for tenant, _ in keys], [order_id for _, order_id in keys])
    return {(row["tenant"], row["order"]): SaleHeader(**dict(row)) for row in rows}


BUYER = """
select customer_id, organisation_id
from orders
where tenant = $1
  and id = $2
"""


async def buyer(read: Read, tenant: str, order_id: UUID) -> tuple[UUID | None, UUID | None] | None:
    """Return the customer of an order and the organisation for which they bought, as far as known; None: no such."""
    row = await read.row(BUYER, tenant, order_id)
    return None if row is None else (row["customer_id"], row["organisation_id"])


RELEASE = """
with released as (
  select tenant, order_id, line_id, min(release_at) as release_at
  from jsonb_to_recordset($1::jsonb) as one (tenant text, order_id uuid, line_id uuid, release_at timestamptz)
  group by tenant, order_id, line_id
), stored as (
  insert into releases (tenant, order_id, line_id, release_at)
  select tenant, order_id, line_id, release_at
  from released
  order by tenant, order_id, line_id
  on conflict (tenant, order_id, line_id) do update
  set release_at = least(releases.release_at, excluded.release_at)
)
update units
set release_at = released.release_at
from released
where units.tenant = released.tenant
  and units.order_id = released.order_id
  and units.line_id = released.line_id
  and units.release_at > released.release_at
"""


async def release(tx: Tx, lines: Iterable[Row]) -> None:
    """Let lines be delivered from a moment on; an earlier one stays."""
    await tx.execute(RELEASE, _json(lines))


REFUND = """
insert into refunds (tenant, order_id, unit_id)
select distinct tenant, order_id, unit_id
from jsonb_to_recordset($1::jsonb) as one (tenant text, order_id uuid, unit_id uuid)
on conflict do nothing
"""


async def refund(tx: Tx, units: Iterable[Row]) -> None:
    """Record that units were refunded, also where their payment is not known yet."""
    await tx.execute(REFUND, _json(units))


DISPUTE = """
insert into disputes (tenant, order_id, id, won)
select tenant, order_id, id, bool_or(won)
from jsonb_to_recordset($1::jsonb) as one (tenant text, order_id uuid, id uuid, won boolean)
group by tenant, order_id, id
order by tenant, order_id, id
on conflict (tenant, order_id, id) do update
set won = disputes.won or excluded.won
"""


async def dispute(tx: Tx, disputes: Iterable[Row]) -> None:
    """Record disputes about orders, known or not, and which are won."""
    await tx.execute(DISPUTE, _json(disputes))


CLAIM = """
insert into claims (tenant, order_id, id, revision, unit_ids)
select distinct on (tenant, order_id, id) tenant, order_id, id, revision, unit_ids
from jsonb_to_recordset($1::jsonb) as one (tenant text, order_id uuid, id uuid, revision integer, unit_ids uuid[])
order by tenant, order_id, id, revision desc
on conflict (tenant, order_id, id) do update
set revision = excluded.revision, unit_ids = excluded.unit_ids
where claims.revision < excluded.revision
"""


async def claim(tx: Tx, claims: Iterable[Row]) -> None:
    """Record which units claims keep suspended, known or not; of each claim the highest revision counts."""
    await tx.execute(CLAIM, _json(claims))


RESERVE = """
insert into reservations (tenant, order_id, unit_id, sku, line_id, ended)
select distinct on (tenant, order_id, unit_id) tenant, order_id, unit_id, sku, line_id, false
from jsonb_to_recordset($1::jsonb) as one (tenant text, order_id uuid, unit_id uuid, sku text, line_id uuid)
order by tenant, order_id, unit_id
on conflict (tenant, order_id, unit_id) do update
set sku = excluded.sku, line_id = excluded.line_id
"""


async def reserve(tx: Tx, units: Iterable[Row]) -> None:
    """Count units of SKUs as ordered until they are paid or cancelled; those of the same line, if any, want one key."""
    await tx.execute(RESERVE, _json(units))


END_RESERVATIONS = """
insert into reservations (tenant, order_id, unit_id, ended)
select distinct tenant, order_id, unit_id, true
from jsonb_to_recordset($1::jsonb) as one (tenant text, order_id uuid, unit_id uuid)
order by tenant, order_id, unit_id
on conflict (tenant, order_id, unit_id) do update
set ended = true
"""


async def end_reservations(tx: Tx, units: Iterable[Row]) -> None:
    """Count units as ordered no longer."""
    await tx.execute(END_RESERVATIONS, _json(units))


def _json(rows: Iterable[Row]) -> str:
    return orjson.dumps(list(rows), default=str).decode()
