"""What servers report of messages that were handed over to them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.db import Read, Tx

from mail_relay.domain.message import State


@dataclass(frozen=True, slots=True)
class Reported:
    """A message of which a server reports something."""

    id: UUID
    tenant: str
    conversation_id: UUID
    seller: str
    order_id: UUID | None
    number: int
    side: str
    received_at: datetime
    traceparent: str | None


BY_ID = """
select m.id, m.tenant, m.conversation_id, c.seller, c.order_id, m.number, m.side, m.received_at, m.traceparent
from messages m
join conversations c on c.tenant = m.tenant and c.id = m.conversation_id
where m.id = $1
"""


async def by_id(read: Read, message_id: UUID) -> Reported | None:
    """Return a message, whosever it is."""
    row = await read.row(BY_ID, message_id)
    return None if row is None else Reported(**dict(row))


TAKE_BACK = """
update messages
set state = 'returned', answer = $2, settled_at = $3
where id = $1
  and state in ('relayed', 'delivered', 'waiting')
returning id
"""


async def take_back(tx: Tx, message_id: UUID, status: str) -> bool:
    """Record that a message came back after it was handed over; false where it has come back before.

    That may be before its handing over is recorded, for a server can be faster than we are.
    """
    return await tx.value(TAKE_BACK, message_id, status, tx.now) is not None


DELIVER = """
update messages
set state = 'delivered', settled_at = coalesce(messages.settled_at, $2), leased_until = null
from messages before
where messages.id = $1
  and messages.state in ('relayed', 'waiting')
  and before.tenant = messages.tenant
  and before.id = messages.id
returning before.state
"""


async def deliver(tx: Tx, message_id: UUID) -> State | None:
    """Record that a message is in its mailbox, and return what was known of it before; None where it is no news.

    Its conversation must be locked. That may be before its handing over is recorded.
    """
    before = await tx.value(DELIVER, message_id, tx.now)
    return None if before is None else State(before)
