"""What the seller gives back, and the refunds that the provider knows."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from chassis.db import Read, Tx

from payments.domain.provider import ProviderRefund, RefundTask
from payments.domain.refunds import Refund, RefundState

ADD = """
insert into refunds (tenant, id, order_id, amount, currency, state, traceparent, decided_at, unit_ids)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict do nothing
"""


async def add(tx: Tx, tenant: str, refund: Refund, unit_ids: Sequence[UUID]) -> None:
    """Keep a decision and the units that it takes back; a known one stays as it is."""
    facts = (refund.order_id, refund.amount, refund.currency, refund.state, refund.traceparent, tx.now)
    await tx.execute(ADD, tenant, refund.id, *facts, unit_ids)


COLUMNS = """
select id, order_id, amount, currency, state, payment_id, reference, reduced_to, traceparent
from refunds
"""

# Of the order `wanted`.
OF_ORDER = f"""
{COLUMNS}
where tenant = $1
  and order_id = wanted.id
order by decided_at, id
"""


def _refund(row: Any) -> Refund:
    facts: dict[str, Any] = {**row, "state": RefundState(row["state"])}
    return Refund(**facts)


FIND = f"""
{COLUMNS}
where tenant = $1
  and id = $2
"""


async def find(read: Read, tenant: str, refund_id: UUID) -> Refund | None:
    """Return a refund."""
    row = await read.row(FIND, tenant, refund_id)
    return None if row is None else _refund(row)


PAID_OUT = f"""
{COLUMNS}
where tenant = $1
  and reference = any($2::text[])
  and state = 'done'
"""


async def paid_out(read: Read, tenant: str, references: Sequence[str]) -> list[Refund]:
    """Return the refunds that staff has sent by hand under one of these references of the bank's."""
    return [_refund(row) for row in await read.fetch(PAID_OUT, tenant, references)]


SET_STATE = """
update refunds
set state = $3, ask_at = $4, payment_id = coalesce($5, payment_id), reference = coalesce($6, reference),
    reduced_to = coalesce($7, reduced_to), claimed_until = null,
    done_at = case when $3 = 'done' then coalesce(done_at, $8) end
where tenant = $1
  and id = $2
"""


async def set_state(
    tx: Tx,
    tenant: str,
    refund_id: UUID,
    state: RefundState,
    *,
    payment_id: UUID | None = None,
    reference: str | None = None,
    reduced_to: int | None = None,
    ask_again: timedelta = timedelta(),
) -> None:
    """Keep what happens to a refund next, and the bank's reference where staff has sent the money."""
    facts = (payment_id, reference, reduced_to, tx.now)
    await tx.execute(SET_STATE, tenant, refund_id, state, tx.now + ask_again, *facts)


CLAIM = """
with due as (
  select tenant, id
  from refunds
  where state in ('due', 'asked', 'disputed')
    and ask_at <= $1
    and (claimed_until is null or claimed_until < clock_timestamp())
  order by ask_at
  limit $2
  for update skip locked
)
update refunds r
set claimed_until = clock_timestamp() + interval '30 seconds', attempts = r.attempts + 1
from due, payments p
where r.tenant = due.tenant
  and r.id = due.id
  and p.tenant = r.tenant
  and p.id = r.payment_id
returning r.tenant, r.id as refund_id, r.order_id, r.payment_id, p.intent_id,
          coalesce(r.reduced_to, r.amount) as amount, r.currency, r.attempts > 1 as repeated, r.traceparent
"""


async def claim(tx: Tx, limit: int) -> list[RefundTask]:
    """Claim refunds to ask the provider for, for 30 seconds of real time."""
    return [RefundTask(**dict(row)) for row in await tx.fetch(CLAIM, tx.now, limit)]


RECORD = """
insert into repayments (tenant, id, provider_refund_id, payment_id, refund_id, amount, currency, status)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (tenant, provider_refund_id) do update
set status = excluded.status
where array_position(array['pending', 'succeeded', 'failed'], excluded.status)
    > array_position(array['pending', 'succeeded', 'failed'], repayments.status)
"""


async def record(tx: Tx, tenant: str, payment_id: UUID, refund: ProviderRefund) -> None:
    """Keep what the provider knows of a refund; it never goes back to a weaker status."""
    facts = (refund.id, payment_id, refund.refund_id, refund.amount, refund.currency, refund.status)
    await tx.execute(RECORD, tenant, tx.new_id(), *facts)


# Of the order `wanted`.
REPAYMENTS_OF_ORDER = """
select r.id, r.provider_refund_id, r.payment_id, r.refund_id, r.amount, r.currency, r.status, r.published_at
from repayments r
join payments p on p.tenant = r.tenant and p.id = r.payment_id
where p.tenant = $1
  and p.order_id = wanted.id
order by r.id
"""

PUBLISHED = """
update repayments
set published_at = $3
where tenant = $1
  and id = $2
"""


async def published(tx: Tx, tenant: str, repayment_id: UUID) -> None:
    """Record that PaymentRefunded was published for this repayment."""
    await tx.execute(PUBLISHED, tenant, repayment_id, tx.now)
