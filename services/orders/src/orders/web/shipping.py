"""Where boxes go: who posts them reads it, and says what for."""

from typing import Literal
from uuid import UUID

from chassis.db import Begin, Tx
from chassis.identity import Caller, KeyRings, Keys
from chassis.web import Listing, Routes, not_found
from contracts.shipping import tracking_page

from orders.store import shipping
from orders.usecases import delivering
from orders.web import bodies, views
from orders.web.access import CUSTOMER, READERS, readable
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


@routes.get("/orders/{order}/shipments", allow=READERS)
async def list_shipments(begin: Begin, caller: Caller, order: UUID, keys: KeyRings) -> Listing[views.ShipmentView]:
    """What was posted of an order, and where the carrier shows it; a reading by staff is recorded."""
    async with begin() as tx:
        await readable(tx, caller, order)
        found = await shipping.shipments(tx, caller.tenant, order)
        boxes = [one.shipment.tracking for one in found if one.shipment.tracking is not None]
        if boxes and CUSTOMER not in caller.roles:
            tx.audit_reading("order", [order], SHIPPING, "tracking")
    opened = await keys.ring(SHIPPING).unlock(boxes)
    return Listing(items=[_shipment(one, opened) for one in found])


@routes.post("/orders/{order}/shipments", allow="sales")
async def ship(tx: Tx, caller: Caller, order: UUID, body: bodies.ShipUnits) -> views.OrderView:
    """Record that boxed units were posted; their customer gets a letter, with the number by which they are found."""
    parcel = delivering.Parcel(body.carrier, body.tracking_number)
    await delivering.ship(tx, caller.tenant, order, body.units, parcel)
    return await view_order(tx, caller, order)


def _shipment(posted: shipping.Posted, opened: Keys) -> views.ShipmentView:
    one = posted.shipment
    text = opened.open(one.tracking) if one.tracking is not None else None
    number = text if isinstance(text, str) else None
    return views.ShipmentView(
        shipment=one.id,
        units=list(one.units),
        carrier=one.carrier,
        tracking_number=number,
        page=tracking_page(one.carrier, number) if one.carrier and number else None,
        shipped_at=posted.at,
    )
