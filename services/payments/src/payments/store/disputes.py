"""Charges that the customer's bank takes, or may take, back."""

from uuid import UUID

from chassis.db import Tx

from payments.domain.provider import ProviderDispute

RECORD = """
insert into disputes (tenant, id, payment_id, amount, currency, status, opened_at)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (tenant, id) do update
set status = excluded.status, amount = excluded.amount
where array_position(array['inquired', 'open', 'lost', 'won'], excluded.status)
    > array_position(array['inquired', 'open', 'lost', 'won'], disputes.status)
"""


async def record(tx: Tx, tenant: str, payment_id: UUID, dispute: ProviderDispute) -> None:
    """Keep what the provider knows of a dispute; it never goes back to a weaker status."""
    facts = (dispute.id, payment_id, dispute.amount, dispute.currency, dispute.status, tx.now)
    await tx.execute(RECORD, tenant, *facts)


# Of the order `wanted`.
OF_ORDER = """
select d.id, d.payment_id, d.amount, d.currency, d.status
from disputes d
join payments p on p.tenant = d.tenant and p.id = d.payment_id
where p.tenant = $1
  and p.order_id = wanted.id
order by d.opened_at, d.id
"""
