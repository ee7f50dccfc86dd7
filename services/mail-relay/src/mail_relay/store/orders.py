"""Orders, as far as their e-mails need them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.database import Tx
from contracts.event import Part, Public, Time
from contracts.orders import Consent, LegalSeller, Line, OrderPlaced, PaymentMethod, Terms, Totals
from contracts.payments import TransferRequested
from contracts.shared import CustomerType, Story

OPEN = """
insert into orders (tenant, order_id, channel, market, seller, order_number, ordered_at)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict do nothing
"""

FIND = """
select channel, market, seller, order_number, ordered_at, placed, name_box, email_box, acknowledge_at, quiet, transfer,
       cancelled, traceparent
from orders
where tenant = $1
  and order_id = $2
"""

LOCK = FIND + "for update"

PLACE = """
update orders
set placed = $3, contact_key = $4, name_box = $5, email_box = $6, acknowledge_at = $7, quiet = $8
where tenant = $1
  and order_id = $2
  and placed is null
"""

SET_TRACE = """
update orders
set traceparent = $3
where tenant = $1
  and order_id = $2
"""

SET_TRANSFER = """
update orders
set transfer = $3
where tenant = $1
  and order_id = $2
"""

CANCEL = """
update orders
set cancelled = cancelled || $3::uuid[]
where tenant = $1
  and order_id = $2
"""

LOOK_AT = """
update orders
set look_at = $3
where tenant = $1
  and order_id = $2
  and look_at is distinct from $3
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
    traceparent: str | None


async def open_locked(tx: Tx, story: Story) -> Order:
    """The order of an event, made where this is the first to be heard of it; nobody else changes it meanwhile."""
    found = await lock(tx, story.tenant, story.order)
    if found is None:
        facts = (story.channel, story.market, story.seller, story.order_number, story.ordered_at)
        await tx.execute(OPEN, story.tenant, story.order, *facts)
        found = await lock(tx, story.tenant, story.order)
    if found is None:
        raise LookupError("an order that was just made is gone")
    return found


async def lock(tx: Tx, tenant: str, order: UUID) -> Order | None:
    """An order that nobody else changes meanwhile."""
    return await _order(tx, tenant, order, LOCK)


async def find(tx: Tx, tenant: str, order: UUID) -> Order | None:
    """An order, for reading."""
    return await _order(tx, tenant, order, FIND)


async def place(tx: Tx, placed: OrderPlaced, acknowledge_at: datetime, *, quiet: bool) -> None:
    """Keep what was agreed, without the boxes that e-mails do not need."""
    agreed = placed.model_dump_json(include=AGREED)
    boxes = (placed.keys.contact.key, str(placed.name_contact), str(placed.email_contact))
    await tx.execute(PLACE, placed.tenant, placed.order, agreed, *boxes, acknowledge_at, quiet)


async def set_trace(tx: Tx, tenant: str, order: UUID, traceparent: str) -> None:
    """Remember the trace to which later e-mails of this order belong."""
    await tx.execute(SET_TRACE, tenant, order, traceparent)


async def set_transfer(tx: Tx, asked: TransferRequested) -> None:
    """Keep how the customer is asked to transfer the money."""
    await tx.execute(SET_TRANSFER, asked.tenant, asked.order, asked.model_dump_json(include=ASKED))


async def cancel(tx: Tx, tenant: str, order: UUID, units: Sequence[UUID]) -> None:
    """Remember that these units will not be paid."""
    await tx.execute(CANCEL, tenant, order, units)


async def look_at(tx: Tx, tenant: str, order: UUID, at: datetime | None) -> None:
    """Remember when time alone may make an e-mail due."""
    await tx.execute(LOOK_AT, tenant, order, at)


async def to_look_at(tx: Tx, now: datetime) -> list[tuple[str, UUID]]:
    """Orders for which the time has come, locked, at most 100."""
    return [(row["tenant"], row["order_id"]) for row in await tx.fetch(TO_LOOK_AT, now)]


async def lock_of_contact(tx: Tx, tenant: str, key: UUID) -> list[UUID]:
    """The orders whose customer is reached by this key, locked."""
    return [row["order_id"] for row in await tx.fetch(OF_CONTACT, tenant, key)]


async def drop_boxes(tx: Tx, tenant: str, key: UUID) -> None:
    """Forget name and address that were sealed to this key."""
    await tx.execute(DROP_BOXES, tenant, key)


async def _order(tx: Tx, tenant: str, order: UUID, query: str) -> Order | None:
    row = await tx.row(query, tenant, order)
    if row is None:
        return None
    facts = dict(row)
    if facts["placed"] is not None:
        facts["placed"] = Agreement.model_validate_json(facts["placed"])
    if facts["transfer"] is not None:
        facts["transfer"] = Transfer.model_validate_json(facts["transfer"])
    facts["cancelled"] = frozenset(facts["cancelled"])
    return Order(tenant=tenant, order=order, **facts)
