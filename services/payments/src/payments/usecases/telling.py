"""What the provider tells: by webhooks, in any order and any number of times, or when it is asked."""

from datetime import timedelta
from uuid import UUID

from chassis.database import Tx
from contracts.payments import FailureReason, PaymentAuthorized, PaymentFailed

from payments.domain.orders import Order
from payments.domain.payments import Payment, State
from payments.domain.provider import Notice, NoticeKind, Question
from payments.store import notices, orders, payments, refunds
from payments.usecases.saving import may_be_saved
from payments.usecases.settling import conclude
from payments.usecases.story import header, tell

KEPT = timedelta(days=30)


async def hear(tx: Tx, event: str, notice: Notice) -> None:
    """Take a webhook's word, once; what speaks of something unknown is kept until that is known (F-P05, F-P07)."""
    tenant = notice.tenant
    if not tenant and notice.intent is not None:
        tenant = await payments.tenant_of(tx, notice.intent) or ""
    if not await notices.add(tx, tenant, event, notice.kind):
        return
    if not await apply(tx, notice):
        await notices.keep(tx, tenant, event, notice)


async def learn(tx: Tx, question: Question, answer: list[Notice], ask_again: timedelta) -> None:
    """Take the provider's answer about a checkout."""
    for notice in answer:
        await apply(tx, notice)
    known = await payments.find(tx, question.tenant, question.payment)
    await payments.asked(tx, question.tenant, question.payment, ask_again, decided=known is not None and known.decided)


async def apply(tx: Tx, notice: Notice) -> bool:
    """Let what the provider tells take effect; false where it speaks of something that is not known yet."""
    payment = await _meant(tx, notice)
    if payment is None:
        return False
    tenant = payment.tenant
    order = await orders.find(tx, tenant, payment.order)
    if order is None:
        return False
    await payments.meet(tx, tenant, payment.payment, notice.intent, notice.session)
    await _take(tx, order, payment, notice)
    if notice.intent is not None:
        for kept in await notices.take_of_intent(tx, tenant, notice.intent):
            if kept.refund is not None:
                await refunds.see(tx, tenant, payment.payment, kept.refund)
    await conclude(tx, tenant, payment.order)
    return True


async def apply_kept(tx: Tx) -> None:
    """Apply what was kept while its payment became known at the same moment; forget what is old."""
    for tenant, intent in await notices.applicable(tx):
        payment = await payments.of_intent(tx, tenant, intent)
        if payment is None:
            continue
        await orders.lock(tx, tenant, [payment.order])
        for kept in await notices.take_of_intent(tx, tenant, intent):
            if kept.refund is not None:
                await refunds.see(tx, tenant, payment.payment, kept.refund)
        await conclude(tx, tenant, payment.order)
    await notices.forget(tx, tx.now - KEPT)


async def _meant(tx: Tx, notice: Notice) -> Payment | None:
    """The payment that is spoken of, its order's story locked."""
    if notice.payment is not None and notice.order is not None:
        await orders.lock(tx, notice.tenant, [notice.order])
        known = await payments.find(tx, notice.tenant, notice.payment)
        if known is not None:
            return known if known.order == notice.order else None
        return await _adopted(tx, notice, notice.payment, notice.order)
    tenant = await payments.tenant_of(tx, notice.intent) if notice.intent is not None else None
    if tenant is None or notice.intent is None:
        return None
    known = await payments.of_intent(tx, tenant, notice.intent)
    if known is not None:
        await orders.lock(tx, tenant, [known.order])
    return known


async def _adopted(tx: Tx, notice: Notice, payment: UUID, order_id: UUID) -> Payment | None:
    """The provider's word is signed: a payment of ours that we do not remember is remembered again."""
    order = await orders.find(tx, notice.tenant, order_id)
    if order is None:
        return None
    adopted = Payment(notice.tenant, payment, order_id, order.gross, order.currency, session=notice.session)
    await payments.add(tx, adopted)
    return adopted


async def _take(tx: Tx, order: Order, payment: Payment, notice: Notice) -> None:
    tenant, key = payment.tenant, payment.payment
    unpaid = payment.state is not State.CAPTURED and bool(order.open_units)
    match notice.kind:
        case NoticeKind.CAPTURED:
            amount, currency = notice.amount or 0, notice.currency or payment.currency
            if await payments.captured(tx, tenant, key, amount, currency):
                await may_be_saved(tx, order, payment)
        case NoticeKind.AUTHORIZED:
            is_new = await payments.authorized(tx, tenant, key)
            if is_new:
                await may_be_saved(tx, order, payment)
            if is_new and unpaid:
                promised = PaymentAuthorized(
                    **header(order), payment=key, amount=payment.amount, currency=payment.currency
                )
                tell(tx, order, promised)
        case NoticeKind.DECLINED:
            await payments.declined(tx, tenant, key)
            _fail(tx, order, key, FailureReason.DECLINED, say=unpaid and payment.failed_at is None)
        case NoticeKind.FAILED:
            is_new = await payments.failed(tx, tenant, key)
            _fail(tx, order, key, FailureReason.DECLINED, say=unpaid and is_new and payment.declined_at is None)
        case NoticeKind.EXPIRED:
            is_new = await payments.expired(tx, tenant, key)
            _fail(tx, order, key, FailureReason.EXPIRED, say=unpaid and is_new and not order.lapsed)
        case NoticeKind.REFUND:
            if notice.refund is not None:
                await refunds.see(tx, tenant, key, notice.refund)
        case NoticeKind.LOOK:
            await payments.ask(tx, tenant, [key])
            tx.wake("ask about payments")


def _fail(tx: Tx, order: Order, payment: UUID, reason: FailureReason, *, say: bool) -> None:
    """An attempt came to nothing, unless the order is paid anyway (F-P08)."""
    if say:
        tell(tx, order, PaymentFailed(**header(order), payment=payment, reason=reason))
