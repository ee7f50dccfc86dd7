"""Card payments: the provider's ids and the facts known of them, never a card."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from chassis.db import Read, Tx

from payments.domain.payments import Payment
from payments.domain.provider import Inquiry, PaymentKey

COLUMNS = """
select tenant, id, order_id, amount, currency, session_id, url, intent_id, authorized_at, declined_at, failed_at,
       expired_at, captured_at, captured_amount, captured_currency, published_at, saves_card
from payments
"""

# Of the order `wanted`.
OF_ORDER = f"""
{COLUMNS}
where tenant = $1
  and order_id = wanted.id
order by opened_at, id
"""


READABLE = f"""
{COLUMNS}
where tenant = $1
  and id = $2
  and ($3::uuid is null and $4::uuid is null or exists (
    select
    from orders o
    where o.tenant = payments.tenant
      and o.id = payments.order_id
      and (o.customer_id = $3 or o.organisation_id = $4)
  ))
"""  # noqa: S608 -- made of the statement above alone


async def readable(
    read: Read, tenant: str, payment_id: UUID, customer_id: UUID | None, organisation_id: UUID | None = None
) -> Payment | None:
    """Return a payment of the orders of a customer or an organisation, any of the tenant's for neither (F-P28)."""
    row = await read.row(READABLE, tenant, payment_id, customer_id, organisation_id)
    return None if row is None else Payment(**dict(row))


READABLE_OF_ORDER = f"""
{COLUMNS}
where tenant = $1
  and order_id = $2
  and ($3::uuid is null and $4::uuid is null or exists (
    select
    from orders o
    where o.tenant = payments.tenant
      and o.id = payments.order_id
      and (o.customer_id = $3 or o.organisation_id = $4)
  ))
order by opened_at, id
"""  # noqa: S608 -- made of the statement above alone


async def readable_of_order(
    read: Read, tenant: str, order_id: UUID, customer_id: UUID | None, organisation_id: UUID | None = None
) -> list[Payment]:
    """Return the payments of an order of a customer or an organisation, of any of the tenant's for neither."""
    rows = await read.fetch(READABLE_OF_ORDER, tenant, order_id, customer_id, organisation_id)
    return [Payment(**dict(row)) for row in rows]


KEY_OF = """
select tenant, order_id, id as payment_id
from payments
where intent_id = $1
   or session_id = $2
limit 1
"""


async def key_of(read: Read, intent_id: str | None, session_id: str | None) -> PaymentKey | None:
    """Return the payment that the provider means; its account is shared by all tenants of an installation."""
    row = await read.row(KEY_OF, intent_id, session_id)
    return None if row is None else PaymentKey(**dict(row))


ADD = """
insert into payments (tenant, id, order_id, amount, currency, opened_at, session_id, saves_card)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict do nothing
"""


async def add(tx: Tx, payment: Payment) -> bool:
    """Keep a new payment; false, and nothing, where one of this id is known."""
    facts = (payment.order_id, payment.amount, payment.currency, tx.now, payment.session_id, payment.saves_card)
    return await tx.execute(ADD, payment.tenant, payment.id, *facts) == 1


ASK = """
update payments
set inquire_at = $3
where tenant = $1
  and id = any($2::uuid[])
  and session_id is not null
"""


async def inquire_soon(tx: Tx, tenant: str, payment_ids: Sequence[UUID]) -> None:
    """Have the provider inquired about these payments soon."""
    await tx.execute(ASK, tenant, payment_ids, tx.now)


CLAIM = """
with due as (
  select tenant, id
  from payments
  where inquire_at <= $1
    and (claimed_until is null or claimed_until < clock_timestamp())
  order by inquire_at
  limit $2
  for update skip locked
)
update payments p
set claimed_until = clock_timestamp() + interval '30 seconds', inquiries = p.inquiries + 1
from due, orders o, order_locks l
where p.tenant = due.tenant
  and p.id = due.id
  and o.tenant = p.tenant
  and o.id = p.order_id
  and l.tenant = p.tenant
  and l.order_id = p.order_id
returning p.tenant, p.id as payment_id, p.order_id, p.session_id, o.traceparent,
          (l.cancelled_units <> '{}' or l.transferred) and p.captured_at is null as close
"""


async def claim(tx: Tx, limit: int) -> list[Inquiry]:
    """Claim payments to inquire about, for 30 seconds of real time."""
    return [Inquiry(**dict(row)) for row in await tx.fetch(CLAIM, tx.now, limit)]


INQUIRED = """
update payments
set inquire_at = case
      when coalesce(captured_at, failed_at, expired_at) is not null then null
      else $3::timestamptz + least(inquiries * inquiries * $4::interval, interval '6 hours')
    end,
    claimed_until = null
where tenant = $1
  and id = $2
"""


async def inquired(tx: Tx, tenant: str, payment_id: UUID, interval: timedelta) -> None:
    """Record that the provider has answered; it is asked again, less and less often, until the payment is decided."""
    await tx.execute(INQUIRED, tenant, payment_id, tx.now, interval)
