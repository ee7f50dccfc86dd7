"""Disputes: while one is open a human has to answer it, and nothing of its charge goes back another way."""

from chassis.db import Tx

from payments.domain.ledger import Ledger
from payments.domain.payments import Reason
from payments.domain.provider import DisputeStatus
from payments.store import review
from payments.store.review import NewEntry


async def follow(tx: Tx, ledger: Ledger) -> None:
    """List each disputed charge until the dispute has ended, and one that was lost as such."""
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
        if reason is not None:
            await review.add(tx, order.tenant, NewEntry(reason, one.amount, one.currency, order.id, one.payment_id))
