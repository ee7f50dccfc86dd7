"""What the provider sends: by webhooks, in any order and any number of times, or when it is inquired."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import structlog
from chassis.db import Tx
from chassis.jobs import Trigger, in_parts
from contracts.payments import FailureReason, PaymentAuthorized, PaymentFailed

from payments.domain.ledger import Ledger
from payments.domain.orders import Order
from payments.domain.payments import Payment, State
from payments.domain.provider import CheckoutRules, Inquiry, Notice, NoticeKind, PaymentKey
from payments.store import disputes, ledgers, notices, orders, payments, refunds
from payments.store.ledgers import Situation
from payments.usecases.saved_cards import remove_unwanted_card
from payments.usecases.settling import conclude

log = structlog.get_logger(__name__)

INQUIRE = Trigger("inquire about checkouts")
KEPT = timedelta(days=30)


async def receive(tx: Tx, notice_id: str, notice: Notice) -> None:
    """Take a webhook's notice, once; one about something unknown is kept until that is known (F-P05, F-P07)."""
    key = await _key_of(tx, notice)
    if key is None:
        await notices.keep(tx, notice.tenant, notice_id, notice)
        return
    await orders.lock(tx, key.tenant, [key.order_id])
    situation = await ledgers.situation(tx, key, notice_id, notice)
    if situation.repeated:
        return
    if await _apply(tx, situation, key, notice):
        await notices.add(tx, key.tenant, notice_id, notice.kind)
    else:
        await notices.keep(tx, key.tenant, notice_id, notice)


async def record_answer(tx: Tx, inquiry: Inquiry, answer: list[Notice], rules: CheckoutRules) -> None:
    """Take the provider's answer about a checkout."""
    # What went back comes first: by the capture a refund is sent that waits for nothing but to know how much is left.
    for notice in sorted(answer, key=lambda notice: notice.refund is None and notice.dispute is None):
        await apply(tx, notice)
    await payments.inquired(tx, inquiry.tenant, inquiry.payment_id, rules.inquire_after)


async def apply(tx: Tx, notice: Notice) -> None:
    """Let a notice take effect, where it is about something known."""
    key = await _key_of(tx, notice)
    if key is not None:
        await orders.lock(tx, key.tenant, [key.order_id])
        await _apply(tx, await ledgers.situation(tx, key, None, notice), key, notice)


async def apply_kept(tx: Tx) -> None:
    """Apply notices that were kept while their payment became known at the same moment; remove old ones."""

    async def apply(some: Sequence[tuple[str, PaymentKey]]) -> None:
        for intent_id, key in some:
            await orders.lock(tx, key.tenant, [key.order_id])
            await _record_kept(tx, key, intent_id)
            await conclude(tx, await ledgers.load(tx, key.tenant, key.order_id))

    await in_parts(tx, "apply kept notices", await notices.applicable(tx), apply, lambda one: one[1])
    await notices.remove(tx, tx.now - KEPT)


async def _key_of(tx: Tx, notice: Notice) -> PaymentKey | None:
    """Return the payment that is meant: by what we had written on it, else by the provider's ids."""
    if notice.payment_id is not None and notice.order_id is not None:
        return PaymentKey(notice.tenant, notice.order_id, notice.payment_id)
    return await payments.key_of(tx, notice.intent_id, notice.session_id)


async def _apply(tx: Tx, situation: Situation, key: PaymentKey, notice: Notice) -> bool:
    """Let a notice take effect; false where it is about something that is not known yet, or about two payments."""
    if situation.contradicts:
        log.warning("the provider names one payment with the session or intent of another", order=str(key.order_id))
        return False
    ledger = situation.ledger and await _with_payment(tx, situation.ledger, key, notice)
    payment = ledger and ledger.payment(key.payment_id)
    if ledger is None or payment is None:
        return False
    identified = replace(
        payment,
        intent_id=payment.intent_id or notice.intent_id,
        session_id=payment.session_id or notice.session_id,
    )
    ledger = ledger.with_payment(await _follow(tx, ledger.order, identified, notice))
    if notice.refund is None and notice.dispute is None and not situation.waiting:
        await conclude(tx, ledger)
        return True
    # Of two notices about a refund or dispute the stronger counts, which the database decides.
    await ledgers.save(tx, ledger)
    await _record(tx, key, notice)
    if notice.intent_id is not None:
        await _record_kept(tx, key, notice.intent_id)
    await conclude(tx, await ledgers.load(tx, key.tenant, key.order_id))
    return True


async def _with_payment(tx: Tx, ledger: Ledger, key: PaymentKey, notice: Notice) -> Ledger:
    """Return the ledger with the payment; the notice is signed, so one of ours that was lost is kept again."""
    if ledger.payment(key.payment_id) is not None:
        return ledger
    order = ledger.order
    lost = Payment(key.tenant, key.payment_id, order.id, order.gross, order.currency, session_id=notice.session_id)
    return ledger.with_stored(lost) if await payments.add(tx, lost) else ledger


async def _record_kept(tx: Tx, key: PaymentKey, intent_id: str) -> None:
    for kept in await notices.take_of_intent(tx, key.tenant, intent_id):
        await _record(tx, key, kept)


async def _record(tx: Tx, key: PaymentKey, notice: Notice) -> None:
    if notice.refund is not None:
        await refunds.record(tx, key.tenant, key.payment_id, notice.refund)
    if notice.dispute is not None:
        await disputes.record(tx, key.tenant, key.payment_id, notice.dispute)


async def _follow(tx: Tx, order: Order, payment: Payment, notice: Notice) -> Payment:
    """Return the payment with what the notice says; what was known stays known."""
    unpaid = payment.state is not State.CAPTURED and bool(order.open_units)
    match notice.kind:
        case NoticeKind.CAPTURED if payment.captured_at is None:
            await remove_unwanted_card(tx, order, payment)
            amount, currency = notice.amount or 0, notice.currency or payment.currency
            return replace(payment, captured_at=tx.now, captured_amount=amount, captured_currency=currency)
        case NoticeKind.AUTHORIZED if payment.authorized_at is None:
            await remove_unwanted_card(tx, order, payment)
            if unpaid:
                promise = PaymentAuthorized(
                    **orders.header(order),
                    payment=payment.id,
                    amount=payment.amount,
                    currency=payment.currency,
                    authorized_at=tx.now,
                )
                tx.publish(promise, cause=order)
            return replace(payment, authorized_at=tx.now)
        case NoticeKind.DECLINED:
            _fail(tx, order, payment, FailureReason.DECLINED, publish=unpaid and payment.failed_at is None)
            return replace(payment, declined_at=tx.now)
        case NoticeKind.FAILED if payment.failed_at is None:
            _fail(tx, order, payment, FailureReason.DECLINED, publish=unpaid and not payment.declined_last)
            return replace(payment, failed_at=tx.now)
        case NoticeKind.EXPIRED if payment.expired_at is None:
            _fail(tx, order, payment, FailureReason.EXPIRED, publish=unpaid and not order.lapsed)
            return replace(payment, expired_at=tx.now)
        case NoticeKind.CHANGED:
            await payments.inquire_soon(tx, payment.tenant, [payment.id])
            tx.wake(INQUIRE)
        case _:
            pass
    return payment


def _fail(tx: Tx, order: Order, payment: Payment, reason: FailureReason, *, publish: bool) -> None:
    """Publish that an attempt came to nothing, unless the order is paid anyway (F-P08)."""
    if publish:
        tx.publish(PaymentFailed(**orders.header(order), payment=payment.id, reason=reason), cause=order)
