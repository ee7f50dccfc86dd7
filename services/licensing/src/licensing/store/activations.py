"""Devices on which keys are active."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Read, Tx
from contracts.event import Sealed, SubjectKey

from licensing.domain.devices import SEEN_EVERY, EndedBy

LOCK = """
select orders.contact_key, orders.contact_public, (
  select case when bool_and(live.devices is not null) then sum(live.devices) end
  from units live
  where live.tenant = units.tenant
    and live.order_id = units.order_id
    and live.license_id = units.license_id
    and live.state = 'issued'
) as "limit"
from units
join orders on orders.tenant = units.tenant and orders.id = units.order_id
where units.tenant = $1
  and units.order_id = $2
  and units.license_id = $3
  and units.fingerprint is not null
for update of units
"""


@dataclass(frozen=True, slots=True)
class Locked:
    """A key that nobody else activates before the transaction ends: whose it is, and on how many devices it may be."""

    contact: SubjectKey
    limit: int | None


async def lock(tx: Tx, tenant: str, order_id: UUID, license_id: UUID) -> Locked:
    """Lock a key; units that share it allow so many devices each."""
    (row,) = await tx.fetch(LOCK, tenant, order_id, license_id)
    return Locked(SubjectKey(key=row["contact_key"], public=row["contact_public"]), row["limit"])


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


async def add(tx: Tx, tenant: str, order_id: UUID, license_id: UUID, device: bytes, name: Sealed | None) -> None:
    """Make a key active on a device."""
    text = None if name is None else str(name)
    await tx.execute(ADD, tenant, tx.new_id(), order_id, license_id, device, text, tx.now)


ACTIVE = """
select device
from activations
where tenant = $1
  and order_id = $2
  and license_id = $3
  and ended_at is null
"""


async def active(read: Read, tenant: str, order_id: UUID, license_id: UUID) -> set[bytes]:
    """Return the devices on which a key is active."""
    return {row["device"] for row in await read.fetch(ACTIVE, tenant, order_id, license_id)}


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
order by activated_at, id
"""


@dataclass(frozen=True, slots=True)
class ActiveDevice:
    """A device on which a key is active."""

    id: UUID
    name: Sealed | None
    activated_at: datetime
    seen_at: datetime


async def of_license(read: Read, tenant: str, order_id: UUID, license_id: UUID) -> list[ActiveDevice]:
    """Return the devices on which a key is active, the oldest first."""
    return [_device(row) for row in await read.fetch(OF_LICENSE, tenant, order_id, license_id)]


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
