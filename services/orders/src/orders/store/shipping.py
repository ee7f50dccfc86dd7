"""Where the boxes of an order go, sealed to the customer's contact key."""

from uuid import UUID

from chassis.db import Read, Tx
from contracts.event import Sealed

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
