"""Reading and saving all that is known of an order's money."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.db import Read, Tx
from pydantic import TypeAdapter

from payments.domain.ledger import Ledger
from payments.domain.orders import Order
from payments.domain.payments import Payment
from payments.domain.provider import Notice, PaymentKey
from payments.domain.refunds import Dispute, Refund, Repayment
from payments.store import disputes, orders, payments, refunds

# One statement instead of five: a ledger is read whenever anything is known anew of its order.
FACTS = f"""
'order', (select row_to_json(found) from ({orders.FACTS}) as found),
'payments', (select coalesce(json_agg(found), '[]') from ({payments.OF_ORDER}) as found),
'refunds', (select coalesce(json_agg(found), '[]') from ({refunds.OF_ORDER}) as found),
'repayments', (select coalesce(json_agg(found), '[]') from ({refunds.REPAYMENTS_OF_ORDER}) as found),
'disputes', (select coalesce(json_agg(found), '[]') from ({disputes.OF_ORDER}) as found)
"""  # noqa: S608 -- made of the statements of those stores alone


@dataclass(frozen=True, slots=True)
class Situation:
    """A ledger as it is read.

    `repeated` tells that the notice at hand was received before, `waiting` that others about its intent wait,
    `contradicts` that it names a payment, and the session or intent of another one.
    """

    order: Order | None
    payments: tuple[Payment, ...]
    refunds: tuple[Refund, ...]
    repayments: tuple[Repayment, ...]
    disputes: tuple[Dispute, ...]
    repeated: bool = False
    waiting: bool = False
    contradicts: bool = False

    @property
    def ledger(self) -> Ledger | None:
        """What is known of the order's money; None while the order is not known."""
        order, payments = self.order, self.payments
        facts = self.refunds, self.repayments, self.disputes
        return order and Ledger(order, payments, *facts, order.units, payments)


SITUATION = TypeAdapter(Situation)

# The array is taken from a select, for else the database plans all of it anew each time.
LOAD = f"""
select json_build_object({FACTS})::text as situation
from unnest((select $2::uuid[])) as wanted (id)
"""  # noqa: S608 -- made of the statement above alone


async def load_all(read: Read, tenant: str, order_ids: Sequence[UUID]) -> dict[UUID, Ledger]:
    """Return the ledgers of those orders that are known; who decides something by them has locked the orders."""
    rows = await read.fetch(LOAD, tenant, order_ids)
    ledgers = [SITUATION.validate_json(row["situation"]).ledger for row in rows]
    return {ledger.order.id: ledger for ledger in ledgers if ledger is not None}


async def load(read: Read, tenant: str, order_id: UUID) -> Ledger | None:
    """Return the ledger of an order, if it is known; who decides something by it has locked the order."""
    return (await load_all(read, tenant, [order_id])).get(order_id)


SITUATION_OF_NOTICE = f"""
select json_build_object(
  {FACTS},
  'repeated', exists (
    select
    from notices
    where tenant = $1
      and id = $3
  ),
  'waiting', exists (
    select
    from notices
    where tenant in ($1, '')
      and intent_id = $4
      and content is not null
  ),
  'contradicts', exists (
    select
    from payments
    where tenant = $1
      and (intent_id = $4 or session_id = $5)
      and id <> $6
  )
)::text
from (select $2::uuid as id) as wanted
"""  # noqa: S608 -- made of the statement above alone


async def situation(read: Read, key: PaymentKey, notice_id: str | None, notice: Notice) -> Situation:
    """Return what is known of an order's money, of this notice of the provider's and of others about its intent."""
    about = notice.intent_id, notice.session_id, key.payment_id
    return SITUATION.validate_json(await read.value(SITUATION_OF_NOTICE, key.tenant, key.order_id, notice_id, *about))


@dataclass(frozen=True, slots=True)
class Cover:
    """Which money covers a unit of an order."""

    order_id: UUID
    id: UUID
    covered_by: UUID | None


PAYMENTS, COVERS = TypeAdapter(Sequence[Payment]), TypeAdapter(Sequence[Cover])

# Once a payment is captured there is nothing to inquire about.
SAVE = """
with saved as (
  update payments p
  set session_id = n.session_id, intent_id = n.intent_id, authorized_at = n.authorized_at, declined_at = n.declined_at,
      failed_at = n.failed_at, expired_at = n.expired_at, captured_at = n.captured_at,
      captured_amount = n.captured_amount, captured_currency = n.captured_currency, published_at = n.published_at,
      inquire_at = case when p.captured_at is null and n.captured_at is not null then null else p.inquire_at end
  from jsonb_populate_recordset(null::payments, $2::jsonb) as n
  where p.tenant = $1
    and p.id = n.id
),
locked as (
  update order_locks
  set transferred = true
  where tenant = $1
    and order_id = any($4::uuid[])
    and not transferred
)
update units u
set covered_by = n.covered_by
from jsonb_populate_recordset(null::units, $3::jsonb) as n
where u.tenant = $1
  and u.order_id = n.order_id
  and u.id = n.id
"""


async def save(tx: Tx, *changed: Ledger) -> None:
    """Save what has changed of the payments and of which money covers the units of a tenant's orders.

    The caller has locked the orders.
    """
    payments = [payment for ledger in changed for payment in ledger.changed_payments]
    covers = [Cover(one.order.id, unit.id, unit.covered_by) for one in changed for unit in one.changed_units]
    if payments or covers:
        transferred = [ledger.order.id for ledger in changed if ledger.transferred > 0]
        contents = PAYMENTS.dump_json(payments).decode(), COVERS.dump_json(covers).decode()
        await tx.execute(SAVE, changed[0].order.tenant, *contents, transferred)
