"""What customers have typed last as their address, sealed to their profile key."""

from uuid import UUID

from chassis.db import Read, Tx
from contracts.event import Sealed

PUT = """
insert into last_addresses (tenant, customer_id, whom, address, ordered_at)
values ($1, $2, $3, $4, $5)
on conflict (tenant, customer_id, whom) do update
set address = excluded.address,
    ordered_at = excluded.ordered_at
"""


async def put(tx: Tx, tenant: str, customer_id: UUID, organisation_id: UUID | None, address: Sealed) -> None:
    """Keep the address of an order, in place of an earlier one for the same organisation, or for themself."""
    await tx.execute(PUT, tenant, customer_id, organisation_id or customer_id, str(address), tx.now)


FIND = """
select address
from last_addresses
where tenant = $1
  and customer_id = $2
  and whom = $3
"""


async def find(read: Read, tenant: str, customer_id: UUID, organisation_id: UUID | None) -> Sealed | None:
    """Return the address of a customer's last order for an organisation, or for themself; None: there is none."""
    found = await read.value(FIND, tenant, customer_id, organisation_id or customer_id)
    return None if found is None else Sealed.parse(found)
