"""Sending money back: by the provider, or by staff where only they can."""

from datetime import timedelta
from uuid import UUID

from chassis.db import Tx
from contracts.payments import PaymentRefunded, RefundOrigin

from payments.domain.payments import Reason
from payments.domain.provider import RefundRefused, RefundSeen, RefundStatus, RefundWish
from payments.domain.refunds import RefundState, RefundUnknown
from payments.store import ledgers, orders, payments, refunds, review
from payments.usecases.settling import conclude
from payments.usecases.story import header, tell

ASK_AGAIN = timedelta(minutes=5)
# The provider's words for: no money is left of this charge.
SPENT = frozenset({"charge_already_refunded", "amount"})


async def record_answer(tx: Tx, wish: RefundWish, answer: RefundSeen | RefundRefused) -> None:
    """The provider has answered: done, under way, or for staff to pay by hand."""
    await orders.lock(tx, wish.tenant, [wish.order])
    known = await refunds.find(tx, wish.tenant, wish.refund)
    if known is None or known.state not in (RefundState.DUE, RefundState.ASKED):
        return
    if isinstance(answer, RefundRefused):
        await _refused(tx, wish, answer)
        return
    if answer.status is RefundStatus.PENDING:
        refunds.set_state(tx, wish.tenant, wish.refund, RefundState.ASKED, ask_again=ASK_AGAIN)
    refunds.see(tx, wish.tenant, wish.payment, answer)
    await conclude(tx, await ledgers.load(tx, wish.tenant, wish.order))


async def _refused(tx: Tx, wish: RefundWish, answer: RefundRefused) -> None:
    """What the provider will not send staff sends by hand, unless the money has gone back already (F-P19)."""
    if answer.code not in SPENT:
        refunds.set_state(tx, wish.tenant, wish.refund, RefundState.PAYOUT)
        return
    refunds.set_state(tx, wish.tenant, wish.refund, RefundState.REFUSED)
    facts = {"order": wish.order, "payment": wish.payment, "refund": wish.refund}
    await review.add(tx, wish.tenant, Reason.REFUND_EXCEEDS, wish.amount, wish.currency, **facts)
    payments.ask(tx, wish.tenant, [wish.payment])
    tx.wake("ask about payments")


async def pay_out(tx: Tx, tenant: str, refund: UUID, reference: str) -> None:
    """Staff has sent the money back by transfer, under this reference of the bank's."""
    known = await refunds.find(tx, tenant, refund)
    if known is None:
        raise RefundUnknown
    await orders.lock(tx, tenant, [known.order])
    known = await refunds.find(tx, tenant, refund)
    order = await orders.find(tx, tenant, known.order) if known is not None else None
    if known is None or order is None or known.state is not RefundState.PAYOUT:
        raise RefundUnknown
    refunds.set_state(tx, tenant, refund, RefundState.DONE)
    refunds.name(tx, tenant, refund, None, reference)
    repaid = PaymentRefunded(
        **header(order),
        repayment=tx.new_id(),
        refund=refund,
        origin=RefundOrigin.SELLER,
        amount=known.amount,
        currency=known.currency,
        reference=reference,
        refunded_at=tx.now,
    )
    tell(tx, order, repaid, known.traceparent)
