"""What the provider tells: by webhooks, in any order and any number of times, or when it is asked."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from chassis.db import Tx
from contracts.payments import FailureReason, PaymentAuthorized, PaymentFailed

from payments.domain.ledger import Ledger
from payments.domain.orders import Order
from payments.domain.payments import Payment, State
from payments.domain.provider import Notice, NoticeKind, Place, Question
from payments.store import ledgers, notices, orders, payments, refunds
from payments.usecases.saving import may_be_saved
from payments.usecases.settling import conclude, keep
from payments.usecases.story import header, tell

KEPT = timedelta(days=30)


async def hear(tx: Tx, event: str, notice: Notice) -> None:
    """Take a webhook's word, once; what speaks of something unknown is kept until that is known (F-P05, F-P07)."""
    place = await _meant(tx, notice)
    if place is None:
        notices.keep(tx, notice.tenant, event, notice)
        return
    await orders.lock(tx, place.tenant, [place.order])
    standing = await ledgers.stand(tx, place.tenant, place.order, event, notice.intent)
    if standing.heard:
        return
    if await _apply(tx, standing, place, notice):
        notices.add(tx, place.tenant, event, notice.kind)
    else:
        notices.keep(tx, place.tenant, event, notice)


async def learn(tx: Tx, question: Question, answer: list[Notice], ask_again: timedelta) -> None:
    """Take the provider's answer about a checkout."""
    for notice in answer:
        await apply(tx, notice)
    known = await payments.find(tx, question.tenant, question.payment)
    payments.asked(tx, question.tenant, question.payment, ask_again, decided=known is not None and known.decided)


async def apply(tx: Tx, notice: Notice) -> None:
    """Let what the provider tells take effect, where it speaks of something that is known."""
    place = await _meant(tx, notice)
    if place is not None:
        await orders.lock(tx, place.tenant, [place.order])
        standing = await ledgers.stand(tx, place.tenant, place.order, None, notice.intent)
        await _apply(tx, standing, place, notice)


async def apply_kept(tx: Tx) -> None:
    """Apply what was kept while its payment became known at the same moment; forget what is old."""
    for intent in await notices.applicable(tx):
        place = await payments.place_of(tx, intent)
        if place is None:
            continue
        await orders.lock(tx, place.tenant, [place.order])
        await _see_kept(tx, place, intent)
        await conclude(tx, await ledgers.load(tx, place.tenant, place.order))
    await notices.forget(tx, tx.now - KEPT)


async def _meant(tx: Tx, notice: Notice) -> Place | None:
    """The payment that is spoken of: what we wrote on it says so, else the id by which the provider knows it."""
    if notice.payment is not None and notice.order is not None:
        return Place(notice.tenant, notice.order, notice.payment)
    return await payments.place_of(tx, notice.intent) if notice.intent is not None else None


async def _apply(tx: Tx, standing: ledgers.Standing, place: Place, notice: Notice) -> bool:
    """Let it take effect; false where it speaks of something that is not known yet."""
    ledger = standing.ledger and await _with_payment(tx, standing.ledger, place, notice)
    payment = ledger and ledger.payment(place.payment)
    if ledger is None or payment is None:
        return False
    met = replace(payment, intent=payment.intent or notice.intent, session=payment.session or notice.session)
    ledger = ledger.with_payment(await _take(tx, ledger.order, met, notice))
    if notice.refund is None and not standing.waiting:
        await conclude(tx, ledger)
        return True
    # Of two words about a refund the stronger counts, which the database knows.
    keep(tx, ledger)
    if notice.refund is not None:
        refunds.see(tx, place.tenant, place.payment, notice.refund)
    if notice.intent is not None:
        await _see_kept(tx, place, notice.intent)
    await conclude(tx, await ledgers.load(tx, place.tenant, place.order))
    return True


async def _with_payment(tx: Tx, ledger: Ledger, place: Place, notice: Notice) -> Ledger:
    """The provider's word is signed: a payment of ours that we do not remember is remembered again."""
    order = ledger.order
    if ledger.payment(place.payment) is not None or await payments.find(tx, place.tenant, place.payment) is not None:
        return ledger
    adopted = Payment(place.tenant, place.payment, order.order, order.gross, order.currency, session=notice.session)
    payments.add(tx, adopted)
    return ledger.with_adopted(adopted)


async def _see_kept(tx: Tx, place: Place, intent: str) -> None:
    for kept in await notices.take_of_intent(tx, place.tenant, intent):
        if kept.refund is not None:
            refunds.see(tx, place.tenant, place.payment, kept.refund)


async def _take(tx: Tx, order: Order, payment: Payment, notice: Notice) -> Payment:
    """The payment once this is known of it; what was known stays known."""
    key = payment.payment
    unpaid = payment.state is not State.CAPTURED and bool(order.open_units)
    match notice.kind:
        case NoticeKind.CAPTURED if payment.captured_at is None:
            await may_be_saved(tx, order, payment)
            amount, currency = notice.amount or 0, notice.currency or payment.currency
            return replace(payment, captured_at=tx.now, captured_amount=amount, captured_currency=currency)
        case NoticeKind.AUTHORIZED if payment.authorized_at is None:
            await may_be_saved(tx, order, payment)
            if unpaid:
                promised = PaymentAuthorized(
                    **header(order), payment=key, amount=payment.amount, currency=payment.currency
                )
                tell(tx, order, promised)
            return replace(payment, authorized_at=tx.now)
        case NoticeKind.DECLINED:
            _fail(tx, order, key, FailureReason.DECLINED, say=unpaid and payment.failed_at is None)
            return replace(payment, declined_at=payment.declined_at or tx.now)
        case NoticeKind.FAILED if payment.failed_at is None:
            _fail(tx, order, key, FailureReason.DECLINED, say=unpaid and payment.declined_at is None)
            return replace(payment, failed_at=tx.now)
        case NoticeKind.EXPIRED if payment.expired_at is None:
            _fail(tx, order, key, FailureReason.EXPIRED, say=unpaid and not order.lapsed)
            return replace(payment, expired_at=tx.now)
        case NoticeKind.LOOK:
            payments.ask(tx, payment.tenant, [key])
            tx.wake("ask about payments")
        case _:
            pass
    return payment


def _fail(tx: Tx, order: Order, payment: UUID, reason: FailureReason, *, say: bool) -> None:
    """An attempt came to nothing, unless the order is paid anyway (F-P08)."""
    if say:
        tell(tx, order, PaymentFailed(**header(order), payment=payment, reason=reason))
