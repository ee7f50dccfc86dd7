"""What is known of orders beside their units: header, contact key, releases, refunds, reservations."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis.db import Tx
from contracts.event import SubjectKey
from contracts.shared import SaleEvent

LOCK = """
insert into orders (tenant, order_id, channel, market, seller, order_number, ordered_at)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (tenant, order_id) do update
set order_number = excluded.order_number
"""

LOCK_PAID = """
insert into orders
  (tenant, order_id, channel, market, seller, order_number, ordered_at,
   customer, contact_key, contact_public, traceparent)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict (tenant, order_id) do update
set customer = excluded.customer,
    contact_key = excluded.contact_key,
    contact_public = excluded.contact_public,
    traceparent = excluded.traceparent
"""

CUSTOMER = """
select customer
from orders
where tenant = $1
  and order_id = $2
"""

RELEASE = """
with released as (
  insert into releases (tenant, order_id, line, release_at)
  select distinct $1, $2::uuid, line, $4::timestamptz
  from unnest($3::uuid[]) as said (line)
  on conflict (tenant, order_id, line) do update
  set release_at = least(releases.release_at, excluded.release_at)
)
update units
set release_at = $4
where tenant = $1
  and order_id = $2
  and line = any($3::uuid[])
  and release_at > $4
"""

REFUND = """
insert into refunds (tenant, order_id, unit)
select distinct $1, $2::uuid, unit
from unnest($3::uuid[]) as said (unit)
on conflict (tenant, order_id, unit) do nothing
"""

RESERVE = """
insert into reservations (tenant, order_id, unit, sku, line, ended)
select distinct on (unit) $1, $2::uuid, unit, sku, line, false
from unnest($3::uuid[], $4::text[], $5::uuid[]) as said (unit, sku, line)
order by unit
on conflict (tenant, order_id, unit) do update
set sku = excluded.sku, line = excluded.line
"""

END_RESERVATIONS = """
insert into reservations (tenant, order_id, unit, ended)
select distinct $1, $2::uuid, unit, true
from unnest($3::uuid[]) as said (unit)
order by 3
on conflict (tenant, order_id, unit) do update
set ended = true
"""


async def lock(tx: Tx, story: SaleEvent) -> None:
    """Let nobody else change the order's units meanwhile, whether or not it was heard of before."""
    await tx.execute(LOCK, *_header(story))


async def lock_paid(tx: Tx, story: SaleEvent, customer: UUID, contact: SubjectKey, traceparent: str | None) -> None:
    """Lock an order and keep whom its keys are for."""
    await tx.execute(LOCK_PAID, *_header(story), customer, contact.key, contact.public, traceparent)


async def customer(tx: Tx, tenant: str, order: UUID) -> tuple[bool, UUID | None]:
    """Whether the order was heard of, and its customer where one is known."""
    row = await tx.row(CUSTOMER, tenant, order)
    return row is not None, row["customer"] if row is not None else None


async def release(tx: Tx, tenant: str, order: UUID, lines: Sequence[UUID], at: datetime) -> None:
    """Let lines be delivered from a moment on; an earlier one stays."""
    await tx.execute(RELEASE, tenant, order, lines, at)


async def refund(tx: Tx, tenant: str, order: UUID, units: Sequence[UUID]) -> None:
    """Know that units were taken back, also where their payment is not known yet."""
    await tx.execute(REFUND, tenant, order, units)


async def reserve(tx: Tx, tenant: str, order: UUID, wanted: Sequence[tuple[UUID, str, UUID | None]]) -> None:
    """Count units of SKUs as wanted until they are paid or cancelled; those of the same line, if any, want one key."""
    await tx.execute(RESERVE, tenant, order, *([each[column] for each in wanted] for column in range(3)))


async def end_reservations(tx: Tx, tenant: str, order: UUID, units: Sequence[UUID]) -> None:
    """Count units as wanted no longer."""
    await tx.execute(END_RESERVATIONS, tenant, order, units)


def _header(story: SaleEvent) -> tuple[str, UUID, str, str, str, str, datetime]:
    head = (story.channel, story.market, story.seller, story.order_number, story.ordered_at)
    return story.tenant, story.order, *head
