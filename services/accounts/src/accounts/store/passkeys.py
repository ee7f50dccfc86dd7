"""Passkeys: ids, public keys, counters, and sealed names."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import asyncpg
from chassis.db import Read, Tx
from contracts.event import Sealed


@dataclass(frozen=True, slots=True)
class Credential:
    """What a device has made (WebAuthn), and its counter."""

    id: bytes = field(repr=False)
    public_key: bytes = field(repr=False)
    sign_count: int
    synced: bool


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey of somebody."""

    id: UUID
    subject_id: UUID
    credential: Credential
    name: Sealed
    added_at: datetime
    used_at: datetime | None
    domain: str | None


ADD = """
insert into passkeys (tenant, id, subject_id, credential_id, public_key, sign_count, synced, name, added_at, domain)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict (tenant, credential_id) do nothing
returning id
"""


async def add(tx: Tx, tenant: str, subject_id: UUID, credential: Credential, name: Sealed, domain: str) -> UUID | None:
    """Add a passkey of a domain and return its id, or None where its credential is known."""
    made = (credential.id, credential.public_key, credential.sign_count, credential.synced)
    return await tx.value(ADD, tenant, tx.new_id(), subject_id, *made, str(name), tx.now, domain)


SELECT = """
select id, subject_id, credential_id, public_key, sign_count, synced, name, added_at, used_at, domain
from passkeys
"""

OF_SUBJECT = f"""
{SELECT}
where tenant = $1
  and subject_id = $2
order by id
"""


async def of_subject(read: Read, tenant: str, subject_id: UUID) -> list[Passkey]:
    """Return the passkeys of somebody, oldest first."""
    return [_passkey(row) for row in await read.fetch(OF_SUBJECT, tenant, subject_id)]


FIND = f"""
{SELECT}
where tenant = $1
  and subject_id = $2
  and id = $3
"""


async def find(read: Read, tenant: str, subject_id: UUID, passkey_id: UUID) -> Passkey | None:
    """Return one passkey of somebody, if there is one."""
    row = await read.row(FIND, tenant, subject_id, passkey_id)
    return None if row is None else _passkey(row)


LOCK = f"""
{SELECT}
where tenant = $1
  and credential_id = $2
for update
"""


async def lock(tx: Tx, tenant: str, credential_id: bytes) -> Passkey | None:
    """Return the passkey with this credential; nobody else uses it before the transaction ends."""
    row = await tx.row(LOCK, tenant, credential_id)
    return None if row is None else _passkey(row)


USE = """
update passkeys
set sign_count = $3,
    used_at = $4
where tenant = $1
  and id = $2
"""


async def use(tx: Tx, tenant: str, passkey_id: UUID, sign_count: int) -> None:
    """Record that a passkey was used now, and its counter."""
    await tx.execute(USE, tenant, passkey_id, sign_count, tx.now)


RENAME = """
update passkeys
set name = $4
where tenant = $1
  and subject_id = $2
  and id = $3
"""


async def rename(tx: Tx, tenant: str, subject_id: UUID, passkey_id: UUID, name: Sealed) -> bool:
    """Rename a passkey, and return whether there is one."""
    return await tx.execute(RENAME, tenant, subject_id, passkey_id, str(name)) == 1


REMOVE = """
delete from passkeys
where tenant = $1
  and subject_id = $2
  and id = $3
"""


async def remove(tx: Tx, tenant: str, subject_id: UUID, passkey_id: UUID) -> bool:
    """Remove a passkey, and return whether there was one."""
    return await tx.execute(REMOVE, tenant, subject_id, passkey_id) == 1


REMOVE_ALL = """
delete from passkeys
where tenant = $1
  and subject_id = $2
"""


async def remove_all(tx: Tx, tenant: str, subject_id: UUID) -> bool:
    """Remove all passkeys of somebody, and return whether there were any."""
    return await tx.execute(REMOVE_ALL, tenant, subject_id) > 0


def _passkey(row: asyncpg.Record) -> Passkey:
    credential = Credential(row["credential_id"], row["public_key"], row["sign_count"], row["synced"])
    name = Sealed.parse(row["name"])
    return Passkey(row["id"], row["subject_id"], credential, name, row["added_at"], row["used_at"], row["domain"])
