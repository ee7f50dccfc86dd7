"""Refunds, decided here or at the provider."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chassis.db import Tx
from contracts.orders import OrderRefunded
from contracts.payments import PaymentRefunded

from orders.domain.order import Repayment

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
values ($1, $2, $3, $4, $5, '{}')
on conflict do nothing
"""

FIND_FROM_PROVIDER = """
select repayment, amount, currency, units
from provider_refunds
where tenant = $1
  and order_id = $2
  and repayment = $3
"""

WAITING = """
select repayment, amount, currency, units
from provider_refunds
where tenant = $1
  and order_id = $2
  and units = '{}'
order by repayment
"""

EXPLAIN = """
update provider_refunds
set units = $3
where tenant = $1
  and repayment = any($2::uuid[])
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


async def add_from_provider(tx: Tx, repaid: PaymentRefunded) -> bool:
    """Keep what a provider paid back by itself, as yet unexplained; false where it is known."""
    facts = (repaid.tenant, repaid.repayment, repaid.order, repaid.amount, repaid.currency)
    return await tx.execute(ADD_FROM_PROVIDER, *facts) == 1


async def find_from_provider(tx: Tx, tenant: str, order: UUID, repayment: UUID) -> Repayment | None:
    """What a provider paid back of an order by itself."""
    row = await tx.row(FIND_FROM_PROVIDER, tenant, order, repayment)
    return None if row is None else _repayment(row)


async def waiting(tx: Tx, tenant: str, order: UUID) -> list[Repayment]:
    """What a provider paid back of a locked order without it being clear for which units."""
    return [_repayment(row) for row in await tx.fetch(WAITING, tenant, order)]


async def explain(tx: Tx, tenant: str, repayments: Sequence[UUID], units: Sequence[UUID]) -> None:
    """Keep for which units of a locked order these repayments were, together."""
    await tx.execute(EXPLAIN, tenant, repayments, units)


async def unexplained(tx: Tx, tenant: str) -> list[dict[str, object]]:
    """What providers paid back without it being clear for which units."""
    return [dict(row) for row in await tx.fetch(UNEXPLAINED, tenant)]


def _repayment(row: Any) -> Repayment:
    return Repayment(row["repayment"], row["amount"], row["currency"], tuple(row["units"]))
