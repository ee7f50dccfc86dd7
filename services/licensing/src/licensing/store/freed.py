"""What is published of a device on which a key is active, when it is freed."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chassis.db import Tx
from contracts.event import Sealed
from contracts.shared import SaleHeader

ACTIVE = """
select activations.name, units.sku, units.line_id, orders.channel, orders.market, orders.seller, orders.order_number,
       orders.ordered_at
from activations
join orders on orders.tenant = activations.tenant and orders.id = activations.order_id
join units on units.tenant = activations.tenant and units.order_id = activations.order_id
  and units.license_id = activations.license_id and units.fingerprint is not null
where activations.tenant = $1
  and activations.order_id = $2
  and activations.license_id = $3
  and activations.id = $4
  and activations.ended_at is null
for update of activations
"""


@dataclass(frozen=True, slots=True)
class Active:
    """Of which sale and article a key is, and what its owner calls the device on which it is active."""

    header: SaleHeader
    sku: str
    line_id: UUID
    device: Sealed | None


async def lock(tx: Tx, tenant: str, order_id: UUID, license_id: UUID, activation_id: UUID) -> Active | None:
    """Lock an activation that has not ended, if it is one, so that nobody else ends it."""
    row = await tx.row(ACTIVE, tenant, order_id, license_id, activation_id)
    if row is None:
        return None
    facts: dict[str, Any] = dict(row)
    name, sku, line_id = facts.pop("name"), facts.pop("sku"), facts.pop("line_id")
    header = SaleHeader(tenant=tenant, order=order_id, **facts)
    return Active(header, sku, line_id, None if name is None else Sealed.parse(name))
