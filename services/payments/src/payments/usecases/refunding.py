"""Sending money back: by the provider, or by staff where only they can."""

from datetime import timedelta
from uuid import UUID

from chassis.db import Tx
from contracts.payments import PaymentRefunded, RefundOrigin

from payments.domain.payments import Reason
from payments.domain.provider import ProviderRefund, RefundRefusal, RefundStatus, RefundTask
from payments.domain.refunds import RefundState, RefundUnknown
from payments.store import ledgers, orders, payments, refunds, review
from payments.store.review import NewEntry
from payments.usecases.notices import INQUIRE
from payments.usecases.settling import conclude

ASK_AGAIN = timedelta(minutes=5)
# The provider's codes for: no money is left of this charge.
SPENT = frozenset({"charge_already_refunded", "amount"})


async def record_answer(tx: Tx, task: RefundTask, answer: ProviderRefund | RefundRefusal) -> None:
    """Record the provider's answer: the refund is done, under way, or for staff to send by hand."""
    await orders.lock(tx, task.tenant, [task.order_id])
    known = await refunds.find(tx, task.tenant, task.refund_id)
    if known is None or known.state not in (RefundState.DUE, RefundState.ASKED):
        return
    if isinstance(answer, RefundRefusal):
        await _refused(tx, task, answer)
        return
    if answer.status is RefundStatus.PENDING:
        await refunds.set_state(tx, task.tenant, task.refund_id, RefundState.ASKED, ask_again=ASK_AGAIN)
    await refunds.record(tx, task.tenant, task.payment_id, answer)
    await conclude(tx, await ledgers.load(tx, task.tenant, task.order_id))


async def _refused(tx: Tx, task: RefundTask, refusal: RefundRefusal) -> None:
    """Let staff send what the provider will not, unless the money has gone back already (F-P19)."""
    if refusal.code not in SPENT:
        await refunds.set_state(tx, task.tenant, task.refund_id, RefundState.PAYOUT)
        return
    await refunds.set_state(tx, task.tenant, task.refund_id, RefundState.REFUSED)
    exceeds = NewEntry(
        Reason.REFUND_EXCEEDS, task.amount, task.currency, task.order_id, task.payment_id, refund_id=task.refund_id
    )
    await review.add(tx, task.tenant, exceeds)
    await payments.inquire_soon(tx, task.tenant, [task.payment_id])
    tx.wake(INQUIRE)


async def pay_out(tx: Tx, tenant: str, refund_id: UUID, reference: str) -> None:
    """Record that staff has sent the money back by transfer, under this reference of the bank's."""
    known = await refunds.find(tx, tenant, refund_id)
    if known is None:
        raise RefundUnknown
    await orders.lock(tx, tenant, [known.order_id])
    known = await refunds.find(tx, tenant, refund_id)
    order = await orders.find(tx, tenant, known.order_id) if known is not None else None
    if known is None or order is None or known.state is not RefundState.PAYOUT:
        raise RefundUnknown
    await refunds.set_state(tx, tenant, refund_id, RefundState.DONE, reference=reference)
    refunded = PaymentRefunded(
        **orders.header(order),
        repayment=tx.new_id(),
        refund=refund_id,
        origin=RefundOrigin.SELLER,
        amount=known.amount,
        currency=known.currency,
        reference=reference,
        refunded_at=tx.now,
    )
    tx.publish(refunded, cause=known)
