"""Noticing what came back: a message did not arrive after all, and its writer is told (F-M10, F-M11)."""

from collections.abc import Sequence
from uuid import UUID

from chassis.db import Tx
from chassis.jobs import Trigger
from chassis.telemetry import current_traceparent
from contracts.mail_relay import MessageRefused
from contracts.mail_relay import Side as PublishedSide

from mail_relay.domain.notice import Notice
from mail_relay.domain.relaying import HOLD, Lease, Outcome, Verdict
from mail_relay.store import messages, notices

NOTIFY = Trigger("send notices")
RETURNED = "returned"


async def returned(tx: Tx, message_id: UUID, status: str) -> bool:
    """Record that the other side's server sent a message back after it had taken it; false where that is no news."""
    found = await messages.take_back(tx, message_id, status)
    if found is None:
        return False
    tx.publish(
        MessageRefused(
            tenant=found.tenant,
            conversation=found.conversation_id,
            refusal=message_id,
            seller=found.seller,
            order=found.order_id,
            side=PublishedSide(found.side),
            reason=RETURNED,
            refused_at=tx.now,
        )
    )
    await notify(tx, found.tenant, message_id, status)
    return True


async def notify(tx: Tx, tenant: str, message_id: UUID, status: str) -> None:
    """Tell the writer of a message that it did not arrive."""
    await notices.add(tx, tenant, message_id, status, current_traceparent())
    tx.wake(NOTIFY)


async def claim(tx: Tx, limit: int, lease: Lease) -> Sequence[Notice]:
    """Lease notices that are to be sent now."""
    return await notices.claim(tx, limit, lease.duration)


async def settle(tx: Tx, notice: Notice, outcome: Outcome) -> None:
    """Record how an attempt ended: what is refused for good is not tried again, for nobody is left to tell."""
    match outcome.verdict:
        case Verdict.HELD:
            again = tx.now + HOLD
        case Verdict.REFUSED | Verdict.LOST:
            again = notice.again_at(tx.now)
        case _:
            again = None
    await notices.settle(tx, notice, again)
