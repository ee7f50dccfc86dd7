"""Subjects' keys: public keys, wrapped private keys, tombstones, and the log of what was disclosed to services."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from chassis.db import Read, Tx
from contracts.event import SubjectKey

ADD = """
with private_key as (
  insert into private_keys (tenant, key_id, wrapped_key)
  values ($1, $2, $7)
)
insert into subject_keys (tenant, id, kind, subject, year, public_key, created_at)
values ($1, $2, $3, $4, $5, $6, $8)
"""


async def add(
    tx: Tx, tenant: str, key: SubjectKey, kind: str, subject: str, year: int | None, wrapped_key: bytes
) -> None:
    """Add a new key."""
    await tx.execute(ADD, tenant, key.key, kind, subject, year, key.public, wrapped_key, tx.now)


OF_SUBJECT = """
select kind, id, public_key, year
from subject_keys
where tenant = $1
  and subject = $2
  and kind = any($3::text[])
order by kind, year
"""


async def of_subject(read: Read, tenant: str, subject: str, kinds: Collection[str]) -> dict[str, SubjectKey]:
    """Return the public keys of a subject, by their kind."""
    rows = await read.fetch(OF_SUBJECT, tenant, subject, list(kinds))
    return {row["kind"]: SubjectKey(key=row["id"], public=row["public_key"]) for row in rows}


async def records(read: Read, tenant: str, seller_id: str) -> dict[int, SubjectKey]:
    """Return the public keys of a seller's records, by calendar year."""
    rows = await read.fetch(OF_SUBJECT, tenant, seller_id, ["records"])
    return {row["year"]: SubjectKey(key=row["id"], public=row["public_key"]) for row in rows}


WRAPPED = """
select key_id, wrapped_key
from private_keys
where tenant = $1
  and key_id = any($2::uuid[])
"""


async def wrapped(read: Read, tenant: str, key_ids: Collection[UUID]) -> dict[UUID, bytes]:
    """Return those of the wrapped private keys that still exist."""
    return {row["key_id"]: row["wrapped_key"] for row in await read.fetch(WRAPPED, tenant, list(key_ids))}


DESTROY = """
with removed as (
  delete from private_keys
  using subject_keys
  where subject_keys.tenant = $1
    and subject_keys.subject = $2
    and subject_keys.kind = $3
    and private_keys.tenant = subject_keys.tenant
    and private_keys.key_id = subject_keys.id
)
update subject_keys
set destroyed_at = $4
where tenant = $1
  and subject = $2
  and kind = $3
  and destroyed_at is null
returning id
"""


async def destroy(tx: Tx, tenant: str, subject: str, kind: str) -> UUID | None:
    """Delete a private key and keep the tombstone; returns the key's id, or None where that was done before."""
    return await tx.value(DESTROY, tenant, subject, kind, tx.now)


@dataclass(frozen=True, slots=True)
class RequestedKey:
    """A key that a service asks for: its wrapped private key, or its tombstone."""

    tenant: str
    id: UUID
    erased: bool
    wrapped_key: bytes | None = field(repr=False)


REQUESTED = """
select subject_keys.tenant, subject_keys.id, subject_keys.destroyed_at is not null as erased, private_keys.wrapped_key
from subject_keys
left join private_keys on private_keys.tenant = subject_keys.tenant and private_keys.key_id = subject_keys.id
where subject_keys.id = any($1::uuid[])
  and subject_keys.kind = $2
"""


async def requested(read: Read, key_ids: Sequence[UUID], kind: str) -> list[RequestedKey]:
    """Return those of the keys that are of this kind, of all tenants."""
    return [RequestedKey(**dict(row)) for row in await read.fetch(REQUESTED, list(key_ids), kind)]


@dataclass(frozen=True, slots=True)
class Disclosure:
    """So many private keys of a tenant, or one in particular, that were given to a service."""

    tenant: str
    key_id: UUID | None
    key_count: int = 1


LOG = """
insert into key_disclosures (tenant, id, service, purpose, kind, key_id, key_count, disclosed_at)
select tenant, id, $1, $2, $3, key_id, key_count, $4
from unnest($5::uuid[], $6::text[], $7::uuid[], $8::integer[]) as disclosed (id, tenant, key_id, key_count)
"""


async def log_disclosures(tx: Tx, service: str, purpose: str, kind: str, disclosures: Sequence[Disclosure]) -> None:
    """Record that private keys were given to a service now."""
    columns = zip(*((tx.new_id(), one.tenant, one.key_id, one.key_count) for one in disclosures), strict=True)
    if disclosures:
        await tx.execute(LOG, service, purpose, kind, tx.now, *map(list, columns))
