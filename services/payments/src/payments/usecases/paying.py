"""Paying by card: what is known is read without a lock, and each step is kept at once, for the provider is called."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

from chassis.db import Once, Read
from contracts.organisations import Looker
from uuid_utils.compat import uuid7

from payments.domain.ledger import Ledger
from payments.domain.orders import Order, OrderUnknown, may_come
from payments.domain.payments import Payment
from payments.domain.provider import Checkout, Inquiry
from payments.store import checkouts, ledgers, orders

T = TypeVar("T")
LOOK_AGAIN_SECONDS = (0.05, 0.15, 0.3, 0.5)


async def arrived(read: Read, tenant: str, order_id: UUID, look: Callable[[], Awaitable[T | None]]) -> T | None:
    """Look, for a second until the order is there: one that was placed a moment ago is still on its way here.

    Raises OrderUnknown for one that will never come.
    """
    found = await look()
    for seconds in LOOK_AGAIN_SECONDS:
        if found is not None:
            break
        if not may_come(order_id, time.time()):
            raise OrderUnknown
        await asyncio.sleep(seconds)
        if await orders.is_known(read, tenant, order_id):  # costs a fraction of a look
            found = await look()
    return found


async def payable(read: Read, tenant: str, order_id: UUID, customer_id: UUID) -> Ledger | None:
    """Return what is known of an order that this customer may pay by card; None while the order is not known.

    Raises OrderUnknown, NotByCard, OrderLapsed, AlreadyPaid, PaidInPart.
    """
    ledger = await ledgers.load(read, tenant, order_id)
    if ledger is not None:
        if ledger.order.customer_id != customer_id:
            raise OrderUnknown
        ledger.order.check_payable(read.now)
    return ledger


async def begin(once: Once, ledger: Ledger, *, save_card: bool) -> Checkout | None:
    """Begin a checkout, for the payment of an earlier one if that came to nothing; None where another request did."""
    payment_id = ledger.undecided.id if ledger.undecided is not None else uuid7()
    return await checkouts.begin(once, ledger.order, payment_id, save_card=save_card)


def inquiry(payment: Payment, session_id: str) -> Inquiry:
    """Return the inquiry whether this payment's page is still open."""
    return Inquiry(payment.tenant, payment.id, payment.order_id, session_id, close=False, traceparent=None)


async def readable(read: Read, tenant: str, order_id: UUID, by: Looker | None) -> Order | None:
    """Return an order, None while it is not known; one that the customer does not see is not there (F-P28)."""
    order = await orders.find(read, tenant, order_id)
    if order is not None and by is not None and not by.sees(order.customer_id, order.organisation_id):
        raise OrderUnknown
    return order
