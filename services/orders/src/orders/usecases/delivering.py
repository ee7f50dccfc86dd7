"""What staff and customers do about the delivery of paid lines."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from chassis.db import Tx
from chassis.identity import seal
from contracts.orders import Consent, ConsentKind, DeliveryReleased
from contracts.shipping import Carrier, OrderShipped, ShippedLine

from orders.domain.order import OrderUnknown
from orders.domain.unit import shippable
from orders.domain.withdrawal import BOTH, ConsentIncomplete
from orders.store import consents, orders, shipping
from orders.store.orders import StoredOrder
from orders.usecases.changing import Change, conclude, lock


class Parcel(NamedTuple):
    """Who carries what was posted, and the number by which it is found; neither need be known."""

    carrier: Carrier | None = None
    number: str | None = None


async def ship(tx: Tx, tenant: str, order_id: UUID, unit_ids: Sequence[UUID], parcel: Parcel) -> None:
    """Record that staff has posted these boxed units, and let the customer know; raises OrderUnknown, NotShippable.

    What was posted before is no news.
    """
    stored = await lock(tx, tenant, order_id)
    posted = [unit.id for unit in shippable(stored.order.units, unit_ids)]
    if posted:
        await _announce(tx, stored, posted, parcel)
    await conclude(tx, [Change(stored, stored.order.dated(posted, "delivered_at", tx.now))])
    tx.audit("order", order_id, after={"posted": posted, "to": await shipping.find(tx, tenant, order_id)})


async def consent_later(
    tx: Tx, tenant: str, customer_id: UUID, order_id: UUID, given: Sequence[tuple[ConsentKind, str]]
) -> None:
    """Release waiting lines now, because the customer asks for it with both statements (ORD-7).

    Where nothing waits any more, nothing is stated either.
    Raises OrderUnknown, and ConsentIncomplete unless both are given in the wording that is valid now.
    """
    stored = await lock(tx, tenant, order_id)
    placed = stored.placed
    if placed.customer != customer_id:
        raise OrderUnknown
    texts = (await consents.current(tx, placed.language)).shown
    if not {str(kind) for kind, _ in given} >= BOTH or any(texts[kind][0] != version for kind, version in given):
        raise ConsentIncomplete
    statements = [
        Consent(kind=kind, text=texts[kind][1], version=version, language=placed.language, given_at=tx.now)
        for kind, version in given
    ]
    released = await orders.release(tx, tenant, order_id, tx.now)
    if released:
        await consents.add(tx, tenant, order_id, statements)
        tx.publish(DeliveryReleased(**placed.header, lines=released, deliver_from=tx.now, consents=statements))


async def _announce(tx: Tx, stored: StoredOrder, posted: Sequence[UUID], parcel: Parcel) -> None:
    """Keep a shipment and publish it; its number leads to an address, and is sealed like one."""
    placed, shipment = stored.placed, tx.new_id()
    box = None if parcel.number is None else seal(parcel.number, placed.keys.contact, "tracking number")
    await shipping.add_shipment(
        tx, placed.tenant, shipping.Shipment(shipment, placed.order, posted, parcel.carrier, box)
    )
    lines = [
        ShippedLine(line=line.line, name=line.name, units=units)
        for line in stored.lines
        if (units := [unit for unit in line.units if unit in posted])
    ]
    tx.publish(
        OrderShipped(
            tenant=placed.tenant,
            order=placed.order,
            shipment=shipment,
            customer=placed.customer,
            channel=placed.channel,
            seller=placed.seller,
            order_number=placed.order_number,
            language=placed.language,
            shipped_at=tx.now,
            lines=lines,
            carrier=parcel.carrier,
            tracking=box,
            name_contact=placed.name_contact,
            email_contact=placed.email_contact,
        )
    )
