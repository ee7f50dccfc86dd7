"""What of customers' orders matters for their erasure."""

from collections.abc import Collection, Sequence
from uuid import UUID

from chassis.db import Read, Tx
from contracts.orders import OrderClosed, OrderPlaced

from accounts.domain.erasure import Order

RECORD = """
insert into orders (tenant, id, customer_id, closed_at, contact_until)
select tenant, id, customer_id, min(closed_at), max(contact_until)
from unnest($1::text[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::timestamptz[])
  as recorded (tenant, id, customer_id, closed_at, contact_until)
group by tenant, id, customer_id
order by tenant, id
on conflict (tenant, id) do update
set closed_at = least(orders.closed_at, excluded.closed_at),
    contact_until = greatest(orders.contact_until, excluded.contact_until)
"""


async def record(tx: Tx, events: Sequence[OrderPlaced | OrderClosed]) -> None:
    """Record orders, open until they are known to be closed; of several times to reach a customer the latest counts."""
    closings = [event if isinstance(event, OrderClosed) else None for event in events]
    await tx.execute(
        RECORD,
        [event.tenant for event in events],
        [event.order for event in events],
        [event.customer for event in events],
        [closed and closed.closed_at for closed in closings],
        [closed and closed.contact_until for closed in closings],
    )


OF_CUSTOMERS = """
select tenant, customer_id, closed_at, contact_until
from orders
join unnest($1::text[], $2::uuid[]) as wanted (tenant, customer_id) using (tenant, customer_id)
"""


async def of_customers(read: Read, keys: Collection[tuple[str, UUID]]) -> dict[tuple[str, UUID], list[Order]]:
    """Return the orders of each of these customers."""
    found: dict[tuple[str, UUID], list[Order]] = {key: [] for key in keys}
    for row in await read.fetch(OF_CUSTOMERS, [tenant for tenant, _ in keys], [id_ for _, id_ in keys]):
        found[row["tenant"], row["customer_id"]].append(Order(row["closed_at"], row["contact_until"]))
    return found
