"""Taking units back, as staff decides."""

from collections.abc import Sequence
from uuid import UUID

from chassis.db import Tx
from contracts.orders import RefundReason

from orders.domain.repayment import RepaymentExplained, RepaymentUnknown, check_explains
from orders.domain.unit import refundable
from orders.usecases.changing import Change, conclude, lock, record_refund


async def refund_units(
    tx: Tx, tenant: str, order_id: UUID, unit_ids: Sequence[UUID], reason: RefundReason, decided_by: str
) -> UUID:
    """Take paid units back; their links and keys end at once, their money follows. Raises NotRefundable."""
    stored = await lock(tx, tenant, order_id)
    units, refund_id = refundable(stored.order.units, unit_ids), tx.new_id()
    await record_refund(tx, stored.placed, refund_id, units, reason, decided_by, tx.now)
    tx.audit("refund", refund_id, after={"order": order_id, "units": list(unit_ids), "reason": reason})
    await conclude(tx, [Change(stored, stored.order.dated([unit.id for unit in units], "refunded_at", tx.now))])
    return refund_id


async def explain_repayment(
    tx: Tx, tenant: str, order_id: UUID, unit_ids: Sequence[UUID], repayment_id: UUID, decided_by: str
) -> UUID:
    """Take back the units for which the provider has paid already; no money follows. The refund has the repayment's id.

    Raises RepaymentUnknown, RepaymentExplained, NotRefundable and RepaymentDiffers.
    """
    stored = await lock(tx, tenant, order_id)
    order = stored.order
    repayment = next((known for known in order.repayments if known.id == repayment_id), None)
    if repayment is None:
        raise RepaymentUnknown
    if repayment.unit_ids:
        raise RepaymentExplained
    units = refundable(order.units, unit_ids)
    check_explains(repayment, units, order.currency)
    await record_refund(tx, stored.placed, repayment_id, units, RefundReason.PROVIDER, decided_by, tx.now)
    tx.audit("refund", repayment_id, after={"order": order_id, "units": list(unit_ids), "reason": "explained"})
    await conclude(tx, [Change(stored, order.explained([repayment], units, tx.now))])
    return repayment_id
