"""What an order's header and state are, wherever the order is changed."""

from datetime import timedelta
from uuid import UUID

from chassis.database import Tx
from contracts.orders import OrderClosed, OrderPlaced
from contracts.shared import Header

from orders.domain.order import OrderState, OrderUnknown, contact_until, state_of
from orders.store import orders


def header(placed: OrderPlaced) -> Header:
    """The header of an order's events."""
    return Header(
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


async def conclude(tx: Tx, tenant: str, order: UUID, claim_window: timedelta) -> None:
    """Keep the state that follows from the units, and say so when nothing is outstanding any more."""
    known = await locked(tx, tenant, order)
    state = state_of(known.units)
    closed_at, until = known.closed_at, known.contact_until
    if not any(unit.outstanding for unit in known.units):
        closed_at = closed_at or tx.now
        if state is OrderState.CANCELLED:
            until = closed_at
        else:
            until = contact_until(closed_at, known.links, known.withdrawal_end, claim_window)
    await orders.set_state(tx, tenant, order, state, closed_at, until)
    if closed_at is not None and until is not None and (closed_at, until) != (known.closed_at, known.contact_until):
        tx.say(
            OrderClosed(
                **header(known.placed), customer=known.placed.customer, closed_at=closed_at, contact_until=until
            )
        )
