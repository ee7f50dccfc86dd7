"""Devices of keys that were freed, until their customer is written to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.consuming import Message
from chassis.db import Tx
from contracts.event import Sealed
from contracts.licensing import DeviceFreed

from letters.store.facts import HOLD, events_in

RECORD_FREED = f"""
{HOLD}
insert into freed_devices (tenant, order_id, id, license_id, line_id, freed_by, freed_at, device)
select tenant, order_id, activation, license, line, "by", freed_at, device::text
from held
join jsonb_to_recordset($1::jsonb) as event
  (tenant text, order_id uuid, activation uuid, license uuid, line uuid, "by" text, freed_at timestamptz, device jsonb)
  using (tenant, order_id)
on conflict do nothing
"""  # noqa: S608 -- made of statements alone


async def record_freed(tx: Tx, messages: Sequence[Message[DeviceFreed]]) -> None:
    """Record which devices were freed, and by whom; of what is history nobody is written to."""
    if tx.effects:
        await tx.execute(RECORD_FREED, events_in(messages))


# With what is known of its order, where that is enough; whose address nobody can read any more is written to no more.
TAKE = """
delete from freed_devices
using (
  select orders.*
  from unnest((select $1::text[]), (select $2::uuid[])) as named (tenant, id)
  join orders using (tenant, id)
  where agreement is not null
) as known
where freed_devices.tenant = known.tenant
  and freed_devices.order_id = known.id
returning freed_devices.*, known.channel, known.seller, known.number, known.agreement ->> 'language' as language,
  known.name_box, known.email_box, (
    select line ->> 'name'
    from jsonb_array_elements(known.agreement -> 'lines') as line
    where line ->> 'id' = freed_devices.line_id::text
  ) as product
"""


@dataclass(frozen=True, slots=True)
class Freed:
    """A device that was freed, and whom that is written to about which product."""

    tenant: str
    order_id: UUID
    id: UUID
    license_id: UUID
    line_id: UUID
    freed_by: str
    freed_at: datetime
    device: str | None
    channel: str
    seller: str
    number: str
    language: str
    name_box: str | None
    email_box: str | None
    product: str | None

    @property
    def reader(self) -> tuple[Sealed, Sealed] | None:
        """Name and address of the customer, unless nobody can read them any more."""
        if self.name_box is None or self.email_box is None:
            return None
        return Sealed.parse(self.name_box), Sealed.parse(self.email_box)


async def take(tx: Tx, orders: Iterable[tuple[str, UUID]]) -> list[Freed]:
    """Return the devices of these orders that were freed and of which nobody was written to yet; each once."""
    named = list(orders)
    rows = await tx.fetch(TAKE, [tenant for tenant, _ in named], [order_id for _, order_id in named])
    return [Freed(**dict(row)) for row in rows]
