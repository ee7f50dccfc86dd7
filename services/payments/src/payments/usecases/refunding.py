"""Sending money back: by the provider, or by staff where only they can."""

from datetime import timedelta
from uuid import UUID

from chassis.db import Tx
from contracts.payments import PaymentRefunded, RefundOrigin

from payments.domain.payments import Reason
from payments.domain.provider import DisputeStatus, ProviderRefund, RefundRefusal, RefundStatus, RefundTask
from payments.domain.refunds import RefundState, RefundUnknown
from payments.store import ledgers, orders, payments, refunds, review
from payments.store.review import NewEntry
from payments.usecases.notices import INQUIRE
from payments.usecases.settling import ASK_DISPUTED, conclude

ASK_AGAIN = timedelta(minutes=5)
# The provider's codes for: less, or no money is left of this charge.
LESS = "amount"
SPENT = frozenset({"charge_already_refunded", LESS})
# The provider's codes for: the customer's bank has this money, or wants it.
DISPUTED = frozenset({"charge_disputed", "refund_disputed_payment"})


async def record_answer(tx: Tx, task: RefundTask, answer: ProviderRefund | RefundRefusal) -> None:
    """Record the provider's answer: the refund is done, under way, waits for a dispute, or is for staff to send."""
    await orders.lock(tx, task.tenant, [task.order_id])
    known = await refunds.find(tx, task.tenant, task.refund_id)
    if known is None or known.state not in (RefundState.DUE, RefundState.ASKED, RefundState.DISPUTED):
        return
    if isinstance(answer, RefundRefusal):
        await _refused(tx, task, answer)
        return
    if answer.status is RefundStatus.PENDING:
        await refunds.set_state(tx, task.tenant, task.refund_id, RefundState.ASKED, ask_again=ASK_AGAIN)
    await refunds.record(tx, task.tenant, task.payment_id, answer)
    await conclude(tx, await ledgers.load(tx, task.tenant, task.order_id))


async def _refused(tx: Tx, task: RefundTask, refusal: RefundRefusal) -> None:
    """Let staff send what the provider will not, unless the money has gone back already, or may (F-P19, F-P21)."""
    if refusal.code == LESS and not task.repeated:
        # Somebody has paid a part back there: the rest is sent once that is known.
        await refunds.set_state(tx, task.tenant, task.refund_id, RefundState.WAITING)
        await _inquire(tx, task)
        return
    if refusal.code in DISPUTED and not await _won(tx, task):
        disputed = RefundState.DISPUTED
        await refunds.set_state(tx, task.tenant, task.refund_id, disputed, ask_again=ASK_DISPUTED)
        entry = NewEntry(Reason.DISPUTED, task.amount, task.currency, task.order_id, task.payment_id)
    elif refusal.code in SPENT:
        await refunds.set_state(tx, task.tenant, task.refund_id, RefundState.REFUSED)
        facts = (task.order_id, task.payment_id)
        entry = NewEntry(Reason.REFUND_EXCEEDS, task.amount, task.currency, *facts, refund_id=task.refund_id)
    else:
        await refunds.set_state(tx, task.tenant, task.refund_id, RefundState.PAYOUT)
        return
    await review.add(tx, task.tenant, entry)
    await _inquire(tx, task)


async def _inquire(tx: Tx, task: RefundTask) -> None:
    await payments.inquire_soon(tx, task.tenant, [task.payment_id])
    tx.wake(INQUIRE)


async def _won(tx: Tx, task: RefundTask) -> bool:
    """Return whether all disputes about the charge are known to be won: its money is here and is owed."""
    ledger = await ledgers.load(tx, task.tenant, task.order_id)
    known = [one for one in ledger.disputes if one.payment_id == task.payment_id] if ledger is not None else []
    return bool(known) and all(one.status is DisputeStatus.WON for one in known)


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
    paid_out = {"state": RefundState.DONE, "reference": reference, "amount": known.to_send, "order": known.order_id}
    tx.audit("refund", refund_id, before={"state": known.state, "reference": known.reference}, after=paid_out)
    if known.reference is not None:
        # It was published when it was sent first; the bank had returned it.
        await review.close_returned(tx, tenant, refund_id)
        return
    refunded = PaymentRefunded(
        **orders.header(order),
        repayment=tx.new_id(),
        refund=refund_id,
        origin=RefundOrigin.SELLER,
        amount=known.to_send,
        currency=known.currency,
        reference=reference,
        refunded_at=tx.now,
    )
    tx.publish(refunded, cause=known)
