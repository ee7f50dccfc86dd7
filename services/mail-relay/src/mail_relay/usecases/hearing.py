"""Keeping what is heard of an order, and recording the e-mails that are due by it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from chassis.db import Tx
from contracts.delivery import DownloadGranted
from contracts.licensing import LicenseBackordered, LicenseIssued
from contracts.orders import DeliveryReleased, OrderCancelled, OrderPaid, OrderPlaced, OrderRefunded
from contracts.payments import PaymentRefunded, TransferRequested
from contracts.shared import SaleEvent

from mail_relay.domain.dossier import HISTORY, Dossier
from mail_relay.domain.planning import acknowledge_at, plan
from mail_relay.store import dossiers, emails, orders, parts

SEND = "send e-mails"


async def note_order(tx: Tx, placed: OrderPlaced, domain: str) -> None:
    """Know what was agreed: nothing is written to the customer without it."""
    orders.place(tx, placed, acknowledge_at(placed.ordered_at, tx.now), quiet=not tx.effects)
    _look(tx, placed, domain)


async def note_payment(tx: Tx, paid: OrderPaid, domain: str) -> None:
    """Know which units are paid."""
    parts.add_paid(tx, paid, _history(tx))
    if tx.cause is not None and tx.cause.traceparent is not None:
        orders.set_trace(tx, paid.tenant, paid.order, tx.cause.traceparent)
    _look(tx, paid, domain)


async def note_release(tx: Tx, released: DeliveryReleased, domain: str) -> None:
    """Know that lines may be delivered earlier."""
    parts.release(tx, released)
    _look(tx, released, domain)


async def note_link(tx: Tx, granted: DownloadGranted, domain: str) -> None:
    """Know a line's link, or its newer one."""
    sequence = tx.cause.sequence or 0 if tx.cause is not None else 0
    parts.add_link(tx, granted, sequence, _history(tx))
    _look(tx, granted, domain)


async def note_key(tx: Tx, issued: LicenseIssued, domain: str) -> None:
    """Know a unit's licence key."""
    parts.add_key(tx, issued, _history(tx))
    _look(tx, issued, domain)


async def note_backorder(tx: Tx, waiting: LicenseBackordered, domain: str) -> None:
    """Know that a unit's key follows on refill."""
    parts.backorder(tx, waiting)
    _look(tx, waiting, domain)


async def note_transfer(tx: Tx, asked: TransferRequested, domain: str) -> None:
    """Know how the customer is asked to transfer the money."""
    orders.set_transfer(tx, asked)
    _look(tx, asked, domain)


async def note_cancellation(tx: Tx, cancelled: OrderCancelled, domain: str) -> None:
    """Know which units will not be paid: nobody is thanked for an order that is cancelled."""
    orders.cancel(tx, cancelled)
    _look(tx, cancelled, domain)


async def note_refund(tx: Tx, refunded: OrderRefunded, domain: str) -> None:
    """Know which units were taken back: they are delivered no more."""
    parts.add_refund(tx, refunded)
    _look(tx, refunded, domain)


async def note_repayment(tx: Tx, repaid: PaymentRefunded, domain: str) -> None:
    """Know that money went back: the customer gets a notice."""
    parts.add_repayment(tx, repaid, _history(tx))
    _look(tx, repaid, domain)


async def look_at_orders(tx: Tx, domain: str) -> bool:
    """Record the e-mails that time alone has made due; true where there may be more."""
    due = await orders.to_look_at(tx, tx.now)
    if due:
        await Look(domain, dict.fromkeys(due))(tx)
    return bool(due)


def record_due(tx: Tx, order: orders.Order, known: Dossier, domain: str, cause: str | None) -> None:
    """Record every e-mail that is due, each once, with the Message-ID that it keeps whatever happens.

    The order is locked, and its dossier was read since. An e-mail belongs to the trace of its `cause` if there is one,
    else to that of its order.
    """
    if order.placed is None:
        return
    plan_now = plan(known, tx.now)
    sequence = max((email.sequence for email in known.emails), default=HISTORY)
    for wanted in plan_now.wanted:
        sequence += 1
        email = tx.new_id()
        trace = cause or order.traceparent
        emails.add(tx, order.tenant, order.order, email, wanted, sequence, f"<{email}@{domain}>", trace)
        if wanted.gather == timedelta():
            tx.wake(SEND)
    if _differs(order.look_at, plan_now.look_at, tx.now):
        orders.look_at(tx, order.tenant, order.order, plan_now.look_at)


@dataclass(slots=True)
class Look:
    """Looks once at all orders of which a chunk tells, each with the trace of what was told of it first."""

    domain: str
    orders: dict[tuple[str, UUID], str | None] = field(default_factory=dict[tuple[str, UUID], str | None])

    async def __call__(self, tx: Tx) -> None:
        for order, known in await dossiers.load(tx, self.orders):
            record_due(tx, order, known, self.domain, self.orders[order.tenant, order.order])


def _look(tx: Tx, told: SaleEvent, domain: str) -> None:
    """Record what is due once for all that this chunk tells of an order."""
    trace = tx.cause.traceparent if tx.cause is not None else None
    tx.at_end(Look, Look(domain)).orders.setdefault((told.tenant, told.order), trace)


def _differs(known: datetime | None, wanted: datetime | None, now: datetime) -> bool:
    """Whether the moment to look at an order is to be written anew; one that is too early costs one look too many."""
    return known != wanted and (known is None or wanted is None or wanted < known or known <= now)


def _history(tx: Tx) -> int | None:
    """What is replayed from before EFFECTS_SINCE counts as told already."""
    return None if tx.effects else HISTORY
