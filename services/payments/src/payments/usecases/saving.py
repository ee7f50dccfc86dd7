"""Cards saved at the provider: none for a customer who has chosen not to keep data (PAY-11 M26).

A choice gives up what was saved before it; a page that was open by then may save another card, which is given up
once the provider tells that somebody has paid there. A choice to keep that comes first ends what was not done yet.
"""

from chassis.db import Tx

from payments.domain.orders import Order
from payments.domain.payments import Payment
from payments.domain.provider import GiveUp
from payments.store import customers


async def may_be_saved(tx: Tx, order: Order, payment: Payment) -> None:
    """Somebody has paid, and a card may be saved by it that shall not be kept."""
    if payment.saves_card and await customers.give_up(tx, order.tenant, order.customer, order.traceparent):
        tx.wake("give up cards")


async def given_up(tx: Tx, wish: GiveUp, _: None) -> None:
    """Nothing that was saved when the wish was claimed is left; a wish renewed meanwhile stays."""
    await customers.given_up(tx, wish.tenant, wish.customer, wish.asked)
