"""Cancelling what is unpaid: by the customer, by staff, or because the time to pay has ended."""

from collections.abc import Sequence
from uuid import UUID

from chassis.db import Tx
from chassis.jobs import in_parts
from contracts.orders import CancelReason, OrderCancelled

from orders.domain.unit import Unit, cancellable, unpaid
from orders.store import orders
from orders.store.orders import StoredOrder
from orders.usecases.changing import Change, conclude, lock


async def cancel_order(tx: Tx, tenant: str, order_id: UUID, reason: CancelReason) -> None:
    """Cancel what is unpaid of an order and free what it held; raises NotCancellable where everything is paid."""
    stored = await lock(tx, tenant, order_id)
    units = cancellable(stored.order.units)
    await conclude(tx, [_cancelled(tx, stored, units, reason)])
    tx.audit("order", order_id, after={"cancelled": [unit.id for unit in units]})


async def lapse_unpaid_orders(tx: Tx) -> bool:
    """Cancel what is unpaid of the orders whose time to pay has ended; true where there may be more."""
    found = await orders.unpaid(tx, tx.now)
    return await in_parts(tx, "lapse unpaid orders", found, lambda some: _lapse(tx, some), tuple) > 0


async def _lapse(tx: Tx, keys: Sequence[orders.Key]) -> None:
    found = await orders.lock(tx, keys)
    # the rest may have been paid after it was found and before it was locked
    open_ = [(stored, rest) for stored in found.values() if (rest := unpaid(stored.order.units))]
    await conclude(tx, [_cancelled(tx, stored, rest, CancelReason.UNPAID) for stored, rest in open_])


def _cancelled(tx: Tx, stored: StoredOrder, units: Sequence[Unit], reason: CancelReason) -> Change:
    unit_ids = [unit.id for unit in units]
    tx.publish(OrderCancelled(**stored.placed.header, units=unit_ids, reason=reason, cancelled_at=tx.now))
    return Change(stored, stored.order.dated(unit_ids, "cancelled_at", tx.now))
