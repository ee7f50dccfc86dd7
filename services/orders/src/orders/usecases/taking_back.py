"""Taking back what orders has published and its restored database does not know.

What no event names is lost: the addresses to which boxes go, that they were posted, and bounced letters before theirs
are consumed again.
"""

from collections.abc import Sequence
from dataclasses import replace

from chassis.consuming import Message
from chassis.db import Tx
from contracts.orders import DeliveryReleased, OrderCancelled, OrderClosed, OrderPaid, OrderPlaced, OrderRefunded
from contracts.withdrawals import WithdrawalDeclared

from orders.domain.money import Taxed, shares
from orders.domain.rules import ZONE, Rules
from orders.domain.unit import Unit
from orders.domain.withdrawal import period_end
from orders.store import consents, numbers, offers, orders, refunds, withdrawals
from orders.store.orders import StoredOrder
from orders.usecases.changing import Change, conclude
from orders.usecases.placing import order_of

Own = OrderPlaced | OrderPaid | DeliveryReleased | OrderRefunded | OrderCancelled | OrderClosed
DECIDED_BY = "restored"  # who has decided a refund is in no event


async def take_back(tx: Tx, messages: Sequence[Message[Own]], rules: Rules) -> None:
    """Let each order become what its events say, those that are not known with their numbers; publishes nothing new."""
    events = [message.event for message in messages]
    for event in events:
        if isinstance(event, OrderPlaced):
            await _place(tx, event, rules)
        if isinstance(event, DeliveryReleased):
            await orders.release(tx, event.tenant, event.order, event.deliver_from)
            await consents.add(tx, event.tenant, event.order, event.consents or ())
        if isinstance(event, OrderRefunded):
            await refunds.add(tx, event, DECIDED_BY)
    stored = await orders.lock(tx, ((event.tenant, event.order) for event in events))
    current = {key: one.order for key, one in stored.items()}
    for event in events:
        if (order := current.get(key := (event.tenant, event.order))) is None:
            continue  # it was placed longer ago than its events are kept
        match event:
            case OrderPaid():
                order = order.paid([unit for line in event.lines for unit in line.units], event.paid_at)
            case OrderRefunded():
                order = order.dated([unit.unit for unit in event.units], "refunded_at", event.refunded_at)
            case OrderCancelled():
                order = order.dated(event.units, "cancelled_at", event.cancelled_at)
            case OrderClosed():
                order = replace(order, closed_at=event.closed_at, contact_until=event.contact_until)
            case _:
                pass
        current[key] = order
    await conclude(tx, [Change(one, current[key]) for key, one in stored.items()])


async def take_back_withdrawal(tx: Tx, declared: WithdrawalDeclared) -> None:
    """Keep a declaration that is not known; what followed from it is taken back by events of its own."""
    await withdrawals.add(tx, declared)


async def _place(tx: Tx, placed: OrderPlaced, rules: Rules) -> None:
    if await orders.find(tx, placed.tenant, placed.order) is not None:
        return
    units = [
        Unit(unit, line.line, share, line.fulfilment)
        for line in placed.lines
        for unit, share in zip(line.units, shares(Taxed(line.net, line.tax, line.gross), len(line.units)), strict=True)
    ]
    code = None if placed.coupon is None else placed.coupon.replace("-", "")
    coupon = None if code is None else await offers.lock_coupon(tx, placed.tenant, placed.channel, code)
    order = order_of(placed, units, period_end(placed.ordered_at, ZONE, rules.is_holiday), rules)
    new = StoredOrder(placed, order, tuple(placed.lines), coupon.id if coupon else None, tuple(placed.consents))
    await orders.add(tx, new, "")
    await numbers.go_on_beyond(tx, placed.tenant, placed.seller, int(placed.order_number.rpartition("-")[2]))
