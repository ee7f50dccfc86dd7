"""Saving what has become of an order, and publishing what follows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.db import Tx
from contracts.orders import OrderClosed, OrderPlaced, OrderRefunded, RefundedUnit, RefundReason
from contracts.wire import Attributes

from orders.domain.order import Order, OrderUnknown
from orders.domain.unit import Unit
from orders.store import orders, refunds
from orders.store.orders import StoredOrder


@dataclass(frozen=True, slots=True)
class Change:
    """An order as it was stored and as it has become, by what was consumed if not by a request."""

    stored: StoredOrder
    order: Order
    cause: Attributes | None = None


async def lock(tx: Tx, tenant: str, order_id: UUID) -> StoredOrder:
    """Return an order, which nobody else changes before the transaction ends; raises OrderUnknown."""
    found = await orders.lock(tx, [(tenant, order_id)])
    if not found:
        raise OrderUnknown
    return found[tenant, order_id]


async def conclude(tx: Tx, changes: Iterable[Change]) -> None:
    """Save locked orders with the state that follows, and publish OrderClosed when nothing is left to happen."""
    saved: list[tuple[Order, Order]] = []
    for change in changes:
        placed, before, after = change.stored.placed, change.stored.order, change.order.concluded(tx.now)
        if after == before:
            continue
        saved.append((before, after))
        closed_at, until = after.closed_at, after.contact_until
        if (
            closed_at is not None
            and until is not None
            and (closed_at, until) != (before.closed_at, before.contact_until)
        ):
            closed = OrderClosed(**placed.header, customer=placed.customer, closed_at=closed_at, contact_until=until)
            tx.publish(closed, cause=change.cause)
    await orders.save(tx, saved)


async def record_refund(
    tx: Tx,
    placed: OrderPlaced,
    refund_id: UUID,
    units: Sequence[Unit],
    reason: RefundReason,
    decided_by: str,
    at: datetime,
    cause: Attributes | None = None,
) -> None:
    """Record that these units of an order are refunded, and publish it."""
    refund = OrderRefunded(
        **placed.header,
        refund=refund_id,
        customer=placed.customer,
        units=[RefundedUnit(unit=unit.id, line=unit.line_id, **unit.amount.parts) for unit in units],
        reason=reason,
        amount=sum(unit.amount.gross for unit in units),
        currency=placed.totals.currency,
        refunded_at=at,
    )
    await refunds.add(tx, refund, decided_by)
    tx.publish(refund, cause=cause)
