"""Money that a human has to look at."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from chassis.db import Read, Tx
from pydantic import TypeAdapter
from uuid_utils.compat import uuid7

from payments.domain.payments import Reason

NOT_ALLOCATABLE = frozenset({Reason.CREDIT_REVERSED, Reason.RETURNED_PAYOUT, Reason.UNREADABLE})


@dataclass(frozen=True, slots=True)
class NewEntry:
    """Money to list for review.

    `unit_id` is the first of the cancelled units that it covered: the rest of a receipt may cover others. `proposed`
    are orders that a credit which names none may mean.
    """

    reason: Reason
    amount: int
    currency: str
    order_id: UUID | None = None
    payment_id: UUID | None = None
    receipt_id: UUID | None = None
    refund_id: UUID | None = None
    unit_id: UUID | None = None
    proposed: tuple[UUID, ...] = ()
    id: UUID = field(default_factory=uuid7)


@dataclass(frozen=True, slots=True)
class Entry:
    """Money that a human has to look at, how much of it was allocated to units, and the orders that it may mean."""

    id: UUID
    reason: Reason
    amount: int
    currency: str
    allocated: int
    order_id: UUID | None
    payment_id: UUID | None
    receipt_id: UUID | None
    refund_id: UUID | None
    opened_at: datetime
    closed_at: datetime | None
    outcome: str | None
    payer: str | None
    booked_on: date | None
    place: str | None
    fault: str | None
    proposed: Sequence[UUID]

    @property
    def left(self) -> int:
        """How much of it pays nothing yet."""
        return self.amount - self.allocated

    @property
    def allocatable(self) -> bool:
        """Whether it is a transfer of a customer's that is known and still here."""
        return self.receipt_id is not None and self.reason not in NOT_ALLOCATABLE


def _entry(row: Any) -> Entry:
    facts: dict[str, Any] = {**row, "reason": Reason(row["reason"])}
    return Entry(**facts)


NEW_ENTRIES = TypeAdapter(Sequence[NewEntry])

ADD = """
insert into review_entries
  (tenant, id, reason, amount, currency, order_id, payment_id, receipt_id, refund_id, unit_id, proposed, opened_at)
select $1, n.id, n.reason, n.amount, n.currency, n.order_id, n.payment_id, n.receipt_id, n.refund_id, n.unit_id,
       n.proposed, $2
from jsonb_populate_recordset(null::review_entries, $3::jsonb) as n
on conflict do nothing
"""


async def add(tx: Tx, tenant: str, *entries: NewEntry) -> bool:
    """List money for review; false where all of it was listed for the same reason before."""
    return await tx.execute(ADD, tenant, tx.now, NEW_ENTRIES.dump_json(entries).decode()) > 0


COLUMNS = """
select e.id, e.reason, e.amount, e.currency, e.allocated, e.order_id, e.payment_id, e.receipt_id, e.refund_id,
       e.opened_at, e.closed_at, e.outcome, r.payer, r.booked_on, r.place, r.fault, e.proposed
from review_entries e
left join receipts r on r.tenant = e.tenant and r.id = e.receipt_id
"""

LOCK = f"""
{COLUMNS}
where e.tenant = $1
  and e.id = any($2::uuid[])
order by e.id
for update of e
"""


async def lock(tx: Tx, tenant: str, entry_ids: Sequence[UUID]) -> dict[UUID, Entry]:
    """Return those of these entries that exist, and let nobody else decide about them until the transaction ends."""
    return {row["id"]: _entry(row) for row in await tx.fetch(LOCK, tenant, entry_ids)}


IN_PARTS = f"""
{COLUMNS}
where e.tenant = $1
  and e.order_id = $2
  and e.reason = 'underpaid'
  and e.currency = $3
  and e.receipt_id is not null
  and e.allocated = 0
  and e.closed_at is null
order by e.id
for update of e
"""


async def in_parts(tx: Tx, tenant: str, order_id: UUID, currency: str) -> list[Entry]:
    """Return the transfers that name an order and each were too little, as far as nobody has dealt with them."""
    return [_entry(row) for row in await tx.fetch(IN_PARTS, tenant, order_id, currency)]


RECEIVED = """
select coalesce(sum(amount), 0)::bigint
from review_entries
where tenant = $1
  and order_id = $2
  and reason = 'underpaid'
  and currency = $3
  and receipt_id is not null
  and allocated = 0
  and closed_at is null
"""


async def received(read: Read, tenant: str, order_id: UUID, currency: str) -> int:
    """Return how much of what an order owes has come in parts already, and pays nothing yet."""
    return await read.value(RECEIVED, tenant, order_id, currency)


OPEN = f"""
{COLUMNS}
where e.tenant = $1
  and e.closed_at is null
  and ($2::uuid is null or e.id > $2)
order by e.id
limit $3
"""


async def open_entries(read: Read, tenant: str, after: tuple[UUID] | None, limit: int) -> list[Entry]:
    """Return what waits for review, oldest first."""
    return [_entry(row) for row in await read.fetch(OPEN, tenant, after and after[0], limit)]


COUNT = """
select count(*)
from review_entries
where tenant = $1
  and closed_at is null
"""


async def count(read: Read, tenant: str) -> int:
    """Return how much waits for review."""
    return await read.value(COUNT, tenant)


@dataclass(frozen=True, slots=True)
class Part:
    """How much of an entry and its receipt pays units."""

    entry_id: UUID
    receipt_id: UUID
    amount: int


PARTS = TypeAdapter(Sequence[Part])

# An entry with nothing left is closed. Two entries may be of one receipt.
ALLOCATE = """
with part as (
  select entry_id, receipt_id, amount
  from jsonb_to_recordset($4::jsonb) as p (entry_id uuid, receipt_id uuid, amount bigint)
),
used as (
  update review_entries e
  set allocated = e.allocated + part.amount,
      closed_at = case when e.allocated + part.amount >= e.amount then $3::timestamptz end,
      outcome = case when e.allocated + part.amount >= e.amount then 'allocated' end
  from part
  where e.tenant = $1
    and e.id = part.entry_id
)
insert into allocations (tenant, id, receipt_id, amount)
select $1, $2, receipt_id, sum(amount)
from part
group by receipt_id
"""


async def allocate(tx: Tx, tenant: str, allocation_id: UUID, parts: Sequence[Part]) -> None:
    """Let these parts of entries be one allocation."""
    await tx.execute(ALLOCATE, tenant, allocation_id, tx.now, PARTS.dump_json(parts).decode())


CLOSE = """
update review_entries
set closed_at = $3, outcome = $4
where tenant = $1
  and id = $2
"""


async def close(tx: Tx, tenant: str, entry_id: UUID, outcome: str) -> None:
    """Record that a human has dealt with it."""
    await tx.execute(CLOSE, tenant, entry_id, tx.now, outcome)


CHANGE_REASON = """
update review_entries e
set reason = $4
where e.tenant = $1
  and e.payment_id = $2
  and e.reason = $3
  and not exists (
    select
    from review_entries o
    where o.tenant = e.tenant
      and o.reason = $4
      and o.payment_id = e.payment_id
  )
"""


async def change_reason(tx: Tx, tenant: str, payment_id: UUID, before: Reason, now: Reason) -> None:
    """Give the payment's entry another reason, so that its money is listed once."""
    await tx.execute(CHANGE_REASON, tenant, payment_id, before, now)


CLOSE_OF_PAYMENT = """
update review_entries
set closed_at = $3, outcome = 'paid_back'
where tenant = $1
  and payment_id = $2
  and closed_at is null
"""


async def close_of_payment(tx: Tx, tenant: str, payment_id: UUID) -> None:
    """Close the entries of a payment all of which went back."""
    await tx.execute(CLOSE_OF_PAYMENT, tenant, payment_id, tx.now)


CLOSE_RETURNED = """
update review_entries
set closed_at = $3, outcome = 'paid_back'
where tenant = $1
  and refund_id = $2
  and reason = 'returned_payout'
  and closed_at is null
"""


async def close_returned(tx: Tx, tenant: str, refund_id: UUID) -> None:
    """Close the entries of payouts of this refund that came back: the money is sent again."""
    await tx.execute(CLOSE_RETURNED, tenant, refund_id, tx.now)


CLOSE_DISPUTED = """
update review_entries
set closed_at = $3, outcome = $4
where tenant = $1
  and payment_id = $2
  and reason = 'disputed'
  and closed_at is null
"""


async def close_disputed(tx: Tx, tenant: str, payment_id: UUID, outcome: str) -> None:
    """Close the entry of a payment whose disputes have ended."""
    await tx.execute(CLOSE_DISPUTED, tenant, payment_id, tx.now, outcome)
