"""Refunds, and what providers paid back by themselves."""

from typing import Any
from uuid import UUID

from chassis.db import Read, Tx
from contracts.orders import OrderRefunded

ADD = """
insert into refunds (tenant, id, order_id, unit_ids, reason, amount, refunded_at, decided_by)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict do nothing
"""


async def add(tx: Tx, refund: OrderRefunded, decided_by: str) -> None:
    """Add a refund."""
    unit_ids = [unit.unit for unit in refund.units]
    facts = (unit_ids, refund.reason, refund.amount, refund.refunded_at, decided_by)
    await tx.execute(ADD, refund.tenant, refund.refund, refund.order, *facts)


FIND = """
select order_id as "order", id as refund, unit_ids as units, reason, amount, refunded_at
from refunds
where tenant = $1
  and order_id = $2
  and id = $3
"""


async def find(read: Read, tenant: str, order_id: UUID, refund_id: UUID) -> dict[str, Any] | None:
    """Return a refund of an order."""
    row = await read.row(FIND, tenant, order_id, refund_id)
    return None if row is None else dict(row)


OF_ORDER = """
select order_id as "order", id as refund, unit_ids as units, reason, amount, refunded_at
from refunds
where tenant = $1
  and order_id = $2
order by refunded_at, id
"""


async def of_order(read: Read, tenant: str, order_id: UUID) -> list[dict[str, Any]]:
    """Return the refunds of an order, the oldest first."""
    return [dict(row) for row in await read.fetch(OF_ORDER, tenant, order_id)]


UNEXPLAINED = """
select id as repayment, order_id as "order", amount, currency
from repayments
where tenant = $1
  and unit_ids = '{}'
order by id
"""


async def unexplained(read: Read, tenant: str) -> list[dict[str, Any]]:
    """Return what providers paid back without it being clear for which units."""
    return [dict(row) for row in await read.fetch(UNEXPLAINED, tenant)]
