"""E-mails, and what became of them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Read, Tx
from pydantic import TypeAdapter
from pydantic_core import to_json

from letters.domain.email import Email
from letters.domain.order import Order

COLUMNS = """id, order_id, kind, sequence, state, created_at, send_at, repayment_id, message_id, traceparent, attempts,
  lost, failures, first_failed_at, settled_at, code, answer, unit_ids"""

EMAILS = TypeAdapter(list[Email])


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What follows for an order: new e-mails, each with the units or repayment it is the first to mention."""

    order: Order
    emails: Sequence[tuple[Email, Sequence[UUID]]]
    conclude_at: datetime | None


RECORD = """
with mentioned as (
  select tenant, order_id, id, sequence
  from unnest((select $2::text[]), (select $3::uuid[]), (select $4::uuid[]), (select $5::integer[]))
    as mentioned (tenant, order_id, id, sequence)
), announced as (
  update paid_units
  set announced_in = mentioned.sequence
  from mentioned
  where paid_units.tenant = mentioned.tenant
    and paid_units.order_id = mentioned.order_id
    and paid_units.id = mentioned.id
    and paid_units.announced_in is null
), notified as (
  update repayments
  set emailed_in = mentioned.sequence
  from mentioned
  where repayments.tenant = mentioned.tenant
    and repayments.order_id = mentioned.order_id
    and repayments.id = mentioned.id
), cancelled as (
  update cancelled_units
  set emailed_in = mentioned.sequence
  from mentioned
  where cancelled_units.tenant = mentioned.tenant
    and cancelled_units.order_id = mentioned.order_id
    and cancelled_units.unit_id = mentioned.id
    and cancelled_units.emailed_in is null
), scheduled as (
  update orders
  set conclude_at = concluded.conclude_at
  from unnest((select $6::text[]), (select $7::uuid[]), (select $8::timestamptz[]))
    as concluded (tenant, id, conclude_at)
  where orders.tenant = concluded.tenant
    and orders.id = concluded.id
)
insert into emails
  (tenant, id, order_id, kind, sequence, repayment_id, message_id, state, created_at, send_at, traceparent)
select tenant, id, order_id, kind, sequence, repayment_id, message_id, state, created_at, send_at, traceparent
from jsonb_to_recordset($1::jsonb) as email
  (tenant text, id uuid, order_id uuid, kind text, sequence integer, repayment_id uuid, message_id text, state text,
   created_at timestamptz, send_at timestamptz, traceparent text)
"""


async def record(tx: Tx, conclusions: Sequence[Conclusion]) -> None:
    """Record what follows for orders, which are locked."""
    new = [(one.order.tenant, email, mentioned) for one in conclusions for email, mentioned in one.emails]
    rows = [(tenant, email.order_id, id_, email.sequence) for tenant, email, mentioned in new for id_ in mentioned]
    moments = [(one.order.tenant, one.order.id, one.conclude_at) for one in conclusions]
    emails = to_json([{**asdict(email), "tenant": tenant} for tenant, email, _ in new]).decode()
    await tx.execute(RECORD, emails, *columns(rows, 4), *columns(moments, 3))


FIND = f"""
select {COLUMNS}
from emails
where tenant = $1
  and id = $2
"""  # noqa: S608 -- our own names


async def find(read: Read, tenant: str, email_id: UUID) -> Email | None:
    """Return an e-mail."""
    return next(iter(_emails(await read.fetch(FIND, tenant, email_id))), None)


BOUNCED = f"""
select {COLUMNS}
from emails
where tenant = $1
  and state = 'bounced'
  and ($2::timestamptz is null or (settled_at, id) < ($2, $3))
order by settled_at desc, id desc
limit $4
"""  # noqa: S608 -- our own names


async def bounced(read: Read, tenant: str, after: tuple[datetime, UUID] | None, limit: int) -> list[Email]:
    """Return e-mails that were refused for good, newest first, from behind this one on."""
    return _emails(await read.fetch(BOUNCED, tenant, *(after or (None, None)), limit))


SEALED_COPY = """
select sealed_copy
from emails
where tenant = $1
  and id = $2
"""


async def sealed_copy(read: Read, tenant: str, email_id: UUID) -> str | None:
    """Return the box with what was sent, if there is one."""
    return await read.value(SEALED_COPY, tenant, email_id)


def _emails(rows: Sequence[Any]) -> list[Email]:
    return EMAILS.validate_python([dict(row) for row in rows])


def columns(rows: Sequence[tuple[Any, ...]], count: int) -> list[list[Any]]:
    """Return rows of so many columns as columns, as `unnest` takes them."""
    return [[row[number] for row in rows] for number in range(count)]
