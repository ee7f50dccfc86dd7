"""What money does to an order: it covers units, or it does not come."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from chassis.db import Tx
from contracts.orders import CancelReason, Line, OrderCancelled, OrderPaid
from contracts.payments import PaymentCaptured, TransferReceived

from orders.domain.order import PaymentDiffers, Unit, cancellable, dated, newly_paid, unpaid
from orders.store import offers, orders
from orders.usecases.progress import conclude, header, locked


async def pay_by_card(tx: Tx, captured: PaymentCaptured, claim_window: timedelta) -> None:
    """The whole order is paid: the amount must be the order's."""
    order = await locked(tx, captured.tenant, captured.order)
    totals = order.placed.totals
    if (captured.amount, captured.currency) != (totals.gross, totals.currency):
        raise PaymentDiffers
    _cover(tx, order, [unit.unit for unit in order.units], captured.captured_at, claim_window)


async def pay_by_transfer(tx: Tx, received: TransferReceived, claim_window: timedelta) -> None:
    """These units are paid."""
    order = await locked(tx, received.tenant, received.order)
    if received.currency != order.placed.totals.currency:
        raise PaymentDiffers
    _cover(tx, order, received.units, received.booked_at, claim_window)


async def cancel_order(tx: Tx, tenant: str, order_id: UUID, reason: CancelReason, claim_window: timedelta) -> None:
    """Cancel what is unpaid of an order and free what it held; raises NotCancellable where everything is paid."""
    order = await locked(tx, tenant, order_id)
    await _cancel(tx, order, cancellable(order.units), reason, claim_window)


async def lapse_unpaid_orders(tx: Tx, claim_window: timedelta) -> bool:
    """Cancel what is unpaid of the orders whose time to pay has ended; true where there may be more."""
    late = await orders.unpaid(tx, tx.now)
    for tenant, order_id in late:
        order = await locked(tx, tenant, order_id)
        # the rest may have been paid after it was found and before it was locked
        if rest := unpaid(order.units):
            await _cancel(tx, order, rest, CancelReason.UNPAID, claim_window)
    return bool(late)


async def _cancel(
    tx: Tx, order: orders.Order, units: Sequence[Unit], reason: CancelReason, claim_window: timedelta
) -> None:
    # a coupon serves again only where nothing was bought with it
    if order.coupon is not None and len(units) == len(order.units):
        await offers.free_coupon(tx, order.placed.tenant, order.coupon)
    names = [unit.unit for unit in units]
    tx.publish(OrderCancelled(**header(order.placed), units=names, reason=reason, cancelled_at=tx.now))
    conclude(tx, order, dated(order.units, names, "cancelled_at", tx.now), claim_window)


def _cover(tx: Tx, order: orders.Order, covered: Sequence[UUID], at: datetime, claim_window: timedelta) -> None:
    fresh = newly_paid(order.units, covered)
    lines = _covered_lines(order, [unit for unit in fresh if unit.refunded_at is None])
    if lines:
        placed = order.placed
        tx.publish(
            OrderPaid(
                **header(placed),
                customer=placed.customer,
                customer_type=placed.customer_type,
                language=placed.language,
                payment_method=placed.payment_method,
                paid_at=at,
                lines=lines,
                totals=placed.totals,
                keys=placed.keys,
                name_profile=placed.name_profile,
                email_profile=placed.email_profile,
                company_profile=placed.company_profile,
                name_contact=placed.name_contact,
                email_contact=placed.email_contact,
            )
        )
    conclude(tx, order, dated(order.units, [unit.unit for unit in fresh], "paid_at", at), claim_window)


def _covered_lines(order: orders.Order, fresh: Sequence[Unit]) -> list[Line]:
    """The order's lines, naming only the units newly covered."""
    covered = {unit.unit for unit in fresh}
    named = [line.model_copy(update={"units": [u for u in line.units if u in covered]}) for line in order.lines]
    return [line for line in named if line.units]
