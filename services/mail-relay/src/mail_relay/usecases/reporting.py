"""Reporting to writers that their messages did not arrive, also when one came back later (F-M10, F-M11)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis.db import Tx, known_tenants
from chassis.jobs import Trigger
from chassis.telemetry import current_traceparent
from contracts.mail_relay import EmailReturned, MessageRefused, MessageRelayed
from contracts.mail_relay import Side as PublishedSide
from mailing.envelope import Sent
from mailing.reports import Arrival

from mail_relay.domain.alias import Side
from mail_relay.domain.message import State
from mail_relay.domain.proof import Fact
from mail_relay.domain.relaying import HOLD, Lease, Outcome, Task, Verdict
from mail_relay.domain.report import Report
from mail_relay.store import arrivals, proofs, reports
from mail_relay.store.arrivals import Reported
from mail_relay.usecases import pausing, proving
from mail_relay.usecases.policing import RELAY

SEND = Trigger("send reports")
RETURNED = "returned"


async def letter_returned(tx: Tx, sent: Sent, status: str) -> None:
    """Publish that one of the shop's own letters came back; the service that sent it knows what follows."""
    for tenant in await known_tenants(tx):
        if sent.is_of(tenant):
            tx.publish(EmailReturned(tenant=tenant, email=sent.id, status=status, returned_at=tx.now))


async def returned(tx: Tx, sent: Sent, status: str) -> None:
    """Record that the other side's server sent a message back after it had taken it, unless that is known."""
    found = await arrivals.by_id(tx, sent.id)
    end = await proving.take_turn(tx, found.tenant, found.conversation_id) if found else None
    if found is None or end is None or not await arrivals.take_back(tx, sent.id, status):
        return
    of = (found.tenant, found.conversation_id)
    await proving.prove_behind(tx, *of, end, Fact.RETURNED, sent.id, status=status)
    tx.publish(
        MessageRefused(
            tenant=found.tenant,
            conversation=found.conversation_id,
            refusal=sent.id,
            seller=found.seller,
            order=found.order_id,
            side=PublishedSide(found.side),
            reason=RETURNED,
            refused_at=tx.now,
        )
    )
    await report(tx, found.tenant, sent.id, status)
    tx.wake(RELAY)  # the next one of the conversation, which waits where it came back before that was recorded
    await pausing.bounced(tx, found.tenant, found.conversation_id, Side(found.side).other)


def relayed(message: Task | Reported, order: UUID | None, now: datetime, answer: str) -> MessageRelayed:
    """Return the fact that the other side's server has taken a message."""
    return MessageRelayed(
        tenant=message.tenant,
        conversation=message.conversation_id,
        message=message.id,
        seller=message.seller,
        order=order,
        number=message.number,
        side=PublishedSide(message.side),
        received_at=message.received_at,
        relayed_at=now,
        answer=answer,
    )


async def arrived(tx: Tx, sent: Sent, arrival: Arrival) -> None:
    """Record what a server reports of a message that went on, once: delivered, it is in the other side's mailbox."""
    found = await arrivals.by_id(tx, sent.id)
    end = await proving.take_turn(tx, found.tenant, found.conversation_id) if found else None
    if found is None or end is None:
        return
    known = [one.proof for one in await proofs.about(tx, found.tenant, [sent.id])]
    if any(one.fact is Fact.REPORTED and one.details["action"] == arrival.value for one in known):
        return
    of = (found.tenant, found.conversation_id)
    await proving.prove_behind(tx, *of, end, Fact.REPORTED, sent.id, action=arrival.value)
    if arrival is Arrival.DELIVERED and await arrivals.deliver(tx, sent.id) is State.WAITING:
        # we have not heard the server's answer, or not recorded it yet: it need not be handed over again
        tx.publish(relayed(found, found.order_id, tx.now, f"reported {arrival}"), cause=found)
        tx.wake(RELAY)


async def report(tx: Tx, tenant: str, message_id: UUID, status: str) -> None:
    """Tell the writer of a message that it did not arrive."""
    await reports.add(tx, tenant, message_id, status, current_traceparent())
    tx.wake(SEND)


async def claim(tx: Tx, limit: int, lease: Lease) -> Sequence[Report]:
    """Lease reports that are to be sent now."""
    return await reports.claim(tx, limit, lease.duration)


async def settle(tx: Tx, task: Report, outcome: Outcome) -> None:
    """Record how an attempt ended: what is refused for good is not tried again, for nobody is left to tell."""
    match outcome.verdict:
        case Verdict.HELD:
            again = tx.now + HOLD
        case Verdict.REFUSED | Verdict.LOST:
            again = task.again_at(tx.now)
        case _:
            again = None
    await reports.settle(tx, task, again)
