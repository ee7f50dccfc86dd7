"""Downloads with all their resumes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from chassis.db import Once, Read, Tx
from contracts.event import Event

from delivery.domain.account import Account, Stretch
from delivery.domain.grants import Grant
from delivery.domain.sessions import Address, Connection, Proof, Session
from delivery.store import orders

ADD = """
with counted as (
  update grants
  set version = version + 1
  where tenant = $1
    and id = $2
    and version = $3
  returning tenant, id, link_number
), written as (
  insert into sessions
    (tenant, id, grant_id, file_id, secret_hash, link_number, file_name, file_version, sha256, size, created_at,
     expires_at)
  select counted.tenant, $4, counted.id, files.id, $6, counted.link_number, files.name, files.version, files.sha256,
         files.size, $7, $8
  from counted
  join files on files.tenant = counted.tenant and files.id = $5
  returning id
)
"""


async def add(
    by: Once | Tx, tenant: str, grant: Grant, session_id: UUID, file_id: UUID, secret_hash: bytes, expires_at: datetime
) -> bool:
    """Add a download, which reserves one of the count; false where the grant has changed since it was read.

    It may be lost if the database crashes within a moment: nothing is fetched by it before its start is durable.
    """
    facts = (session_id, file_id, secret_hash, by.now, expires_at)
    return await _write(by, ADD, tenant, grant.id, grant.version, *facts, durable=False)


TAKE_OVER = """
with counted as (
  update grants
  set version = version + 1
  where tenant = $1
    and id = $2
    and version = $3
  returning tenant, link_number
), written as (
  update sessions
  set secret_hash = $5, link_number = counted.link_number, expires_at = $6, version = sessions.version + 1
  from counted
  where sessions.tenant = counted.tenant
    and sessions.id = $4
    and sessions.completed_at is null
    and (sessions.started_at is null or sessions.link_number < counted.link_number)
  returning sessions.id
)
"""


async def take_over(
    by: Once | Tx, tenant: str, grant: Grant, session_id: UUID, secret_hash: bytes, expires_at: datetime
) -> bool:
    """Give an unfinished download a new address (DEL-6); false where it or the grant has changed since it was read."""
    ids = (tenant, grant.id, grant.version, session_id)
    return await _write(by, TAKE_OVER, *ids, secret_hash, expires_at, durable=False)


COLUMNS = f"""
       {orders.COLUMNS}, sessions.id as session_id, sessions.version as session_version, sessions.grant_id,
       sessions.file_id, sessions.file_version, sessions.sha256, sessions.size, sessions.expires_at,
       sessions.started_at, sessions.completed_at, sessions.arrived, sessions.doubtful, sessions.served,
       sessions.proof,
       grants.version as grant_version, grants.line_id, grants.sku, grants.valid_until, grants.revoked_at,
       {orders.SUSPENDED} as suspended
"""

JOINED = """
from sessions
join grants on grants.tenant = sessions.tenant and grants.id = sessions.grant_id
join orders on orders.tenant = grants.tenant and orders.id = grants.order_id
"""

FIND = f"""
select {COLUMNS}
{JOINED}
where sessions.tenant = $1
  and sessions.id = $2
"""


async def find(read: Read, tenant: str, session_id: UUID) -> Session | None:
    """Return a download as it is now."""
    row = await read.row(FIND, tenant, session_id)
    return None if row is None else session_in(row)


LOCK = FIND + "for update of sessions"


async def lock(tx: Tx, tenant: str, session_id: UUID) -> Session | None:
    """Return a download that nobody else accounts before the transaction ends."""
    row = await tx.row(LOCK, tenant, session_id)
    return None if row is None else session_in(row)


LOCK_GRANT = """
select
from grants
where tenant = $1
  and id = $2
for update
"""


async def lock_with_grant(tx: Tx, session: Session) -> None:
    """Let nobody else revoke or count the grant, or account the download, before the transaction ends."""
    await tx.execute(LOCK_GRANT, session.order.tenant, session.grant_id)
    await tx.row(LOCK, session.order.tenant, session.id)


FOLLOW = """
with ended as (
  update sessions
  set secret_hash = null, expires_at = least(expires_at, $3), version = version + 1
  where tenant = $1
    and id = $2
  returning tenant, grant_id, file_id, link_number, file_name, file_version, sha256, size
)
insert into sessions
  (tenant, id, grant_id, file_id, secret_hash, link_number, file_name, file_version, sha256, size, created_at,
   expires_at)
select tenant, $4, grant_id, file_id, $5, link_number, file_name, file_version, sha256, size, $3, $6
from ended
"""


async def follow(tx: Tx, address: Address, following: Session) -> None:
    """Let a locked address stand for another download of its file from now on."""
    before = address.session
    ids = (before.order.tenant, before.id, tx.now, following.id)
    await tx.execute(FOLLOW, *ids, address.secret_hash, following.expires_at)


START = """
with counted as (
  update grants
  set version = version + 1
  where tenant = $2
    and id = $3
    and version = $4
  returning id
), started as (
  update sessions
  set started_at = session.started_at,
      file_version = session.file_version,
      sha256 = session.sha256,
      size = session.size,
      arrived = session.arrived,
      doubtful = session.doubtful,
      bytes_arrived = session.bytes_arrived,
      served = session.served,
      proof = session.proof,
      requests = sessions.requests + 1,
      version = sessions.version + 1
  from jsonb_to_record($1::jsonb) as session
    (tenant text, id uuid, version bigint, file_version text, sha256 text, size bigint, started_at timestamptz,
     arrived bigint[], doubtful bigint[], bytes_arrived bigint, served bigint, proof text)
  where sessions.tenant = session.tenant
    and sessions.id = session.id
    and sessions.version = session.version
    and exists(select from counted)
  returning sessions.tenant, sessions.id
), written as (
  insert into transfers (tenant, session_id, id, process_id, first_byte, end_byte, arrived_to)
  select tenant, id, $5, $6, $7, $8, $7
  from started
  returning id
)
"""


async def start(by: Once | Tx, session: Session, connection: Connection, publish: tuple[Event, ...]) -> bool:
    """Save a download with one more connection; false where it or its grant has changed since it was read."""
    grant = (session.order.tenant, session.grant_id, session.grant_version)
    opened = (connection.id, connection.process_id, connection.first, connection.end)
    return await _write(by, START, _row(session), *grant, *opened, publish=publish)


END = """
with written as (
  update sessions
  set arrived = session.arrived,
      doubtful = session.doubtful,
      bytes_arrived = session.bytes_arrived,
      completed_at = session.completed_at,
      last_byte_at = $3,
      aborts = sessions.aborts + $4,
      served = session.served,
      version = sessions.version + 1
  from jsonb_to_record($1::jsonb) as session
    (tenant text, id uuid, version bigint, completed_at timestamptz, arrived bigint[], doubtful bigint[],
     bytes_arrived bigint, served bigint)
  where sessions.tenant = session.tenant
    and sessions.id = session.id
    and sessions.version = session.version
  returning sessions.tenant, sessions.id
), closed as (
  delete from transfers
  using written
  where transfers.tenant = written.tenant
    and transfers.session_id = written.id
    and transfers.id = $2
)
"""


async def end(
    by: Once | Tx, session: Session, connection_id: UUID | None, publish: tuple[Event, ...], *, aborted: bool
) -> bool:
    """Save a download with one connection less; false where it has changed since it was read."""
    return await _write(by, END, _row(session), connection_id, by.now, int(aborted), publish=publish)


def session_in(row: Any) -> Session:
    """Return the download in a row that has `COLUMNS` among others."""
    return Session(
        order=orders.order_in(row),
        id=row["session_id"],
        version=row["session_version"],
        grant_id=row["grant_id"],
        grant_version=row["grant_version"],
        line_id=row["line_id"],
        sku=row["sku"],
        file_id=row["file_id"],
        file_version=row["file_version"],
        sha256=row["sha256"],
        valid_until=row["valid_until"],
        revoked_at=row["revoked_at"],
        suspended=row["suspended"],
        expires_at=row["expires_at"],
        started_at=row["started_at"],
        completed_at=row["completed_at"],
        account=Account(row["size"], _pairs(row["arrived"]), _pairs(row["doubtful"])),
        served=row["served"],
        proof=None if row["proof"] is None else Proof(row["proof"]),
    )


WRITTEN = """
select exists(select from written)
"""


async def _write(by: Once | Tx, sql: str, *args: Any, publish: tuple[Event, ...] = (), durable: bool = True) -> bool:
    """Run a statement as `Once.write` does; a transaction in which it did not write must be rolled back."""
    if isinstance(by, Once):
        return await by.write(sql, *args, publish=publish, durable=durable)
    by.publish(*publish)
    return await by.value(sql + WRITTEN, *args)


def _row(session: Session) -> str:
    account = session.account
    facts = {
        "tenant": session.order.tenant,
        "id": session.id,
        "version": session.version,
        "file_version": session.file_version,
        "sha256": session.sha256,
        "size": account.size,
        "started_at": session.started_at,
        "completed_at": session.completed_at,
        "arrived": _flat(account.arrived),
        "doubtful": _flat(account.doubtful),
        "bytes_arrived": account.bytes_arrived,
        "served": session.served,
        "proof": session.proof and session.proof.value,
    }
    # `default` is for UUIDs from rows, which are of a class of asyncpg's
    return orjson.dumps(facts, default=str).decode()


def _flat(stretches: Sequence[Stretch]) -> list[int]:
    return [bound for stretch in stretches for bound in stretch]


def _pairs(bounds: Sequence[int]) -> tuple[Stretch, ...]:
    return tuple(zip(bounds[::2], bounds[1::2], strict=True))
