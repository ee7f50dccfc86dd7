"""Taking units back: staff decides, or the provider has already paid."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from chassis.db import Tx
from contracts.orders import OrderRefunded, RefundedUnit, RefundReason
from contracts.payments import PaymentRefunded, RefundOrigin

from orders.domain.order import (
    Repayment,
    RepaymentExplained,
    RepaymentUnknown,
    Unit,
    check_explains,
    dated,
    explained,
    refundable,
)
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
    await _take_back(tx, order, refund, back, reason, decided_by, tx.now, claim_window)
    return refund


async def explain_repayment(
    tx: Tx,
    tenant: str,
    order_id: UUID,
    units: Sequence[UUID],
    repayment: UUID,
    decided_by: str,
    claim_window: timedelta,
) -> UUID:
    """Take back the units for which the provider has paid already; no money follows. The refund has the repayment's id.

    Raises RepaymentUnknown, RepaymentExplained, NotRefundable and RepaymentDiffers.
    """
    order = await locked(tx, tenant, order_id)
    known = await refunds.find_from_provider(tx, tenant, order_id, repayment)
    if known is None:
        raise RepaymentUnknown
    if known.units:
        raise RepaymentExplained
    back = refundable(order.units, units)
    check_explains(known, back, order.placed.totals.currency)
    await refunds.explain(tx, tenant, [repayment], [unit.unit for unit in back])
    await _take_back(tx, order, repayment, back, RefundReason.PROVIDER, decided_by, tx.now, claim_window)
    return repayment


async def follow_provider(tx: Tx, repaid: PaymentRefunded, claim_window: timedelta) -> None:
    """Refunds made at the provider only take back what they must mean, alone or together; else they wait for staff."""
    if repaid.origin is not RefundOrigin.PROVIDER:
        return
    order = await locked(tx, repaid.tenant, repaid.order)
    currency = order.placed.totals.currency
    before = [one for one in await refunds.waiting(tx, repaid.tenant, repaid.order) if one.currency == currency]
    if not await refunds.add_from_provider(tx, repaid) or repaid.currency != currency:
        return
    repayments, units = explained(order.units, Repayment(repaid.repayment, repaid.amount, currency), before)
    if not units:
        return
    names = [unit.unit for unit in units]
    await refunds.explain(tx, repaid.tenant, [one.repayment for one in repayments], names)
    reason, at = RefundReason.PROVIDER, repaid.refunded_at
    await _take_back(tx, order, repaid.repayment, units, reason, "provider", at, claim_window)


async def _take_back(
    tx: Tx,
    order: orders.Order,
    refund: UUID,
    units: Sequence[Unit],
    reason: RefundReason,
    decided_by: str,
    at: datetime,
    claim_window: timedelta,
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
    tx.publish(refunded)
    conclude(tx, order, dated(order.units, [unit.unit for unit in units], "refunded_at", at), claim_window)
