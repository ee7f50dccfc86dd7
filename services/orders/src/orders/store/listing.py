"""Lists of orders, newest first, a page at a time."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Tx

NEWEST = """
select order_id, number, customer, customer_type, channel, market, seller, payment_method, currency, net, tax, gross,
       state, ordered_at, closed_at
from orders
where tenant = $1
  and ($2::uuid is null or customer = $2)
  and ($3::text is null or state = $3)
  and ($4::timestamptz is null or (ordered_at, order_id) < ($4, $5))
order by ordered_at desc, order_id desc
limit $6
"""

LOG_READING = """
insert into record_readings (tenant, order_id, reader, purpose, read_at)
values ($1, $2, $3, $4, $5)
"""


async def newest(
    tx: Tx, tenant: str, customer: UUID | None, state: str | None, after: tuple[datetime, UUID] | None, limit: int
) -> list[dict[str, Any]]:
    """Orders before the given place, at most `limit`."""
    place = after or (None, None)
    return [dict(row) for row in await tx.fetch(NEWEST, tenant, customer, state, *place, limit)]


async def log_reading(tx: Tx, tenant: str, order: UUID, reader: str, purpose: str) -> None:
    """Record that somebody reads sealed records."""
    await tx.execute(LOG_READING, tenant, order, reader, purpose, tx.now)
