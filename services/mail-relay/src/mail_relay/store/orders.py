"""Orders, as far as their e-mails need them."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Tx
from contracts.event import Part, Public, Time
from contracts.orders import Consent, LegalSeller, Line, OrderCancelled, OrderPlaced, PaymentMethod, Terms, Totals
from contracts.payments import TransferRequested
from contracts.shared import CustomerType, SaleEvent

# Before a statement that keeps what an event tells of its order: the order, made where this is the first to be heard of
# it, and locked. What is kept is taken from `held`, so that the lock comes first; there is no new version of its row.
HOLD = """
with known as (
  select tenant, order_id
  from orders
  where tenant = $1
    and order_id = $2
  for update
), opened as (
  insert into orders (tenant, order_id, channel, market, seller, order_number, ordered_at)
  select $1, $2, $3, $4, $5, $6, $7
  where not exists (select from known)
  on conflict (tenant, order_id) do update
  set order_number = excluded.order_number
  returning tenant, order_id
), held as (
  select tenant, order_id
  from known
  union all
  select tenant, order_id
  from opened
)
"""

KNOWN = """
select true
from orders
where tenant = $1
  and order_id = $2
"""

LOCK = KNOWN + "for update"

PLACE = """
insert into orders
  (tenant, order_id, channel, market, seller, order_number, ordered_at,
   placed, contact_key, name_box, email_box, acknowledge_at, quiet)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
on conflict (tenant, order_id) do update
set placed = excluded.placed, contact_key = excluded.contact_key, name_box = excluded.name_box,
    email_box = excluded.email_box, acknowledge_at = excluded.acknowledge_at, quiet = excluded.quiet
where orders.placed is null
"""

SET_TRACE = """
update orders
set traceparent = $3
where tenant = $1
  and order_id = $2
  and traceparent is null
"""

SET_TRANSFER = """
insert into orders (tenant, order_id, channel, market, seller, order_number, ordered_at, transfer)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (tenant, order_id) do update
set transfer = excluded.transfer
"""

CANCEL = """
insert into orders (tenant, order_id, channel, market, seller, order_number, ordered_at, cancelled)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (tenant, order_id) do update
set cancelled = orders.cancelled || excluded.cancelled
"""

LOOK_AT = """
update orders
set look_at = $3
where tenant = $1
  and order_id = $2
"""

TO_LOOK_AT = """
select tenant, order_id
from orders
where look_at <= $1
order by look_at
limit 100
for update skip locked
"""

OF_CONTACT = """
select order_id
from orders
where tenant = $1
  and contact_key = $2
order by order_id
for update
"""

DROP_BOXES = """
update orders
set name_box = null, email_box = null
where tenant = $1
  and contact_key = $2
"""


class Agreement(Part):
    """What was agreed when the order was placed, as far as e-mails repeat it."""

    customer: Public[UUID]
    customer_type: Public[CustomerType]
    language: Public[str]
    payment_method: Public[PaymentMethod]
    consents: Public[list[Consent]]
    seller_details: Public[LegalSeller]
    terms: Public[Terms]
    lines: Public[list[Line]]
    totals: Public[Totals]


class Transfer(Part):
    """How the customer is asked to transfer the money."""

    reference: Public[str]
    iban: Public[str]
    bic: Public[str]
    payee: Public[str]
    amount: Public[int]
    due_at: Public[Time]


AGREED = set(Agreement.model_fields)
ASKED = set(Transfer.model_fields)


@dataclass(frozen=True, slots=True)
class Order:
    """An order as stored; `placed` is None until OrderPlaced is heard, a box None once its key is destroyed."""

    tenant: str
    order: UUID
    channel: str
    market: str
    seller: str
    order_number: str
    ordered_at: datetime
    placed: Agreement | None
    name_box: str | None
    email_box: str | None
    acknowledge_at: datetime | None
    quiet: bool
    transfer: Transfer | None
    cancelled: frozenset[UUID]
    look_at: datetime | None
    traceparent: str | None


COLUMNS = tuple(fact.name for fact in fields(Order) if fact.name not in {"tenant", "order"})


def header(story: SaleEvent) -> tuple[str, UUID, str, str, str, str, datetime]:
    """What every event tells of its order, as HOLD takes it."""
    facts = (story.channel, story.market, story.seller, story.order_number, story.ordered_at)
    return story.tenant, story.order, *facts


async def known(tx: Tx, tenant: str, order: UUID) -> bool:
    """Whether anything was heard of an order."""
    return await tx.value(KNOWN, tenant, order) is not None


async def lock(tx: Tx, tenant: str, order: UUID) -> bool:
    """Whether there is such an order, which nobody else changes meanwhile."""
    return await tx.value(LOCK, tenant, order) is not None


def place(tx: Tx, placed: OrderPlaced, acknowledge_at: datetime, *, quiet: bool) -> None:
    """Keep what was agreed, without the boxes that e-mails do not need."""
    agreed = placed.model_dump_json(include=AGREED)
    boxes = (placed.keys.contact.key, str(placed.name_contact), str(placed.email_contact))
    tx.note(PLACE, *header(placed), agreed, *boxes, acknowledge_at, quiet)


def set_trace(tx: Tx, tenant: str, order: UUID, traceparent: str) -> None:
    """Remember the trace to which later e-mails of this order belong, the first that is told."""
    tx.note(SET_TRACE, tenant, order, traceparent)


def set_transfer(tx: Tx, asked: TransferRequested) -> None:
    """Keep how the customer is asked to transfer the money."""
    tx.note(SET_TRANSFER, *header(asked), asked.model_dump_json(include=ASKED))


def cancel(tx: Tx, cancelled: OrderCancelled) -> None:
    """Remember that these units will not be paid."""
    tx.note(CANCEL, *header(cancelled), cancelled.units)


def look_at(tx: Tx, tenant: str, order: UUID, at: datetime | None) -> None:
    """Remember when time alone may make an e-mail due."""
    tx.note(LOOK_AT, tenant, order, at)


async def to_look_at(tx: Tx, now: datetime) -> list[tuple[str, UUID]]:
    """Orders for which the time has come, locked, at most 100."""
    return [(row["tenant"], row["order_id"]) for row in await tx.fetch(TO_LOOK_AT, now)]


async def lock_of_contact(tx: Tx, tenant: str, key: UUID) -> list[UUID]:
    """The orders whose customer is reached by this key, locked."""
    return [row["order_id"] for row in await tx.fetch(OF_CONTACT, tenant, key)]


async def drop_boxes(tx: Tx, tenant: str, key: UUID) -> None:
    """Forget name and address that were sealed to this key."""
    await tx.execute(DROP_BOXES, tenant, key)


def order(row: Any) -> Order:
    """An order of the columns that bear the names of its facts."""
    facts = {name: row[name] for name in COLUMNS}
    if facts["placed"] is not None:
        facts["placed"] = Agreement.model_validate_json(facts["placed"])
    if facts["transfer"] is not None:
        facts["transfer"] = Transfer.model_validate_json(facts["transfer"])
    facts["cancelled"] = frozenset(facts["cancelled"])
    return Order(tenant=row["tenant"], order=row["order_id"], **facts)
