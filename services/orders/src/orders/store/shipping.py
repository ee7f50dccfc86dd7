"""Where the boxes of an order go, and those that were posted; what is personal is sealed to the contact key."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from chassis.db import Read, Tx
from contracts.event import Sealed
from contracts.shipping import Carrier

ADD = """
insert into shipping_addresses (tenant, order_id, address)
values ($1, $2, $3)
"""


async def add(tx: Tx, tenant: str, order_id: UUID, address: Sealed) -> None:
    """Keep the address of an order that has boxes."""
    await tx.execute(ADD, tenant, order_id, str(address))


FIND = """
select address
from shipping_addresses
where tenant = $1
  and order_id = $2
"""


async def find(read: Read, tenant: str, order_id: UUID) -> Sealed | None:
    """Return the address of an order, None where nothing is posted."""
    found = await read.value(FIND, tenant, order_id)
    return None if found is None else Sealed.parse(found)


@dataclass(frozen=True, slots=True)
class Shipment:
    """Boxes that were posted together."""

    id: UUID
    order_id: UUID
    units: Sequence[UUID]
    carrier: Carrier | None
    tracking: Sealed | None = field(repr=False)


ADD_SHIPMENT = """
insert into shipments (tenant, id, order_id, unit_ids, carrier, tracking, shipped_at)
values ($1, $2, $3, $4, $5, $6, $7)
"""


async def add_shipment(tx: Tx, tenant: str, new: Shipment) -> None:
    """Keep what is posted now."""
    box = None if new.tracking is None else str(new.tracking)
    await tx.execute(ADD_SHIPMENT, tenant, new.id, new.order_id, list(new.units), new.carrier, box, tx.now)


@dataclass(frozen=True, slots=True)
class Posted:
    """A shipment, and when it was posted."""

    shipment: Shipment
    at: datetime


SHIPMENTS = """
select id, order_id, unit_ids, carrier, tracking, shipped_at
from shipments
where tenant = $1
  and order_id = $2
order by shipped_at, id
"""


async def shipments(read: Read, tenant: str, order_id: UUID) -> list[Posted]:
    """Return what was posted of an order, the first first."""
    return [
        Posted(
            Shipment(
                row["id"],
                row["order_id"],
                row["unit_ids"],
                Carrier(row["carrier"]) if row["carrier"] else None,
                Sealed.parse(row["tracking"]) if row["tracking"] else None,
            ),
            row["shipped_at"],
        )
        for row in await read.fetch(SHIPMENTS, tenant, order_id)
    ]
