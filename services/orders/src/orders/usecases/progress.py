"""What an order's header and state are, wherever the order is changed."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from chassis.db import Tx
from contracts.orders import OrderClosed, OrderPlaced
from contracts.shared import SaleHeader

from orders.domain.order import OrderState, OrderUnknown, Unit, contact_until, state_of
from orders.store import orders


def header(placed: OrderPlaced) -> SaleHeader:
    """The header of an order's events."""
    return SaleHeader(
        tenant=placed.tenant,
        channel=placed.channel,
        market=placed.market,
        seller=placed.seller,
        order=placed.order,
        order_number=placed.order_number,
        ordered_at=placed.ordered_at,
    )


async def locked(tx: Tx, tenant: str, order: UUID) -> orders.Order:
    """The order, which nobody else changes meanwhile; raises OrderUnknown."""
    found = await orders.lock(tx, tenant, order)
    if found is None:
        raise OrderUnknown
    return found


def conclude(tx: Tx, order: orders.Order, units: Sequence[Unit], claim_window: timedelta) -> None:
    """Keep what has become of the units of a locked order and the state that follows, and say when nothing is left."""
    placed = order.placed
    state = state_of(units)
    closed_at, until = order.closed_at, order.contact_until
    if not any(unit.outstanding for unit in units):
        closed_at = closed_at or tx.now
        if state is OrderState.CANCELLED:
            until = closed_at
        else:
            until = contact_until(closed_at, order.links, order.withdrawal_end, claim_window)
    changed = [now for before, now in zip(order.units, units, strict=True) if now != before]
    if changed or (state, closed_at, until) != (order.state, order.closed_at, order.contact_until):
        orders.keep(tx, order, changed, state, closed_at, until)
    if closed_at is not None and until is not None and (closed_at, until) != (order.closed_at, order.contact_until):
        tx.publish(OrderClosed(**header(placed), customer=placed.customer, closed_at=closed_at, contact_until=until))
