"""Refunds, decided here or at the provider."""

from collections.abc import Sequence
from uuid import UUID

from chassis.database import Tx
from contracts.orders import OrderRefunded
from contracts.payments import PaymentRefunded

ADD = """
insert into refunds (tenant, refund, order_id, units, reason, amount, refunded_at, decided_by)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict do nothing
"""

FIND = """
select order_id as "order", refund, units, reason, amount, refunded_at
from refunds
where tenant = $1
  and order_id = $2
  and refund = $3
"""

ADD_FROM_PROVIDER = """
insert into provider_refunds (tenant, repayment, order_id, amount, currency, units)
values ($1, $2, $3, $4, $5, $6)
on conflict do nothing
"""

UNEXPLAINED = """
select repayment, order_id, amount, currency
from provider_refunds
where tenant = $1
  and units = '{}'
order by repayment
"""


async def add(tx: Tx, refund: OrderRefunded, decided_by: str) -> None:
    """Keep a refund."""
    units = [unit.unit for unit in refund.units]
    facts = (units, refund.reason, refund.amount, refund.refunded_at, decided_by)
    await tx.execute(ADD, refund.tenant, refund.refund, refund.order, *facts)


async def find(tx: Tx, tenant: str, order: UUID, refund: UUID) -> dict[str, object] | None:
    """A refund of an order."""
    row = await tx.row(FIND, tenant, order, refund)
    return None if row is None else dict(row)


async def add_from_provider(tx: Tx, repaid: PaymentRefunded, units: Sequence[UUID]) -> bool:
    """Keep what a provider paid back by itself; false where it is known."""
    facts = (repaid.tenant, repaid.repayment, repaid.order, repaid.amount, repaid.currency, units)
    return await tx.execute(ADD_FROM_PROVIDER, *facts) == 1


async def unexplained(tx: Tx, tenant: str) -> list[dict[str, object]]:
    """What providers paid back without it being clear for which units."""
    return [dict(row) for row in await tx.fetch(UNEXPLAINED, tenant)]
