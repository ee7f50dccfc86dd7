"""Money that a human has to look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Tx

from payments.domain.payments import Reason

ADD = """
insert into review (tenant, entry, reason, amount, currency, order_id, payment, receipt, refund, unit, opened_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict do nothing
"""

COLUMNS = """
select e.entry, e.reason, e.amount, e.currency, e.allocated, e.order_id as "order", e.payment, e.receipt, e.refund,
       e.opened_at, e.closed_at, e.outcome, r.payer, r.booked_on
from review e
left join receipts r using (tenant, receipt)
"""

LOCK = (
    COLUMNS
    + """
where e.tenant = $1
  and e.entry = $2
for update of e
"""
)

OPEN = (
    COLUMNS
    + """
where e.tenant = $1
  and e.closed_at is null
  and ($2::uuid is null or e.entry > $2)
order by e.entry
limit $3
"""
)

ALLOCATE = """
update review
set allocated = allocated + $3::bigint,
    closed_at = case when allocated + $3::bigint >= amount then $4::timestamptz end,
    outcome = case when allocated + $3::bigint >= amount then 'allocated' end
where tenant = $1
  and entry = $2
"""

CLOSE = """
update review
set closed_at = $3, outcome = $4
where tenant = $1
  and entry = $2
"""

REWORD = """
update review e
set reason = $4
where tenant = $1
  and reason = $3
  and payment = $2
  and not exists (select from review o where o.tenant = e.tenant and o.reason = $4 and o.payment = e.payment)
"""

CLOSE_OF_PAYMENT = """
update review
set closed_at = $3, outcome = 'paid_back'
where tenant = $1
  and payment = $2
  and closed_at is null
"""

LOG_READING = """
insert into record_readings (tenant, subject, reader, purpose, read_at)
select $1, subject, $3, $4, $5
from unnest($2::uuid[]) as said (subject)
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """Money that a human has to look at, and how much of it was allocated to units."""

    entry: UUID
    reason: Reason
    amount: int
    currency: str
    allocated: int
    order: UUID | None
    payment: UUID | None
    receipt: UUID | None
    refund: UUID | None
    opened_at: datetime
    closed_at: datetime | None
    outcome: str | None
    payer: str | None
    booked_on: Any


async def add(
    tx: Tx,
    tenant: str,
    reason: Reason,
    amount: int,
    currency: str,
    *,
    order: UUID | None = None,
    payment: UUID | None = None,
    receipt: UUID | None = None,
    refund: UUID | None = None,
    unit: UUID | None = None,
) -> bool:
    """Put money on the list; false where it was put there for the same reason before.

    `unit` is the first of the cancelled ones that it covered: the rest of a credit may cover others.
    """
    facts = (reason, amount, currency, order, payment, receipt, refund, unit, tx.now)
    return await tx.execute(ADD, tenant, tx.new_id(), *facts) == 1


async def add_receipts(tx: Tx, tenant: str, rows: Sequence[tuple[Reason, int, str, UUID | None, UUID]]) -> None:
    """Put credits on the list: reason, amount, currency, order and receipt of each."""
    await tx.many(
        ADD,
        [
            (tenant, tx.new_id(), reason, amount, currency, order, None, receipt, None, None, tx.now)
            for reason, amount, currency, order, receipt in rows
        ],
    )


async def lock(tx: Tx, tenant: str, entry: UUID) -> Entry | None:
    """An entry that nobody else decides about meanwhile."""
    row = await tx.row(LOCK, tenant, entry)
    return None if row is None else _entry(row)


async def open_entries(tx: Tx, tenant: str, after: UUID | None, limit: int) -> list[Entry]:
    """What is on the list, oldest first."""
    return [_entry(row) for row in await tx.fetch(OPEN, tenant, after, limit)]


async def allocate(tx: Tx, tenant: str, entry: UUID, amount: int) -> None:
    """So much of it pays units; with nothing left it is closed."""
    await tx.execute(ALLOCATE, tenant, entry, amount, tx.now)


async def close(tx: Tx, tenant: str, entry: UUID, outcome: str) -> None:
    """A human has dealt with it."""
    await tx.execute(CLOSE, tenant, entry, tx.now, outcome)


def reword(tx: Tx, tenant: str, payment: UUID, before: Reason, now: Reason) -> None:
    """The payment is on the list, or was, for another reason by now: its money waits once."""
    tx.note(REWORD, tenant, payment, before, now)


def close_of_payment(tx: Tx, tenant: str, payment: UUID) -> None:
    """All of the payment went back."""
    tx.note(CLOSE_OF_PAYMENT, tenant, payment, tx.now)


async def log_reading(tx: Tx, tenant: str, subjects: Sequence[UUID], reader: str, purpose: str) -> None:
    """Record that somebody reads sealed records."""
    await tx.execute(LOG_READING, tenant, subjects, reader, purpose, tx.now)


def _entry(row: Any) -> Entry:
    facts = dict(row)
    facts["reason"] = Reason(facts["reason"])
    return Entry(**facts)
