"""What follows from all that is known of an order's money, worked out again after each fact in whatever order.

Whoever calls has locked the order's story.
"""

from uuid import UUID

import structlog
from chassis.database import Tx
from contracts.payments import (
    FailureReason,
    PaymentCaptured,
    PaymentFailed,
    PaymentRefunded,
    RefundOrigin,
    TransferRequested,
)

from payments.domain.orders import Order
from payments.domain.payments import Payment, Reason, State, objection
from payments.domain.provider import RefundStatus
from payments.domain.refunds import Refund, RefundState, allowed
from payments.store import orders, payments, refunds, review, sellers
from payments.usecases.story import header, tell

log = structlog.get_logger(__name__)

TAKEN = (RefundState.DUE, RefundState.ASKED, RefundState.PAYOUT, RefundState.DONE)


async def conclude(tx: Tx, tenant: str, order_id: UUID) -> None:
    """Say what is now certain, and put on the list what is not."""
    order = await orders.find(tx, tenant, order_id)
    if order is None:
        return
    tried = await payments.of_order(tx, tenant, order_id)
    for payment in tried:
        if payment.state is State.CAPTURED:
            order = await _release(tx, order, payment, tried)
    await _request(tx, order)
    tried = await payments.of_order(tx, tenant, order_id)
    for payment in tried:
        if payment.state is State.CAPTURED:
            await _follow_repayments(tx, order, payment)
    for refund in await refunds.of_order(tx, tenant, order_id):
        if refund.state is RefundState.WAITING:
            await _send_back(tx, order, refund, tried)


async def _release(tx: Tx, order: Order, payment: Payment, tried: list[Payment]) -> Order:
    """Captured money pays the order once, or waits for a human (F-P10)."""
    others = any(other.said_at is not None for other in tried if other.payment != payment.payment)
    covered_otherwise = payment.said_at is None and not order.open_units
    reason = objection(order, payment, paid_otherwise=others or covered_otherwise)
    amount, currency = payment.captured_amount or 0, payment.captured_currency or payment.currency
    if reason is not None:
        known = {"order": order.order, "payment": payment.payment}
        is_new = await review.add(tx, order.tenant, reason, amount, currency, **known)
        if is_new:
            log.warning("captured money waits for review", reason=reason, order=str(order.order))
        if is_new and reason is Reason.AMOUNT_DIFFERS:
            failed = FailureReason.AMOUNT_DIFFERS
            tell(tx, order, PaymentFailed(**header(order), payment=payment.payment, reason=failed))
        return order
    if payment.said_at is not None or payment.captured_at is None:
        return order
    await payments.said(tx, order.tenant, payment.payment)
    units = [unit.unit for unit in order.units]
    await orders.cover(tx, order.tenant, order.order, units, payment.payment)
    tell(
        tx,
        order,
        PaymentCaptured(
            **header(order),
            payment=payment.payment,
            amount=amount,
            currency=currency,
            captured_at=payment.captured_at,
        ),
    )
    return order.with_covered(units)


async def _request(tx: Tx, order: Order) -> None:
    """Ask for the transfer once the seller's account is known (PAY-5)."""
    if order.reference is None or order.requested_at is not None or order.lapsed:
        return
    account = await sellers.find(tx, order.tenant, order.seller)
    if account is None:
        return
    await orders.requested(tx, order.tenant, order.order, tx.now)
    if not tx.effects:
        return
    tell(
        tx,
        order,
        TransferRequested(
            **header(order),
            reference=order.reference,
            iban=account.iban,
            bic=account.bic,
            payee=account.payee,
            amount=order.gross,
            currency=order.currency,
            due_at=order.pay_until,
        ),
    )


async def _follow_repayments(tx: Tx, order: Order, payment: Payment) -> None:
    """What the provider confirms has gone back, whoever began it (F-P09, F-P20)."""
    known = await refunds.repayments(tx, order.tenant, payment.payment)
    for one in known:
        refund = await refunds.find(tx, order.tenant, one.refund) if one.refund else None
        if refund is not None:
            await _follow_own(tx, order, one, refund)
        elif one.status is RefundStatus.FAILED and one.said_at is not None:
            facts = {"order": order.order, "payment": payment.payment}
            await review.add(tx, order.tenant, Reason.REFUND_FAILED, one.amount, one.currency, **facts)
        elif one.status is RefundStatus.SUCCEEDED and one.said_at is None and payment.said_at is not None:
            await refunds.said(tx, order.tenant, one.repayment)
            tell(tx, order, _repaid(tx, order, one, None))
    back = sum(one.amount for one in known if one.status is RefundStatus.SUCCEEDED)
    if payment.captured_amount is not None and back >= payment.captured_amount:
        await review.close_of_payment(tx, order.tenant, payment.payment)


async def _follow_own(tx: Tx, order: Order, one: refunds.Repayment, refund: Refund) -> None:
    await refunds.name(tx, order.tenant, refund.refund, one.provider_refund, None)
    if one.status is RefundStatus.FAILED and refund.state is not RefundState.PAYOUT:
        # Somebody has to send this money by hand, also where it had been reported as sent.
        if one.said_at is None:
            await refunds.set_state(tx, order.tenant, refund.refund, RefundState.PAYOUT)
        else:
            facts = {"order": order.order, "payment": one.payment, "refund": refund.refund}
            await review.add(tx, order.tenant, Reason.REFUND_FAILED, one.amount, one.currency, **facts)
    elif one.status is RefundStatus.SUCCEEDED and refund.state is not RefundState.DONE:
        await refunds.set_state(tx, order.tenant, refund.refund, RefundState.DONE, one.payment)
        await refunds.said(tx, order.tenant, one.repayment)
        tell(tx, order, _repaid(tx, order, one, refund.refund), refund.traceparent)


def _repaid(tx: Tx, order: Order, one: refunds.Repayment, refund: UUID | None) -> PaymentRefunded:
    return PaymentRefunded(
        **header(order),
        repayment=one.repayment,
        refund=refund,
        origin=RefundOrigin.PROVIDER if refund is None else RefundOrigin.SELLER,
        amount=one.amount,
        currency=one.currency,
        reference=one.provider_refund,
        refunded_at=tx.now,
    )


async def _send_back(tx: Tx, order: Order, refund: Refund, tried: list[Payment]) -> None:
    """A decided refund goes on its way once its money is here, and never more than that (F-P18)."""
    paid = next((payment for payment in tried if payment.said_at is not None), None)
    if paid is not None and paid.intent is not None:
        received, currency, state = paid.captured_amount or 0, paid.captured_currency or "", RefundState.DUE
        known = await refunds.repayments(tx, order.tenant, paid.payment)
        taken = sum(one.amount for one in known if one.refund is None and one.status is not RefundStatus.FAILED)
    elif order.reference is not None and order.covered_amount:
        received, currency, state, taken = order.covered_amount, order.currency, RefundState.PAYOUT, 0
    else:
        return
    decided = await refunds.of_order(tx, order.tenant, order.order)
    taken += sum(other.amount for other in decided if other.state in TAKEN)
    if not allowed(refund.amount, refund.currency, received, currency, taken):
        await refunds.set_state(tx, order.tenant, refund.refund, RefundState.REFUSED)
        facts = {"order": order.order, "refund": refund.refund}
        await review.add(tx, order.tenant, Reason.REFUND_EXCEEDS, refund.amount, refund.currency, **facts)
        return
    await refunds.set_state(tx, order.tenant, refund.refund, state, paid.payment if paid else None)
    tx.wake("pay back")
