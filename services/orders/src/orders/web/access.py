"""Who may read an order."""

from typing import Final
from uuid import UUID

from chassis.db import Read
from chassis.identity import Caller

from orders.domain.order import OrderUnknown
from orders.store import orders
from orders.store.orders import StoredOrder

CUSTOMER: Final = "customer"
READERS: Final = (CUSTOMER, "sales", "support", "bookkeeping", "reviewer")


async def readable(read: Read, caller: Caller, order_id: UUID) -> StoredOrder:
    """Return the order if the caller may read it; raises OrderUnknown, also for another customer's (F-P28)."""
    found = await orders.find(read, caller.tenant, order_id)
    if found is None or (CUSTOMER in caller.roles and str(found.placed.customer) != caller.subject):
        raise OrderUnknown
    return found
