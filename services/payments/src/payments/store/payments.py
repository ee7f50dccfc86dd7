"""Card payments: ids of the provider's and the facts known of them, never a card."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from chassis.db import Tx

from payments.domain.payments import Payment
from payments.domain.provider import Opened, Place, Question

COLUMNS = """
select tenant, payment, order_id as "order", amount, currency, session, url, intent, authorized_at, declined_at,
       failed_at, expired_at, captured_at, captured_amount, captured_currency, said_at, saves_card
from payments
"""

ADD = """
insert into payments (tenant, payment, order_id, amount, currency, opened_at, session, saves_card)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (tenant, payment) do nothing
"""

FIND = (
    COLUMNS
    + """
where tenant = $1
  and payment = $2
"""
)

OF_ORDER = (
    COLUMNS
    + """
where tenant = $1
  and order_id = $2
order by opened_at, payment
"""
)

READABLE = (
    COLUMNS
    + """
where tenant = $1
  and payment = $2
  and ($3::uuid is null or exists (
    select
    from orders o
    where o.tenant = payments.tenant
      and o.order_id = payments.order_id
      and o.customer = $3
  ))
"""
)

PLACE_OF = """
select tenant, order_id as "order", payment
from payments
where intent = $1
limit 1
"""

SAVES_CARD = """
update payments
set saves_card = true
where tenant = $1
  and payment = $2
"""

# A checkout of an order that was cancelled meanwhile is asked about at once, which closes it again.
OPENED = """
update payments p
set session = $3, url = $4, ask_at = case when s.cancelled = '{}' then $5::timestamptz else $6::timestamptz end
from stories s
where p.tenant = $1
  and p.payment = $2
  and p.session is null
  and s.tenant = p.tenant
  and s.order_id = p.order_id
returning s.cancelled <> '{}' as lapsed
"""

KEEP = """
update payments
set session = $3, intent = $4, authorized_at = $5, declined_at = $6, failed_at = $7, expired_at = $8,
    captured_at = $9, captured_amount = $10, captured_currency = $11, said_at = $12,
    ask_at = case when captured_at is null and $9::timestamptz is not null then null else ask_at end
where tenant = $1
  and payment = $2
"""

ASK = """
update payments
set ask_at = $3
where tenant = $1
  and payment = any($2::uuid[])
  and session is not null
"""

CLAIM = """
with due as (
  select tenant, payment
  from payments
  where ask_at <= $1
    and (claimed_until is null or claimed_until < clock_timestamp())
  order by ask_at
  limit $2
  for update skip locked
)
update payments p
set claimed_until = clock_timestamp() + interval '30 seconds', asked = p.asked + 1
from due, orders o, stories s
where p.tenant = due.tenant
  and p.payment = due.payment
  and o.tenant = p.tenant
  and o.order_id = p.order_id
  and s.tenant = p.tenant
  and s.order_id = p.order_id
returning p.tenant, p.payment, p.order_id as "order", p.session, o.traceparent,
          s.cancelled <> '{}' and p.captured_at is null as close
"""

ASKED = """
update payments
set ask_at = case
      when $3::boolean then null
      else $4::timestamptz + least(asked * asked * $5::interval, interval '6 hours')
    end,
    claimed_until = null
where tenant = $1
  and payment = $2
"""


def add(tx: Tx, payment: Payment) -> None:
    """Keep a new payment."""
    facts = (payment.order, payment.amount, payment.currency, tx.now, payment.session, payment.saves_card)
    tx.note(ADD, payment.tenant, payment.payment, *facts)


async def find(tx: Tx, tenant: str, payment: UUID) -> Payment | None:
    """A payment."""
    row = await tx.row(FIND, tenant, payment)
    return None if row is None else Payment(**dict(row))


async def readable(tx: Tx, tenant: str, payment: UUID, customer: UUID | None) -> Payment | None:
    """A payment of the customer's own orders, or any of the tenant's for None (F-P28)."""
    row = await tx.row(READABLE, tenant, payment, customer)
    return None if row is None else Payment(**dict(row))


async def place_of(tx: Tx, intent: str) -> Place | None:
    """Which payment the provider means; its account is shared by all tenants of an installation."""
    row = await tx.row(PLACE_OF, intent)
    return None if row is None else Place(**dict(row))


def saves_card(tx: Tx, tenant: str, payment: UUID) -> None:
    """A card may be saved by it."""
    tx.note(SAVES_CARD, tenant, payment)


async def opened(tx: Tx, tenant: str, payment: UUID, opened: Opened, ask_at: datetime) -> bool:
    """The customer can pay, of two answers the first counts; true where the order was cancelled meanwhile."""
    return bool(await tx.value(OPENED, tenant, payment, opened.session, opened.url, ask_at, tx.now))


def keep(tx: Tx, payment: Payment) -> None:
    """Write what is known of a payment by now; the caller has locked its order's story."""
    marks = (payment.authorized_at, payment.declined_at, payment.failed_at, payment.expired_at)
    money = (payment.captured_at, payment.captured_amount, payment.captured_currency, payment.said_at)
    tx.note(KEEP, payment.tenant, payment.payment, payment.session, payment.intent, *marks, *money)


def ask(tx: Tx, tenant: str, payments: Sequence[UUID]) -> None:
    """Ask the provider about these payments soon."""
    tx.note(ASK, tenant, payments, tx.now)


async def claim(tx: Tx, at_most: int) -> list[Question]:
    """Payments to ask the provider about, with a lease on real time."""
    return [Question(**dict(row)) for row in await tx.fetch(CLAIM, tx.now, at_most)]


def asked(tx: Tx, tenant: str, payment: UUID, interval: timedelta, *, decided: bool) -> None:
    """The provider has answered; ask less and less often while nothing is decided."""
    tx.note(ASKED, tenant, payment, decided, tx.now, interval)
