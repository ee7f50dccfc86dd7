"""Keeping what is heard of an order, and recording the e-mails that are due by it."""

from datetime import timedelta
from functools import partial
from uuid import UUID

from chassis.database import Tx
from contracts.delivery import DownloadGranted
from contracts.licensing import LicenseBackordered, LicenseIssued
from contracts.orders import DeliveryReleased, OrderCancelled, OrderPaid, OrderPlaced, OrderRefunded
from contracts.payments import PaymentRefunded, TransferRequested

from mail_relay.domain.dossier import HISTORY
from mail_relay.domain.planning import acknowledge_at, plan
from mail_relay.store import dossiers, emails, orders, parts

SEND = "send e-mails"


async def note_order(tx: Tx, placed: OrderPlaced, domain: str) -> None:
    """Know what was agreed: nothing is written to the customer without it."""
    await orders.open_locked(tx, placed)
    await orders.place(tx, placed, acknowledge_at(placed.ordered_at, tx.now), quiet=not tx.effects)
    _look(tx, placed.tenant, placed.order, domain)


async def note_payment(tx: Tx, paid: OrderPaid, domain: str) -> None:
    """Know which units are paid."""
    order = await orders.open_locked(tx, paid)
    await parts.add_paid(tx, paid, _history(tx))
    if order.traceparent is None and tx.cause is not None and tx.cause.traceparent is not None:
        await orders.set_trace(tx, paid.tenant, paid.order, tx.cause.traceparent)
    _look(tx, paid.tenant, paid.order, domain)


async def note_release(tx: Tx, released: DeliveryReleased, domain: str) -> None:
    """Know that lines may be delivered earlier."""
    await orders.open_locked(tx, released)
    await parts.release(tx, released.tenant, released.order, released.lines, released.deliver_from)
    _look(tx, released.tenant, released.order, domain)


async def note_link(tx: Tx, granted: DownloadGranted, domain: str) -> None:
    """Know a line's link, or its newer one."""
    await orders.open_locked(tx, granted)
    sequence = tx.cause.sequence or 0 if tx.cause is not None else 0
    await parts.add_link(tx, granted, sequence, _history(tx))
    _look(tx, granted.tenant, granted.order, domain)


async def note_key(tx: Tx, issued: LicenseIssued, domain: str) -> None:
    """Know a unit's licence key."""
    await orders.open_locked(tx, issued)
    await parts.add_key(tx, issued, _history(tx))
    _look(tx, issued.tenant, issued.order, domain)


async def note_backorder(tx: Tx, waiting: LicenseBackordered, domain: str) -> None:
    """Know that a unit's key follows on refill."""
    await orders.open_locked(tx, waiting)
    await parts.backorder(tx, waiting.tenant, waiting.order, waiting.unit)
    _look(tx, waiting.tenant, waiting.order, domain)


async def note_transfer(tx: Tx, asked: TransferRequested, domain: str) -> None:
    """Know how the customer is asked to transfer the money."""
    await orders.open_locked(tx, asked)
    await orders.set_transfer(tx, asked)
    _look(tx, asked.tenant, asked.order, domain)


async def note_cancellation(tx: Tx, cancelled: OrderCancelled, domain: str) -> None:
    """Know which units will not be paid: nobody is thanked for an order that is cancelled."""
    await orders.open_locked(tx, cancelled)
    await orders.cancel(tx, cancelled.tenant, cancelled.order, cancelled.units)
    _look(tx, cancelled.tenant, cancelled.order, domain)


async def note_refund(tx: Tx, refunded: OrderRefunded, domain: str) -> None:
    """Know which units were taken back: they are delivered no more."""
    await orders.open_locked(tx, refunded)
    await parts.add_refund(tx, refunded)
    _look(tx, refunded.tenant, refunded.order, domain)


async def note_repayment(tx: Tx, repaid: PaymentRefunded, domain: str) -> None:
    """Know that money went back: the customer gets a notice."""
    await orders.open_locked(tx, repaid)
    await parts.add_repayment(tx, repaid, _history(tx))
    _look(tx, repaid.tenant, repaid.order, domain)


async def look_at_orders(tx: Tx, domain: str) -> bool:
    """Record the e-mails that time alone has made due; true where there may be more."""
    due = await orders.to_look_at(tx, tx.now)
    for tenant, order in due:
        await record_due(tx, tenant, order, domain)
    return bool(due)


async def record_due(tx: Tx, tenant: str, order_id: UUID, domain: str) -> None:
    """Record every e-mail that is due, each once, with the Message-ID that it keeps whatever happens."""
    order = await orders.lock(tx, tenant, order_id)
    if order is None or order.placed is None:
        return
    known = await dossiers.load(tx, order)
    plan_now = plan(known, tx.now)
    sequence = max((email.sequence for email in known.emails), default=HISTORY)
    cause = tx.cause.traceparent if tx.cause is not None else None
    for wanted in plan_now.wanted:
        sequence += 1
        email = tx.new_id()
        message_id = f"<{email}@{domain}>"
        send_at = tx.now + wanted.gather
        trace = cause or order.traceparent
        await emails.add(tx, tenant, order_id, email, wanted.kind, sequence, wanted.about, message_id, send_at, trace)
        if wanted.units:
            await parts.announce(tx, tenant, order_id, sequence, wanted.units)
        if wanted.about is not None:
            await parts.notify(tx, tenant, order_id, sequence, wanted.about)
        if wanted.gather == timedelta():
            tx.wake(SEND)
    await orders.look_at(tx, tenant, order_id, plan_now.look_at)


def _look(tx: Tx, tenant: str, order: UUID, domain: str) -> None:
    """Record what is due once for all that this chunk tells of an order."""
    tx.at_end((record_due, tenant, order), partial(record_due, tenant=tenant, order_id=order, domain=domain))


def _history(tx: Tx) -> int | None:
    """What is replayed from before EFFECTS_SINCE counts as told already."""
    return None if tx.effects else HISTORY
