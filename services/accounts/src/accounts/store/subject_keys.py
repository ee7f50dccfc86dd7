"""Subjects' keys: public halves, wrapped private halves, tombstones, and the log of what was handed out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from chassis.db import Tx
from contracts.event import SubjectKey

ADD = """
with half as (
  insert into private_halves (tenant, key, wrapped)
  values ($1, $2, $7)
)
insert into subject_keys (tenant, key, kind, subject, year, public, made_at)
values ($1, $2, $3, $4, $5, $6, $8)
"""

OF_SUBJECT = """
select kind, key, public, year
from subject_keys
where tenant = $1
  and subject = $2
  and kind = any($3::text[])
order by kind, year
"""

WRAPPED = """
select key, wrapped
from private_halves
where tenant = $1
  and key = any($2::uuid[])
"""

DESTROY = """
with half as (
  delete from private_halves
  using subject_keys
  where subject_keys.tenant = $1
    and subject_keys.subject = $2
    and subject_keys.kind = $3
    and private_halves.tenant = subject_keys.tenant
    and private_halves.key = subject_keys.key
)
update subject_keys
set destroyed_at = $4
where tenant = $1
  and subject = $2
  and kind = $3
  and destroyed_at is null
returning key
"""

ASKED = """
select subject_keys.tenant, subject_keys.key, subject_keys.destroyed_at is not null as erased, private_halves.wrapped
from subject_keys
left join private_halves using (tenant, key)
where subject_keys.key = any($1::uuid[])
  and subject_keys.kind = $2
"""

LOG = """
insert into handouts (tenant, handout, service, purpose, kind, key, keys, at)
values ($1, $2, $3, $4, $5, $6, $7, $8)
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A key that was asked for: its wrapped private half, or its tombstone."""

    tenant: str
    key: UUID
    erased: bool
    wrapped: bytes | None = field(repr=False)


async def add(tx: Tx, tenant: str, key: SubjectKey, kind: str, subject: str, year: int | None, wrapped: bytes) -> None:
    """Keep a new key."""
    await tx.execute(ADD, tenant, key.key, kind, subject, year, key.public, wrapped, tx.now)


async def of_subject(tx: Tx, tenant: str, subject: str, kinds: Collection[str]) -> dict[str, SubjectKey]:
    """The public halves of a subject's keys, by their kind."""
    rows = await tx.fetch(OF_SUBJECT, tenant, subject, list(kinds))
    return {row["kind"]: SubjectKey(key=row["key"], public=row["public"]) for row in rows}


async def records(tx: Tx, tenant: str, seller: str) -> dict[int, SubjectKey]:
    """The public halves of a seller's records keys, by calendar year."""
    rows = await tx.fetch(OF_SUBJECT, tenant, seller, ["records"])
    return {row["year"]: SubjectKey(key=row["key"], public=row["public"]) for row in rows}


async def wrapped(tx: Tx, tenant: str, keys: Collection[UUID]) -> dict[UUID, bytes]:
    """The wrapped private halves that still exist."""
    return {row["key"]: row["wrapped"] for row in await tx.fetch(WRAPPED, tenant, list(keys))}


async def destroy(tx: Tx, tenant: str, subject: str, kind: str) -> UUID | None:
    """Delete a private half and keep the tombstone; the key, or None where that was done before."""
    return await tx.value(DESTROY, tenant, subject, kind, tx.now)


async def asked(tx: Tx, keys: Sequence[UUID], kind: str) -> list[Asked]:
    """Those of the keys that are of this kind, of all tenants."""
    return [Asked(**dict(row)) for row in await tx.fetch(ASKED, list(keys), kind)]


async def log_handout(tx: Tx, tenant: str, service: str, purpose: str, kind: str, key: UUID | None, count: int) -> None:
    """Record that private halves were handed out."""
    await tx.execute(LOG, tenant, tx.new_id(), service, purpose, kind, key, count, tx.now)
