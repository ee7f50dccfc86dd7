"""What follows from all that is known of an order's money, worked out again after each fact in whatever order.

Whoever calls has locked the order's story.
"""

from dataclasses import replace
from uuid import UUID

import structlog
from chassis.db import Tx
from contracts.payments import (
    FailureReason,
    PaymentCaptured,
    PaymentFailed,
    PaymentRefunded,
    RefundOrigin,
    TransferRequested,
)

from payments.domain.ledger import Ledger
from payments.domain.orders import Order
from payments.domain.payments import Payment, Reason, objection
from payments.domain.provider import RefundStatus
from payments.domain.refunds import Refund, RefundState, Repayment, allowed
from payments.store import orders, payments, refunds, review, sellers
from payments.usecases.freeing import free
from payments.usecases.story import header, tell

log = structlog.get_logger(__name__)

TAKEN = (RefundState.DUE, RefundState.ASKED, RefundState.PAYOUT, RefundState.DONE)


async def conclude(tx: Tx, ledger: Ledger | None) -> None:
    """Say what is now certain, put on the list what is not, and write what has become known of the payments."""
    if ledger is None:
        return
    ledger = await free(tx, ledger)
    for payment in ledger.captured:
        ledger = await _release(tx, ledger, payment)
    await _request(tx, ledger.order)
    for payment in ledger.captured:
        ledger = await _follow_repayments(tx, ledger, payment)
    for refund in ledger.refunds:
        if refund.state is RefundState.WAITING:
            ledger = await _send_back(tx, ledger, refund)
    keep(tx, ledger)


def keep(tx: Tx, ledger: Ledger) -> None:
    """Write what has become known of the payments."""
    for payment in ledger.changed:
        payments.keep(tx, payment)


async def _release(tx: Tx, ledger: Ledger, payment: Payment) -> Ledger:
    """Captured money pays the order once, or waits for a human (F-P10)."""
    order = ledger.order
    others = any(other.said_at is not None for other in ledger.payments if other.payment != payment.payment)
    covered_otherwise = payment.said_at is None and order.covered_otherwise(payment.payment)
    reason = objection(order, payment, paid_otherwise=others or covered_otherwise)
    amount, currency = payment.captured_amount or 0, payment.captured_currency or payment.currency
    if reason is not None:
        if reason is Reason.ORDER_CANCELLED:
            review.reword(tx, order.tenant, payment.payment, Reason.PAID_TWICE, reason)
        known = {"order": order.order, "payment": payment.payment}
        is_new = await review.add(tx, order.tenant, reason, amount, currency, **known)
        if is_new:
            log.warning("captured money waits for review", reason=reason, order=str(order.order))
        if is_new and reason is Reason.AMOUNT_DIFFERS:
            failed = FailureReason.AMOUNT_DIFFERS
            tell(tx, order, PaymentFailed(**header(order), payment=payment.payment, reason=failed))
        return ledger
    if payment.said_at is not None or payment.captured_at is None:
        return ledger
    units = [unit.unit for unit in order.units]
    orders.cover(tx, order.tenant, order.order, units, payment.payment)
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
    return ledger.with_payment(replace(payment, said_at=tx.now)).with_covered(units, payment.payment)


async def _request(tx: Tx, order: Order) -> None:
    """Ask for the transfer once the seller's account is known (PAY-5)."""
    if order.reference is None or order.requested_at is not None or order.lapsed:
        return
    account = await sellers.find(tx, order.tenant, order.seller)
    if account is None:
        return
    orders.requested(tx, order.tenant, order.order, tx.now)
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


async def _follow_repayments(tx: Tx, ledger: Ledger, payment: Payment) -> Ledger:
    """What the provider confirms has gone back, whoever began it (F-P09, F-P20)."""
    order = ledger.order
    known = ledger.repayments_of(payment)
    for one in known:
        refund = ledger.refund(one.refund)
        if refund is not None:
            ledger = await _follow_own(tx, ledger, one, refund)
        elif one.status is RefundStatus.FAILED and one.said_at is not None:
            facts = {"order": order.order, "payment": payment.payment}
            await review.add(tx, order.tenant, Reason.REFUND_FAILED, one.amount, one.currency, **facts)
        elif one.status is RefundStatus.SUCCEEDED and one.said_at is None and payment.said_at is not None:
            refunds.said(tx, order.tenant, one.repayment)
            tell(tx, order, _repaid(tx, order, one, None))
    back = sum(one.amount for one in known if one.status is RefundStatus.SUCCEEDED)
    if payment.captured_amount is not None and back >= payment.captured_amount:
        review.close_of_payment(tx, order.tenant, payment.payment)
    return ledger


async def _follow_own(tx: Tx, ledger: Ledger, one: Repayment, refund: Refund) -> Ledger:
    order = ledger.order
    refunds.name(tx, order.tenant, refund.refund, one.provider_refund, None)
    if one.status is RefundStatus.FAILED and refund.state is not RefundState.PAYOUT:
        # Somebody has to send this money by hand, also where it had been reported as sent.
        if one.said_at is not None:
            facts = {"order": order.order, "payment": one.payment, "refund": refund.refund}
            await review.add(tx, order.tenant, Reason.REFUND_FAILED, one.amount, one.currency, **facts)
        elif refund.state is not RefundState.DONE:
            # Done means that somebody has: the failure is told again and again, the money is sent once.
            return _becomes(tx, ledger, refund, RefundState.PAYOUT)
    elif one.status is RefundStatus.SUCCEEDED and refund.state is not RefundState.DONE:
        refunds.said(tx, order.tenant, one.repayment)
        tell(tx, order, _repaid(tx, order, one, refund.refund), refund.traceparent)
        return _becomes(tx, ledger, refund, RefundState.DONE, one.payment)
    elif one.status is RefundStatus.SUCCEEDED and one.said_at is None:
        # Somebody had sent it by hand when the provider sent it after all.
        facts = {"order": order.order, "payment": one.payment, "refund": refund.refund}
        await review.add(tx, order.tenant, Reason.REFUND_EXCEEDS, one.amount, one.currency, **facts)
    return ledger


def _becomes(tx: Tx, ledger: Ledger, refund: Refund, state: RefundState, payment: UUID | None = None) -> Ledger:
    refunds.set_state(tx, ledger.order.tenant, refund.refund, state, payment)
    return ledger.with_refund(replace(refund, state=state, payment=payment or refund.payment))


def _repaid(tx: Tx, order: Order, one: Repayment, refund: UUID | None) -> PaymentRefunded:
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


async def _send_back(tx: Tx, ledger: Ledger, refund: Refund) -> Ledger:
    """A decided refund goes on its way once its money is here, and never more than that (F-P18)."""
    order = ledger.order
    paid = next((payment for payment in ledger.payments if payment.said_at is not None), None)
    if paid is not None and paid.intent is not None:
        received, currency, state = paid.captured_amount or 0, paid.captured_currency or "", RefundState.DUE
        known = ledger.repayments_of(paid)
        taken = sum(one.amount for one in known if one.refund is None and one.status is not RefundStatus.FAILED)
    elif order.reference is not None and order.covered_amount:
        received, currency, state, taken = order.covered_amount, order.currency, RefundState.PAYOUT, 0
    else:
        return ledger
    taken += sum(other.amount for other in ledger.refunds if other.state in TAKEN)
    if not allowed(refund.amount, refund.currency, received, currency, taken):
        facts = {"order": order.order, "refund": refund.refund}
        await review.add(tx, order.tenant, Reason.REFUND_EXCEEDS, refund.amount, refund.currency, **facts)
        return _becomes(tx, ledger, refund, RefundState.REFUSED)
    tx.wake("pay back")
    return _becomes(tx, ledger, refund, state, paid.payment if paid else None)
