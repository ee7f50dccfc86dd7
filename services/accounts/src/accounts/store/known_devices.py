"""Browsers and programs with which somebody has signed in, by blind index."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from chassis.db import Read, Tx

from accounts.domain.device import Device

# Whoever signs in at the same time waits here, so that of two new devices the second sees the first.
LOCK = """
select pg_advisory_xact_lock(hashtextextended('device ' || $1 || $2::uuid::text, 0))
"""

USE = """
update known_devices
set used_at = $4
where tenant = $1
  and subject_id = $2
  and device_hmac = $3
"""


async def use(tx: Tx, tenant: str, subject_id: UUID, device_hmac: bytes) -> bool:
    """Record that somebody signs in with this device now, and return whether it is known."""
    await tx.execute(LOCK, tenant, subject_id)
    return await tx.execute(USE, tenant, subject_id, device_hmac, tx.now) == 1


@dataclass(frozen=True, slots=True)
class Others:
    """Whether any device of somebody is known, and when they were last written to about one."""

    any: bool
    written_at: datetime | None


OTHERS = """
select count(*) > 0 as "any", max(written_at) as written_at
from known_devices
where tenant = $1
  and subject_id = $2
"""


async def others(read: Read, tenant: str, subject_id: UUID) -> Others:
    """Return what is known of somebody's devices."""
    row = await read.row(OTHERS, tenant, subject_id)
    return Others(row["any"], row["written_at"]) if row else Others(any=False, written_at=None)


ADD = """
insert into known_devices (tenant, subject_id, device_hmac, browser, system, used_at, written_at, waits_since)
values (
  $1, $2, $3, $4, $5, $6,
  case when $7::text = 'written' then $6::timestamptz end,
  case when $7::text = 'waits' then $6::timestamptz end
)
"""


async def add(
    tx: Tx,
    tenant: str,
    subject_id: UUID,
    device_hmac: bytes,
    device: Device,
    letter: Literal["none", "written", "waits"],
) -> None:
    """Know a device from now on, about which its owner is written to now, or later, or not."""
    await tx.execute(ADD, tenant, subject_id, device_hmac, device.browser, device.system, tx.now, letter)


WAITING = """
select tenant, subject_id
from known_devices
where waits_since <= $1
order by waits_since
limit 1
"""


async def waiting(read: Read, since: datetime) -> tuple[str, UUID] | None:
    """Return somebody, of any tenant, who has to be written to about devices that have been new since then."""
    row = await read.row(WAITING, since)
    return None if row is None else (row["tenant"], row["subject_id"])


WRITTEN = """
with waiting as (
  update known_devices
  set written_at = $3, waits_since = null
  from (
    select device_hmac, waits_since
    from known_devices
    where tenant = $1
      and subject_id = $2
      and waits_since is not null
  ) as before
  where known_devices.tenant = $1
    and known_devices.subject_id = $2
    and known_devices.device_hmac = before.device_hmac
  returning browser, system, before.waits_since
)
select browser, system, waits_since
from waiting
order by waits_since desc, browser, system
"""


async def written(tx: Tx, tenant: str, subject_id: UUID) -> list[tuple[Device, datetime]]:
    """Record that somebody is written to now about all devices that wait; returns them, the newest first, and when."""
    await tx.execute(LOCK, tenant, subject_id)
    rows = await tx.fetch(WRITTEN, tenant, subject_id, tx.now)
    return [(Device(row["browser"], row["system"]), row["waits_since"]) for row in rows]


FORGET = """
delete from known_devices
where tenant = $1
  and subject_id = $2
"""


async def forget(tx: Tx, tenant: str, subject_id: UUID) -> None:
    """Know none of somebody's devices any more."""
    await tx.execute(LOCK, tenant, subject_id)
    await tx.execute(FORGET, tenant, subject_id)


# The last one stays: without it whoever comes after a long time would not be noticed.
REMOVE_OLD = """
delete from known_devices
where (tenant, subject_id, device_hmac) in (
  select tenant, subject_id, device_hmac
  from known_devices old
  where used_at < $1
    and exists (
      select from known_devices later
      where later.tenant = old.tenant
        and later.subject_id = old.subject_id
        and (later.used_at, later.device_hmac) > (old.used_at, old.device_hmac)
    )
  limit 10000
)
"""


async def remove_old(tx: Tx, before: datetime) -> bool:
    """Forget devices not used since a time, of all tenants, and return whether there may be more."""
    return await tx.execute(REMOVE_OLD, before) > 0
