"""What follows from all that is known of an order's money, worked out again after each fact in whatever order.

Whoever calls has locked the order.
"""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import structlog
from chassis.db import Tx
from chassis.jobs import Trigger
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
from payments.domain.provider import DisputeStatus, RefundStatus
from payments.domain.refunds import Refund, RefundState, Repayment, allowed
from payments.store import ledgers, orders, refunds, review
from payments.store.review import NewEntry
from payments.usecases import disputes
from payments.usecases.cancelled_money import free

log = structlog.get_logger(__name__)

SEND_REFUNDS = Trigger("send refunds")
TAKEN = (RefundState.DUE, RefundState.ASKED, RefundState.DISPUTED, RefundState.PAYOUT, RefundState.DONE)
UNDECIDED = (RefundState.WAITING, RefundState.DISPUTED)
# A refund that waits for the end of a dispute is asked for again then, lest that was never heard.
ASK_DISPUTED = timedelta(days=1)


async def conclude(tx: Tx, ledger: Ledger | None) -> None:
    """Publish what is certain now, list for review what is not, and save what has changed."""
    if ledger is not None:
        await ledgers.save(tx, await follow(tx, ledger))


async def follow(tx: Tx, ledger: Ledger) -> Ledger:
    """Do the same, and return the ledger with what is still to be saved of it."""
    ledger = await free(tx, ledger)
    for payment in ledger.captured:
        ledger = await _release(tx, ledger, payment)
    await _request_transfer(tx, ledger.order)
    for payment in ledger.captured:
        ledger = await _follow_repayments(tx, ledger, payment)
    await disputes.follow(tx, ledger)
    for refund in ledger.refunds:
        owed_by_hand = refund.state is RefundState.PAYOUT and refund.payment_id is not None
        if refund.state in UNDECIDED or (owed_by_hand and ledger.disputed(refund.payment_id)):
            ledger = await _send_back(tx, ledger, refund)
    return ledger


async def _release(tx: Tx, ledger: Ledger, payment: Payment) -> Ledger:
    """Let captured money pay the order once, or wait for a human (F-P10)."""
    order = ledger.order
    others = any(other.published_at is not None for other in ledger.payments if other.id != payment.id)
    covered_otherwise = payment.published_at is None and order.covered_otherwise(payment.id)
    reason = objection(order, payment, paid_otherwise=others or covered_otherwise)
    amount, currency = payment.captured_amount or 0, payment.captured_currency or payment.currency
    if reason is not None:
        if reason is Reason.ORDER_CANCELLED:
            await review.change_reason(tx, order.tenant, payment.id, Reason.PAID_TWICE, reason)
        entry = NewEntry(reason, amount, currency, order.id, payment.id)
        is_new = await review.add(tx, order.tenant, entry)
        if is_new:
            log.warning("captured money waits for review", reason=reason, order=str(order.id))
        if is_new and reason is Reason.AMOUNT_DIFFERS:
            differs = FailureReason.AMOUNT_DIFFERS
            tx.publish(PaymentFailed(**orders.header(order), payment=payment.id, reason=differs), cause=order)
        return ledger
    if payment.published_at is not None or payment.captured_at is None:
        return ledger
    captured = PaymentCaptured(
        **orders.header(order),
        payment=payment.id,
        amount=amount,
        currency=currency,
        captured_at=payment.captured_at,
    )
    tx.publish(captured, cause=order)
    released = ledger.with_payment(replace(payment, published_at=tx.now))
    return released.with_covered((unit.id for unit in order.units), payment.id)


async def _request_transfer(tx: Tx, order: Order) -> None:
    """Ask for the transfer once the seller's account is known (PAY-5)."""
    if order.reference is None or order.requested_at is not None or order.lapsed or not order.open_units:
        return
    account = await orders.request(tx, order.tenant, order.id)
    if account is None or not tx.effects:
        return
    requested = TransferRequested(
        **orders.header(order),
        reference=order.reference,
        iban=account.iban,
        bic=account.bic,
        payee=account.payee,
        amount=order.due_amount,
        currency=order.currency,
        due_at=order.pay_until,
    )
    tx.publish(requested, cause=order)


async def _follow_repayments(tx: Tx, ledger: Ledger, payment: Payment) -> Ledger:
    """Follow what the provider confirms has gone back, whoever began it (F-P09, F-P20)."""
    order = ledger.order
    repayments = ledger.repayments_of(payment)
    for one in repayments:
        refund = ledger.refund(one.refund_id)
        if refund is not None:
            ledger = await _follow_own(tx, ledger, one, refund)
        elif one.status is RefundStatus.FAILED and one.published_at is not None:
            await review.add(tx, order.tenant, _entry(Reason.REFUND_FAILED, order, one))
        elif one.status is RefundStatus.SUCCEEDED and one.published_at is None and payment.published_at is not None:
            await _publish_refunded(tx, order, one)
    back = sum(one.amount for one in repayments if one.status is RefundStatus.SUCCEEDED)
    if payment.captured_amount is not None and back >= payment.captured_amount:
        await review.close_of_payment(tx, order.tenant, payment.id)
    return ledger


async def _follow_own(tx: Tx, ledger: Ledger, one: Repayment, refund: Refund) -> Ledger:
    """Follow the repayment of a refund that the seller has decided."""
    order = ledger.order
    if one.status is RefundStatus.FAILED and refund.state not in (RefundState.PAYOUT, RefundState.DISPUTED):
        # Somebody has to send this money by hand, also where it had been reported as sent.
        if one.published_at is not None:
            await review.add(tx, order.tenant, _entry(Reason.REFUND_FAILED, order, one, refund.id))
        elif refund.state is not RefundState.DONE:
            # Done means that somebody has: the provider repeats the failure, the money is sent once.
            return await _with_state(tx, ledger, refund, RefundState.PAYOUT)
    elif one.status is RefundStatus.SUCCEEDED and refund.state is not RefundState.DONE:
        await _publish_refunded(tx, order, one, refund)
        return await _with_state(tx, ledger, refund, RefundState.DONE, one.payment_id)
    elif one.status is RefundStatus.SUCCEEDED and one.published_at is None:
        # Somebody had sent it by hand when the provider sent it after all.
        await review.add(tx, order.tenant, _entry(Reason.REFUND_EXCEEDS, order, one, refund.id))
    return ledger


async def _with_state(
    tx: Tx,
    ledger: Ledger,
    refund: Refund,
    state: RefundState,
    payment_id: UUID | None = None,
    reduced_to: int | None = None,
) -> Ledger:
    changed = replace(
        refund, state=state, payment_id=payment_id or refund.payment_id, reduced_to=reduced_to or refund.reduced_to
    )
    await refunds.set_state(
        tx,
        ledger.order.tenant,
        refund.id,
        state,
        payment_id=changed.payment_id,
        reduced_to=changed.reduced_to,
        ask_again=ASK_DISPUTED if state is RefundState.DISPUTED else timedelta(),
    )
    return ledger.with_refund(changed)


def _entry(reason: Reason, order: Order, one: Repayment, refund_id: UUID | None = None) -> NewEntry:
    return NewEntry(reason, one.amount, one.currency, order.id, one.payment_id, refund_id=refund_id)


async def _publish_refunded(tx: Tx, order: Order, one: Repayment, refund: Refund | None = None) -> None:
    await refunds.published(tx, order.tenant, one.id)
    refunded = PaymentRefunded(
        **orders.header(order),
        repayment=one.id,
        refund=refund and refund.id,
        origin=RefundOrigin.PROVIDER if refund is None else RefundOrigin.SELLER,
        amount=one.amount,
        currency=one.currency,
        reference=one.provider_refund_id,
        refunded_at=tx.now,
    )
    tx.publish(refunded, cause=refund or order)


async def _send_back(tx: Tx, ledger: Ledger, refund: Refund) -> Ledger:
    """Send a decided refund on its way once its money is here, and never more than that (F-P18).

    What somebody has paid back on the provider's page is not sent again; what a lost dispute took is not there.
    """
    order, elsewhere, lost = ledger.order, 0, 0
    paid = next((payment for payment in ledger.payments if payment.published_at is not None), None)
    if paid is not None and paid.intent_id is not None:
        if _is_disputed(ledger, paid, refund):
            return await _wait_for_dispute(tx, ledger, refund, paid)
        received, currency, state = paid.captured_amount or 0, paid.captured_currency or "", RefundState.DUE
        lost = sum(one.amount for one in ledger.disputes_of(paid) if one.status is DisputeStatus.LOST)
        known = ledger.repayments_of(paid)
        not_ours = [one for one in known if ledger.refund(one.refund_id) is None]
        elsewhere = sum(one.amount for one in not_ours if one.status is not RefundStatus.FAILED)
    elif ledger.transferred:
        received, currency, state = ledger.transferred, order.currency, RefundState.PAYOUT
    else:
        return ledger
    others = [other for other in ledger.refunds if other.id != refund.id and other.state in TAKEN]
    taken = lost + sum(other.to_send for other in others)
    amount = min(refund.amount, received - taken - elsewhere)
    if amount <= 0 or not allowed(refund.amount, refund.currency, received, currency, taken):
        exceeds = NewEntry(Reason.REFUND_EXCEEDS, refund.amount, refund.currency, order.id, refund_id=refund.id)
        await review.add(tx, order.tenant, exceeds)
        return await _with_state(tx, ledger, refund, RefundState.REFUSED)
    if amount < refund.amount:
        log.warning("a part of a refund went back at the provider", refund=str(refund.id), order=str(order.id))
    tx.wake(SEND_REFUNDS)
    reduced_to = amount if amount < refund.amount else None
    return await _with_state(tx, ledger, refund, state, paid.id if paid else None, reduced_to)


def _is_disputed(ledger: Ledger, paid: Payment, refund: Refund) -> bool:
    """Return whether a dispute about the charge is open, or the provider has named one that is not known yet."""
    unknown = not any(one.ended for one in ledger.disputes_of(paid))
    return ledger.disputed(paid.id) or (refund.state is RefundState.DISPUTED and unknown)


async def _wait_for_dispute(tx: Tx, ledger: Ledger, refund: Refund, paid: Payment) -> Ledger:
    if refund.state is RefundState.DISPUTED:
        return ledger
    return await _with_state(tx, ledger, refund, RefundState.DISPUTED, paid.id)
