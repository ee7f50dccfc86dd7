"""Passkeys: ids, public halves, counters, and sealed names."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from chassis.db import Tx
from contracts.event import Sealed

COLUMNS = """
select passkey, subject, credential, public_key, sign_count, synced, name, added_at, used_at
from passkeys
"""

OF_SUBJECT = (
    COLUMNS
    + """where tenant = $1
  and subject = $2
order by passkey
"""
)

FIND = (
    COLUMNS
    + """where tenant = $1
  and subject = $2
  and passkey = $3
"""
)

LOCK = (
    COLUMNS
    + """where tenant = $1
  and credential = $2
for update
"""
)

ADD = """
insert into passkeys (tenant, passkey, subject, credential, public_key, sign_count, synced, name, added_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (tenant, credential) do nothing
returning passkey
"""

USE = """
update passkeys
set sign_count = $3,
    used_at = $4
where tenant = $1
  and passkey = $2
"""

RENAME = """
update passkeys
set name = $4
where tenant = $1
  and subject = $2
  and passkey = $3
"""

REMOVE = """
delete from passkeys
where tenant = $1
  and subject = $2
  and passkey = $3
"""

REMOVE_ALL = """
delete from passkeys
where tenant = $1
  and subject = $2
"""


@dataclass(frozen=True, slots=True)
class Credential:
    """What a device has made, and its counter."""

    id: bytes = field(repr=False)
    public_key: bytes = field(repr=False)
    sign_count: int
    synced: bool


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey of somebody."""

    passkey: UUID
    subject: UUID
    credential: Credential
    name: Sealed
    added_at: datetime
    used_at: datetime | None


async def add(tx: Tx, tenant: str, subject: UUID, credential: Credential, name: Sealed) -> UUID | None:
    """Keep a passkey; its id, or None where its credential is known."""
    made = (credential.id, credential.public_key, credential.sign_count, credential.synced)
    return await tx.value(ADD, tenant, tx.new_id(), subject, *made, str(name), tx.now)


async def of_subject(tx: Tx, tenant: str, subject: UUID) -> list[Passkey]:
    """The passkeys of somebody, oldest first."""
    return [_read(**dict(row)) for row in await tx.fetch(OF_SUBJECT, tenant, subject)]


async def find(tx: Tx, tenant: str, subject: UUID, passkey: UUID) -> Passkey | None:
    """One passkey of somebody."""
    row = await tx.row(FIND, tenant, subject, passkey)
    return None if row is None else _read(**dict(row))


async def lock(tx: Tx, tenant: str, credential: bytes) -> Passkey | None:
    """The passkey with this credential, which nobody else uses meanwhile."""
    row = await tx.row(LOCK, tenant, credential)
    return None if row is None else _read(**dict(row))


async def use(tx: Tx, tenant: str, passkey: UUID, sign_count: int) -> None:
    """Remember the counter."""
    await tx.execute(USE, tenant, passkey, sign_count, tx.now)


async def rename(tx: Tx, tenant: str, subject: UUID, passkey: UUID, name: Sealed) -> bool:
    """Call a passkey otherwise; whether there is one."""
    return await tx.execute(RENAME, tenant, subject, passkey, str(name)) == 1


async def remove(tx: Tx, tenant: str, subject: UUID, passkey: UUID) -> bool:
    """Remove a passkey; whether there was one."""
    return await tx.execute(REMOVE, tenant, subject, passkey) == 1


async def remove_all(tx: Tx, tenant: str, subject: UUID) -> bool:
    """Remove all passkeys of somebody; whether there were any."""
    return await tx.execute(REMOVE_ALL, tenant, subject) > 0


def _read(
    *,
    passkey: UUID,
    subject: UUID,
    credential: bytes,
    public_key: bytes,
    sign_count: int,
    synced: bool,
    name: str,
    added_at: datetime,
    used_at: datetime | None,
) -> Passkey:
    made = Credential(credential, public_key, sign_count, synced)
    return Passkey(passkey, subject, made, Sealed.parse(name), added_at, used_at)
