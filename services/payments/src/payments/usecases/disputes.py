"""Disputes: while one is open a human has to answer it, and nothing of its charge goes back another way."""

from chassis.db import Tx
from contracts.payments import DisputeClosed, DisputeOpened, DisputeOutcome

from payments.domain.ledger import Ledger
from payments.domain.orders import Order
from payments.domain.payments import Reason
from payments.domain.provider import DisputeStatus
from payments.domain.refunds import Dispute
from payments.store import disputes, orders, review
from payments.store.review import NewEntry


async def follow(tx: Tx, ledger: Ledger) -> None:
    """List each disputed charge until the dispute has ended, and one that was lost as such; publish how far it is."""
    order = ledger.order
    under_way = {one.payment_id for one in ledger.disputes if not one.ended}
    for one in ledger.disputes:
        if not one.ended:
            reason = Reason.DISPUTED
        elif one.status is DisputeStatus.LOST:
            reason = Reason.DISPUTE_LOST
        else:
            reason = None
        if one.payment_id not in under_way:
            await review.close_disputed(tx, order.tenant, one.payment_id, f"dispute_{one.status}")
        await _publish(tx, order, one)
        if reason is not None:
            await review.add(tx, order.tenant, NewEntry(reason, one.amount, one.currency, order.id, one.payment_id))


async def _publish(tx: Tx, order: Order, one: Dispute) -> None:
    """Publish that money is wanted back, and who keeps it; an inquiry of the bank's is neither."""
    if one.published == one.status or one.status is DisputeStatus.INQUIRED:
        return
    if one.published is None and one.status is DisputeStatus.WON:
        return  # Nobody has heard that it was opened.
    header = orders.header(order)
    if one.published is None:
        opened = DisputeOpened(
            **header,
            dispute=one.public_id,
            payment=one.payment_id,
            amount=one.amount,
            currency=one.currency,
            opened_at=one.opened_at,
        )
        tx.publish(opened, cause=order)
    if one.ended:
        outcome = DisputeOutcome(one.status)
        tx.publish(DisputeClosed(**header, dispute=one.public_id, outcome=outcome, closed_at=tx.now), cause=order)
    await disputes.published(tx, order.tenant, one.id)
