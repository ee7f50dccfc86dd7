"""Devices on which keys are active."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Read, Tx
from contracts.event import Sealed, SubjectKey

from licensing.domain.devices import ENDED_KEPT, MOST_WITHOUT_LIMIT, SEEN_EVERY, EndedBy

LOCK = """
select orders.contact_key, orders.contact_public, allowed."limit", allowed.most
from units
join orders on orders.tenant = units.tenant and orders.id = units.order_id
cross join lateral (
  select case when bool_and(live.devices is not null) then sum(live.devices) end as "limit",
         sum(coalesce(live.devices, $4)) as most
  from units live
  where live.tenant = units.tenant
    and live.order_id = units.order_id
    and live.license_id = units.license_id
    and live.state = 'issued'
) as allowed
where units.tenant = $1
  and units.order_id = $2
  and units.license_id = $3
  and units.fingerprint is not null
for update of units
"""


@dataclass(frozen=True, slots=True)
class Locked:
    """A key that nobody else activates before the transaction ends: whose it is, and on how many devices it may be.

    `limit` is None where its article has none; `most` is then the number that no key exceeds.
    """

    contact: SubjectKey
    limit: int | None
    most: int


async def lock(tx: Tx, tenant: str, order_id: UUID, license_id: UUID) -> Locked:
    """Lock a key; units that share it allow so many devices each."""
    (row,) = await tx.fetch(LOCK, tenant, order_id, license_id, MOST_WITHOUT_LIMIT)
    contact = SubjectKey(key=row["contact_key"], public=row["contact_public"])
    return Locked(contact, row["limit"], row["most"] or MOST_WITHOUT_LIMIT)


SEE = """
update activations
set seen_at = $5,
    name = coalesce($7::text, name)
where tenant = $1
  and order_id = $2
  and license_id = $3
  and device = $4
  and ended_at is null
  and (seen_at <= $6 or $7::text is not null)
"""


async def see(tx: Tx, tenant: str, order_id: UUID, license_id: UUID, device: bytes, name: Sealed | None) -> None:
    """Record that a key was asked for on a device where it is active."""
    of = tenant, order_id, license_id, device
    await tx.execute(SEE, *of, tx.now, tx.now - SEEN_EVERY, None if name is None else str(name))


ADD = """
insert into activations (tenant, id, order_id, license_id, device, name, activated_at, seen_at)
values ($1, $2, $3, $4, $5, $6, $7, $7)
"""

FORGET = """
delete from activations
where (tenant, id) in (
  select tenant, id
  from activations
  where tenant = $1
    and order_id = $2
    and license_id = $3
    and ended_at is not null
  order by ended_at desc, id
  offset $4
)
"""


async def add(tx: Tx, tenant: str, order_id: UUID, license_id: UUID, device: bytes, name: Sealed | None) -> None:
    """Make a key active on a device; of what has ended only the last is kept, so that rows do not grow without end."""
    text = None if name is None else str(name)
    await tx.execute(ADD, tenant, tx.new_id(), order_id, license_id, device, text, tx.now)
    await tx.execute(FORGET, tenant, order_id, license_id, ENDED_KEPT)


ACTIVE = """
select
from activations
where tenant = $1
  and order_id = $2
  and license_id = $3
  and device = $4
  and ended_at is null
"""


async def is_active(read: Read, tenant: str, order_id: UUID, license_id: UUID, device: bytes) -> bool:
    """Return whether a key is active on a device."""
    return await read.row(ACTIVE, tenant, order_id, license_id, device) is not None


COUNT = """
select count(*) as devices
from activations
where tenant = $1
  and order_id = $2
  and license_id = $3
  and ended_at is null
"""


async def count(read: Read, tenant: str, order_id: UUID, license_id: UUID) -> int:
    """Return on how many devices a key is active."""
    (row,) = await read.fetch(COUNT, tenant, order_id, license_id)
    return row["devices"]


END_DEVICE = """
update activations
set ended_at = $5,
    ended_by = $6
where tenant = $1
  and order_id = $2
  and license_id = $3
  and device = $4
  and ended_at is null
"""


async def end_device(tx: Tx, tenant: str, order_id: UUID, license_id: UUID, device: bytes, by: EndedBy) -> bool:
    """End a key's activation on a device, and return whether there was one."""
    return await tx.execute(END_DEVICE, tenant, order_id, license_id, device, tx.now, by.value) == 1


END = """
update activations
set ended_at = coalesce(ended_at, $5),
    ended_by = coalesce(ended_by, $6)
where tenant = $1
  and order_id = $2
  and license_id = $3
  and id = $4
"""


async def end(tx: Tx, tenant: str, order_id: UUID, license_id: UUID, activation_id: UUID, by: EndedBy) -> bool:
    """End an activation unless it has ended, and return whether there is one."""
    return await tx.execute(END, tenant, order_id, license_id, activation_id, tx.now, by.value) == 1


OF_LICENSE = """
select id, name, activated_at, seen_at
from activations
where tenant = $1
  and order_id = $2
  and license_id = $3
  and ended_at is null
  and ($4::timestamptz is null or (activated_at, id) > ($4, $5::uuid))
order by activated_at, id
limit $6
"""


@dataclass(frozen=True, slots=True)
class ActiveDevice:
    """A device on which a key is active."""

    id: UUID
    name: Sealed | None
    activated_at: datetime
    seen_at: datetime


async def of_license(
    read: Read, key: tuple[str, UUID, UUID], after: tuple[datetime, UUID] | None, limit: int
) -> list[ActiveDevice]:
    """Return so many of the devices on which a key of a tenant's order is active, the oldest first."""
    rows = await read.fetch(OF_LICENSE, *key, *(after or (None, None)), limit)
    return [_device(row) for row in rows]


COUNTS = """
select license_id, count(*) as devices
from activations
where tenant = $1
  and order_id = $2
  and ended_at is null
group by license_id
"""


async def counts(read: Read, tenant: str, order_id: UUID) -> dict[UUID | None, int]:
    """Return on how many devices each key of an order is active, where it is on any."""
    rows: Sequence[Any] = await read.fetch(COUNTS, tenant, order_id)
    return {row["license_id"]: row["devices"] for row in rows}


def _device(row: Any) -> ActiveDevice:
    name = None if row["name"] is None else Sealed.parse(row["name"])
    return ActiveDevice(row["id"], name, row["activated_at"], row["seen_at"])
