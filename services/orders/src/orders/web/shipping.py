"""Where boxes go: who posts them reads it, and says what for."""

from typing import Literal
from uuid import UUID

from chassis.db import Begin, Tx
from chassis.identity import Caller, KeyRings
from chassis.web import Routes, not_found

from orders.store import shipping
from orders.usecases import delivering
from orders.web import bodies, views
from orders.web.access import readable
from orders.web.orders import view_order

SHIPPING = "shipping"

routes = Routes()


@routes.get("/orders/{order}/shipping-address", allow="sales")
async def shipping_address(
    begin: Begin, caller: Caller, order: UUID, keys: KeyRings, purpose: Literal["posting", "returned", "complaint"]
) -> views.ShippingView:
    """Where an order's boxes go; every reading is recorded with its purpose (ORD-12, ORD-13)."""
    async with begin() as tx:
        await readable(tx, caller, order)
        box = await shipping.find(tx, caller.tenant, order)
        if box is None:
            raise not_found()
        tx.audit_reading("order", [order], SHIPPING, purpose)
    address = (await keys.ring(SHIPPING).unlock([box])).open(box)
    return views.ShippingView(order=order, address=views.parsed(address))


@routes.post("/orders/{order}/shipments", allow="sales")
async def ship(tx: Tx, caller: Caller, order: UUID, body: bodies.ShipUnits) -> views.OrderView:
    """Record that boxed units were posted."""
    await delivering.ship(tx, caller.tenant, order, body.units)
    return await view_order(tx, caller, order)
