"""Card payments: ids of the provider's and the facts known of them, never a card."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.database import Tx

from payments.domain.payments import Payment
from payments.domain.provider import Opened, Question

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

OF_INTENT = (
    COLUMNS
    + """
where tenant = $1
  and intent = $2
"""
)

TENANT_OF = """
select tenant
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

OPENED = """
update payments
set session = $3, url = $4, ask_at = $5
where tenant = $1
  and payment = $2
  and session is null
"""

MEET = """
update payments
set intent = coalesce(intent, $3), session = coalesce(session, $4)
where tenant = $1
  and payment = $2
"""

MARK = """
update payments
set {column} = $3
where tenant = $1
  and payment = $2
  and {column} is null
"""

AUTHORIZED = MARK.format(column="authorized_at")
DECLINED = MARK.format(column="declined_at")
FAILED = MARK.format(column="failed_at")
EXPIRED = MARK.format(column="expired_at")
SAID = MARK.format(column="said_at")

CAPTURED = """
update payments
set captured_at = $3, captured_amount = $4, captured_currency = $5, ask_at = null
where tenant = $1
  and payment = $2
  and captured_at is null
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
  limit 10
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


async def add(tx: Tx, payment: Payment) -> None:
    """Keep a new payment."""
    facts = (payment.order, payment.amount, payment.currency, tx.now, payment.session, payment.saves_card)
    await tx.execute(ADD, payment.tenant, payment.payment, *facts)


async def find(tx: Tx, tenant: str, payment: UUID) -> Payment | None:
    """A payment."""
    return _payment(await tx.row(FIND, tenant, payment))


async def of_order(tx: Tx, tenant: str, order: UUID) -> list[Payment]:
    """All payments tried for an order, oldest first."""
    return [Payment(**dict(row)) for row in await tx.fetch(OF_ORDER, tenant, order)]


async def of_intent(tx: Tx, tenant: str, intent: str) -> Payment | None:
    """The payment that the provider knows by this id."""
    return _payment(await tx.row(OF_INTENT, tenant, intent))


async def tenant_of(tx: Tx, intent: str) -> str | None:
    """Whose payment the provider means; its account is shared by all tenants of an installation."""
    return await tx.value(TENANT_OF, intent)


async def saves_card(tx: Tx, tenant: str, payment: UUID) -> None:
    """A card may be saved by it."""
    await tx.execute(SAVES_CARD, tenant, payment)


async def opened(tx: Tx, tenant: str, payment: UUID, opened: Opened, ask_at: datetime) -> None:
    """The customer can pay; of two answers the first counts."""
    await tx.execute(OPENED, tenant, payment, opened.session, opened.url, ask_at)


async def meet(tx: Tx, tenant: str, payment: UUID, intent: str | None, session: str | None) -> None:
    """Know the provider's ids of a payment."""
    await tx.execute(MEET, tenant, payment, intent, session)


async def authorized(tx: Tx, tenant: str, payment: UUID) -> bool:
    """The money is promised; false where that is known."""
    return await tx.execute(AUTHORIZED, tenant, payment, tx.now) == 1


async def declined(tx: Tx, tenant: str, payment: UUID) -> None:
    """An attempt came to nothing."""
    await tx.execute(DECLINED, tenant, payment, tx.now)


async def failed(tx: Tx, tenant: str, payment: UUID) -> bool:
    """The promised money does not come; false where that is known."""
    return await tx.execute(FAILED, tenant, payment, tx.now) == 1


async def expired(tx: Tx, tenant: str, payment: UUID) -> bool:
    """Nobody can pay by it any more; false where that is known."""
    return await tx.execute(EXPIRED, tenant, payment, tx.now) == 1


async def captured(tx: Tx, tenant: str, payment: UUID, amount: int, currency: str) -> bool:
    """The money is with the provider; false where that is known."""
    return await tx.execute(CAPTURED, tenant, payment, tx.now, amount, currency) == 1


async def said(tx: Tx, tenant: str, payment: UUID) -> None:
    """The others were told that the money is in."""
    await tx.execute(SAID, tenant, payment, tx.now)


async def ask(tx: Tx, tenant: str, payments: Sequence[UUID]) -> None:
    """Ask the provider about these payments soon."""
    await tx.execute(ASK, tenant, payments, tx.now)


async def claim(tx: Tx) -> list[Question]:
    """Payments to ask the provider about, with a lease on real time."""
    return [Question(**dict(row)) for row in await tx.fetch(CLAIM, tx.now)]


async def asked(tx: Tx, tenant: str, payment: UUID, interval: timedelta, *, decided: bool) -> None:
    """The provider has answered; ask less and less often while nothing is decided."""
    await tx.execute(ASKED, tenant, payment, decided, tx.now, interval)


def _payment(row: Any) -> Payment | None:
    return None if row is None else Payment(**dict(row))
