"""Taking units back: staff decides, or the provider has already paid."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from chassis.database import Tx
from contracts.orders import OrderRefunded, RefundedUnit, RefundReason
from contracts.payments import PaymentRefunded, RefundOrigin

from orders.domain.order import Unit, covered_by, dated, refundable
from orders.store import orders, refunds
from orders.usecases.progress import conclude, header, locked


async def refund_units(
    tx: Tx,
    tenant: str,
    order_id: UUID,
    units: Sequence[UUID],
    reason: RefundReason,
    decided_by: str,
    claim_window: timedelta,
) -> UUID:
    """Take paid units back; their links and keys end at once, their money follows."""
    order = await locked(tx, tenant, order_id)
    refund = tx.new_id()
    back = refundable(order.units, units)
    await _take_back(tx, order, refund, back, reason, decided_by, tx.now)
    conclude(tx, order, dated(order.units, [unit.unit for unit in back], "refunded_at", tx.now), claim_window)
    return refund


async def follow_provider(tx: Tx, repaid: PaymentRefunded, claim_window: timedelta) -> None:
    """A refund made at the provider only takes back what it must mean; what is unclear waits for staff."""
    if repaid.origin is not RefundOrigin.PROVIDER:
        return
    order = await locked(tx, repaid.tenant, repaid.order)
    units = covered_by(order.units, repaid.amount)
    names = [unit.unit for unit in units]
    if not await refunds.add_from_provider(tx, repaid, names) or not units:
        return
    reason = RefundReason.PROVIDER
    await _take_back(tx, order, repaid.repayment, units, reason, "provider", repaid.refunded_at)
    conclude(tx, order, dated(order.units, names, "refunded_at", repaid.refunded_at), claim_window)


async def _take_back(
    tx: Tx,
    order: orders.Order,
    refund: UUID,
    units: Sequence[Unit],
    reason: RefundReason,
    decided_by: str,
    at: datetime,
) -> None:
    placed = order.placed
    refunded = OrderRefunded(
        **header(placed),
        refund=refund,
        customer=placed.customer,
        units=[
            RefundedUnit(
                unit=unit.unit, line=unit.line, net=unit.amount.net, tax=unit.amount.tax, gross=unit.amount.gross
            )
            for unit in units
        ],
        reason=reason,
        amount=sum(unit.amount.gross for unit in units),
        currency=placed.totals.currency,
        refunded_at=at,
    )
    await refunds.add(tx, refunded, decided_by)
    tx.say(refunded)
