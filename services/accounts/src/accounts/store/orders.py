"""What of customers' orders matters for their erasure."""

from datetime import datetime
from uuid import UUID

from chassis.db import Tx

from accounts.domain.erasure import Order

PLACE = """
insert into orders (tenant, order_id, customer)
values ($1, $2, $3)
on conflict (tenant, order_id) do nothing
"""

CLOSE = """
insert into orders (tenant, order_id, customer, closed_at, contact_until)
values ($1, $2, $3, $4, $5)
on conflict (tenant, order_id) do update
set closed_at = least(orders.closed_at, excluded.closed_at),
    contact_until = greatest(orders.contact_until, excluded.contact_until)
"""

OF_CUSTOMER = """
select closed_at, contact_until
from orders
where tenant = $1
  and customer = $2
"""


async def place(tx: Tx, tenant: str, customer: UUID, order: UUID) -> None:
    """Know an order, open unless it is known to be closed."""
    await tx.execute(PLACE, tenant, order, customer)


async def close(tx: Tx, tenant: str, customer: UUID, order: UUID, closed_at: datetime, contact_until: datetime) -> None:
    """Know that an order is closed; of several times the latest counts until which the customer must be reached."""
    await tx.execute(CLOSE, tenant, order, customer, closed_at, contact_until)


async def of_customer(tx: Tx, tenant: str, customer: UUID) -> list[Order]:
    """The orders of a customer."""
    return [Order(**dict(row)) for row in await tx.fetch(OF_CUSTOMER, tenant, customer)]
