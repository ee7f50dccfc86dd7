"""Opening a checkout: what is wished for in one transaction, the provider's answer in another."""

from datetime import timedelta
from uuid import UUID

from chassis.db import Tx

from payments.domain.orders import Order, OrderUnknown
from payments.domain.payments import Payment, State
from payments.domain.provider import Opened, Question, Wish
from payments.store import customers, ledgers, orders, payments


async def wish(tx: Tx, tenant: str, customer: UUID, order_id: UUID, *, save_card: bool) -> Wish | None:
    """What to ask the provider for, or the checkout that is open already; None for an order not heard of yet."""
    await orders.lock(tx, tenant, [order_id])
    ledger = await ledgers.load(tx, tenant, order_id)
    if ledger is None:
        return None
    order = ledger.order
    if order.customer != customer:
        raise OrderUnknown
    order.check_payable(tx.now)
    payment = next((known for known in reversed(ledger.payments) if not known.decided), None)
    known = await customers.begin(tx, tenant, customer)
    saves_card = save_card and known.keep_data
    if payment is None:
        payment = Payment(tenant, tx.new_id(), order_id, order.gross, order.currency, saves_card=saves_card)
        payments.add(tx, payment)
    elif saves_card and payment.session is None:
        payments.saves_card(tx, tenant, payment.payment)
    return Wish(
        tenant=tenant,
        payment=payment.payment,
        order=order_id,
        number=order.number,
        amount=payment.amount,
        currency=payment.currency,
        customer=customer,
        session=payment.session,
        under_way=payment.state is State.AUTHORIZED,
        provider_customer=known.provider_customer,
        saves_card=saves_card,
        erased=known.erased,
    )


async def met(tx: Tx, wish: Wish, provider_customer: str) -> None:
    """The provider knows the customer; one erased meanwhile is forgotten there by the errand."""
    if await customers.meet(tx, wish.tenant, wish.customer, provider_customer):
        tx.wake("forget customers")


async def opened(tx: Tx, wish: Wish, checkout: Opened, ask_after: timedelta) -> None:
    """The customer can go and pay; an order that was cancelled meanwhile has its checkout closed again."""
    await orders.lock(tx, wish.tenant, [wish.order])
    if await payments.opened(tx, wish.tenant, wish.payment, checkout, tx.now + ask_after):
        tx.wake("ask about payments")


def question(wish: Wish, session: str) -> Question:
    """Whether the open checkout is still open."""
    return Question(wish.tenant, wish.payment, wish.order, session, close=False, traceparent=None)


async def readable(tx: Tx, tenant: str, order_id: UUID, customer: UUID | None) -> Order | None:
    """An order, None where it was not heard of yet; another customer's is not there (F-P28)."""
    order = await orders.find(tx, tenant, order_id)
    if order is not None and customer is not None and order.customer != customer:
        raise OrderUnknown
    return order
