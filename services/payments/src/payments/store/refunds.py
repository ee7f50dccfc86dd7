"""What the seller gives back, and the refunds that the provider knows."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from chassis.db import Tx

from payments.domain.provider import RefundSeen, RefundWish
from payments.domain.refunds import Refund, RefundState

ADD = """
insert into refunds (tenant, refund, order_id, amount, currency, state, traceparent, decided_at)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict do nothing
"""

COLUMNS = """
select refund, order_id as "order", amount, currency, state, payment, traceparent
from refunds
"""

FIND = (
    COLUMNS
    + """
where tenant = $1
  and refund = $2
"""
)

OF_ORDER = (
    COLUMNS
    + """
where tenant = $1
  and order_id = $2
order by decided_at, refund
"""
)

SET_STATE = """
update refunds
set state = $3, payment = coalesce($4, payment), ask_at = $5, claimed_until = null
where tenant = $1
  and refund = $2
"""

NAME = """
update refunds
set provider_refund = coalesce($3, provider_refund), reference = coalesce($4, reference)
where tenant = $1
  and refund = $2
"""

CLAIM = """
with due as (
  select tenant, refund
  from refunds
  where state in ('due', 'asked')
    and ask_at <= $1
    and (claimed_until is null or claimed_until < clock_timestamp())
  order by ask_at
  limit $2
  for update skip locked
)
update refunds r
set claimed_until = clock_timestamp() + interval '30 seconds', tries = r.tries + 1
from due, payments p
where r.tenant = due.tenant
  and r.refund = due.refund
  and p.tenant = r.tenant
  and p.payment = r.payment
returning r.tenant, r.refund, r.order_id as "order", r.payment, p.intent, r.amount, r.currency, r.tries > 1 as tried,
          r.traceparent
"""

TO_PAY_OUT = """
select r.refund, r.order_id, o.number, o.payment_method, r.amount, r.currency, r.decided_at,
       (
         select payer
         from receipts
         where tenant = r.tenant
           and order_id = r.order_id
         order by booked_on desc, receipt desc
         limit 1
       ) as payer
from refunds r
join orders o using (tenant, order_id)
where r.tenant = $1
  and r.state = 'payout'
  and ($2::uuid is null or r.refund > $2)
order by r.refund
limit $3
"""

SEE = """
insert into repayments (tenant, repayment, provider_refund, payment, refund, amount, currency, status)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (tenant, provider_refund) do update
set status = excluded.status
where array_position(array['pending', 'succeeded', 'failed'], excluded.status)
    > array_position(array['pending', 'succeeded', 'failed'], repayments.status)
"""

REPAYMENTS = """
select r.repayment, r.provider_refund, r.payment, r.refund, r.amount, r.currency, r.status, r.said_at
from repayments r
join payments p using (tenant, payment)
where p.tenant = $1
  and p.order_id = $2
order by r.repayment
"""

SAID = """
update repayments
set said_at = $3
where tenant = $1
  and repayment = $2
"""


def add(tx: Tx, tenant: str, refund: Refund) -> None:
    """Keep a decision; a known one stays as it is."""
    facts = (refund.order, refund.amount, refund.currency, refund.state, refund.traceparent, tx.now)
    tx.note(ADD, tenant, refund.refund, *facts)


async def find(tx: Tx, tenant: str, refund: UUID) -> Refund | None:
    """A refund."""
    row = await tx.row(FIND, tenant, refund)
    return None if row is None else _refund(row)


def set_state(
    tx: Tx,
    tenant: str,
    refund: UUID,
    state: RefundState,
    payment: UUID | None = None,
    ask_again: timedelta = timedelta(),
) -> None:
    """What happens to a refund next."""
    tx.note(SET_STATE, tenant, refund, state, payment, tx.now + ask_again)


def name(tx: Tx, tenant: str, refund: UUID, provider_refund: str | None, reference: str | None) -> None:
    """Keep by which name the money went back."""
    tx.note(NAME, tenant, refund, provider_refund, reference)


async def claim(tx: Tx, at_most: int) -> list[RefundWish]:
    """Refunds to ask the provider for, with a lease on real time."""
    return [RefundWish(**dict(row)) for row in await tx.fetch(CLAIM, tx.now, at_most)]


async def to_pay_out(tx: Tx, tenant: str, after: UUID | None, limit: int) -> Sequence[Any]:
    """What staff has to pay back by hand, with the sealed payer of the order's last transfer."""
    return await tx.fetch(TO_PAY_OUT, tenant, after, limit)


def see(tx: Tx, tenant: str, payment: UUID, seen: RefundSeen) -> None:
    """Keep what the provider knows of a refund; it never goes back to a weaker state."""
    facts = (seen.provider_refund, payment, seen.refund, seen.amount, seen.currency, seen.status)
    tx.note(SEE, tenant, tx.new_id(), *facts)


def said(tx: Tx, tenant: str, repayment: UUID) -> None:
    """The others were told that this money went back."""
    tx.note(SAID, tenant, repayment, tx.now)


def _refund(row: Any) -> Refund:
    facts = dict(row)
    facts["state"] = RefundState(facts["state"])
    return Refund(**facts)
