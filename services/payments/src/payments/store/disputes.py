"""Charges that the customer's bank takes, or may take, back."""

from uuid import UUID

from chassis.db import Read, Tx

from payments.domain.provider import DisputeStatus, ProviderDispute

RECORD = """
insert into disputes (tenant, id, payment_id, amount, currency, status, opened_at, public_id)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (tenant, id) do update
set status = excluded.status, amount = excluded.amount
where array_position(array['inquired', 'open', 'lost', 'won'], excluded.status)
    > array_position(array['inquired', 'open', 'lost', 'won'], disputes.status)
"""


async def record(tx: Tx, tenant: str, payment_id: UUID, dispute: ProviderDispute) -> None:
    """Keep what the provider knows of a dispute; it never goes back to a weaker status."""
    facts = (dispute.id, payment_id, dispute.amount, dispute.currency, dispute.status, tx.now, tx.new_id())
    await tx.execute(RECORD, tenant, *facts)


PUBLISHED = """
update disputes
set published = status
where tenant = $1
  and id = $2
"""


async def published(tx: Tx, tenant: str, dispute_id: str) -> None:
    """Record that the status of a dispute was published."""
    await tx.execute(PUBLISHED, tenant, dispute_id)


# An open one counts before one that has ended, and a lost one before one that was won.
OF_PAYMENT = """
select status
from disputes
where tenant = $1
  and payment_id = $2
order by array_position(array['open', 'lost', 'inquired', 'won'], status)
limit 1
"""


async def of_payment(read: Read, tenant: str, payment_id: UUID) -> DisputeStatus | None:
    """Return how far disputes about a payment are; None where its bank has never asked about it."""
    found = await read.value(OF_PAYMENT, tenant, payment_id)
    return None if found is None else DisputeStatus(found)


# Of the order `wanted`.
OF_ORDER = """
select d.id, d.payment_id, d.amount, d.currency, d.status, d.public_id, d.opened_at, d.published
from disputes d
join payments p on p.tenant = d.tenant and p.id = d.payment_id
where p.tenant = $1
  and p.order_id = wanted.id
order by d.opened_at, d.id
"""
