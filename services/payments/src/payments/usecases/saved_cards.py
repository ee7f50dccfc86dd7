"""Cards saved at the provider: none for a customer who has chosen not to have data kept (PAY-11 M26).

A choice removes what was saved before it. A page that was open by then may save another card, which is removed once
the provider reports that somebody has paid there. A choice to keep that comes first ends what was not done yet.
"""

from chassis.db import Tx
from chassis.jobs import Trigger

from payments.domain.orders import Order
from payments.domain.payments import Payment
from payments.domain.provider import CardRemoval
from payments.store import customers

REMOVE_CARDS = Trigger("remove saved cards")


async def remove_unwanted_card(tx: Tx, order: Order, payment: Payment) -> None:
    """Have a card removed that somebody may have saved by paying, and that shall not be kept."""
    if payment.saves_card and await customers.request_card_removal(
        tx, order.tenant, order.customer_id, order.traceparent
    ):
        tx.wake(REMOVE_CARDS)


async def record_removal(tx: Tx, removal: CardRemoval, _: None) -> None:
    """Record that nothing is left that was saved before the removal was claimed."""
    await customers.cards_removed(tx, removal.tenant, removal.customer_id, removal.request)
