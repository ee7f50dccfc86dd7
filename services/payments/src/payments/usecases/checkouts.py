"""Closing the checkouts of an order that nobody shall pay by card any more."""

from chassis.db import Tx

from payments.domain.ledger import Ledger
from payments.store import payments
from payments.usecases.notices import INQUIRE


async def close_checkouts(tx: Tx, ledger: Ledger) -> None:
    """Have the provider close what is still open; the order's lock says that it shall."""
    undecided = [payment.id for payment in ledger.payments if not payment.decided]
    if undecided:
        await payments.inquire_soon(tx, ledger.order.tenant, undecided)
        tx.wake(INQUIRE)
