"""Downloads with all their resumes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Tx

from delivery.domain.account import Account, Stretch
from delivery.domain.files import File
from delivery.domain.grants import Grant
from delivery.store import orders
from delivery.store.grants import Link

ADD = """
with counted as (
  update grants
  set version = version + 1
  where tenant = $1
    and grant_id = $3
    and version = $13
  returning grant_id
), written as (
  insert into sessions
    (tenant, session, grant_id, file, secret_hash, link_number, file_name, file_version, sha256, size, created_at,
     expires_at)
  select $1, $2, grant_id, $4, $5, $6, $7, $8, $9, $10, $11, $12
  from counted
  returning session
)
"""

ADOPT = """
update sessions
set secret_hash = $4, link_number = $5, expires_at = $6, version = version + 1
where tenant = $1
  and link_number < $5
  and session = (
    select session
    from sessions
    where tenant = $1
      and grant_id = $2
      and file = $3
      and link_number < $5
      and completed_at is null
      and expires_at > $7
    order by started_at desc nulls last
    limit 1
  )
returning session
"""

COLUMNS = """
       sessions.tenant, sessions.session, sessions.grant_id, sessions.file, sessions.file_version,
       sessions.sha256, sessions.size, sessions.expires_at, sessions.started_at, sessions.completed_at,
       sessions.arrived, sessions.doubtful, sessions.repeated, sessions.version, grants.line, grants.sku, grants.units,
       grants.valid_until, grants.revoked_at, grants.reason, grants.version as grant_version, orders.order_id,
       orders.channel, orders.market, orders.seller, orders.order_number, orders.ordered_at, orders.customer,
       orders.language, orders.contact_key, orders.contact_public
"""

JOINED = """
from sessions
join grants on grants.tenant = sessions.tenant and grants.grant_id = sessions.grant_id
join orders on orders.tenant = grants.tenant and orders.order_id = grants.order_id
"""

SELECT = f"""
select {COLUMNS}
{JOINED}
where sessions.tenant = $1
  and sessions.session = $2
"""

LOCK = SELECT + "for update of sessions"

LOCK_GRANT = """
select
from grants
where tenant = $1
  and grant_id = $2
for update
"""

START = """
with counted as (
  update grants
  set version = version + 1
  where tenant = $1
    and grant_id = $15
    and version = $16
  returning grant_id
), begun as (
  update sessions
  set started_at = coalesce(started_at, $3),
      file_name = $4,
      file_version = $5,
      sha256 = $6,
      size = $7,
      arrived = $8,
      doubtful = $9,
      bytes_arrived = $14,
      requests = requests + 1,
      version = version + 1
  where tenant = $1
    and session = $2
    and version = $17
    and exists (select from counted)
  returning sha256
), written as (
  insert into transfers (tenant, session, transfer, process, first_byte, end_byte, arrived_to, sha256)
  select $1, $2, $10, $11, $12, $13, $12, sha256
  from begun
  returning transfer
)
"""

END = """
with written as (
  update sessions
  set arrived = $4,
      doubtful = $5,
      bytes_arrived = $6,
      completed_at = $7,
      last_byte_at = $8,
      aborts = aborts + $9,
      repeated = repeated + $10,
      version = version + 1
  where tenant = $1
    and session = $2
    and version = $11
  returning session
), closed as (
  delete from transfers
  using written
  where transfers.tenant = $1
    and transfers.session = written.session
    and transfers.transfer = $3
)
"""


@dataclass(frozen=True, slots=True)
class Session:
    """A download as stored, and what it follows from; `version` and `grant_version` tell whether it still is so."""

    tenant: str
    session: UUID
    version: int
    grant: Grant
    grant_version: int
    header: orders.Header | None
    line: UUID
    sku: str
    file: UUID
    file_version: str
    sha256: str
    expires_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    account: Account
    repeated: int


async def add(tx: Tx, link: Link, session: UUID, file: File, secret_hash: bytes, expires_at: datetime) -> bool:
    """Finish with a new download, which reserves one of the count; false where the grant has changed since.

    If it were lost nothing was fetched by it: the first byte waits for the disk.
    """
    facts = (file.name, file.version, file.sha256, file.size, tx.now, expires_at)
    ids = (link.tenant, session, link.grant.grant, file.file)
    return await tx.finish(ADD, *ids, secret_hash, link.link_number, *facts, link.version, lightly=True)


async def adopt(
    tx: Tx, tenant: str, grant: UUID, file: UUID, secret_hash: bytes, link: int, expires_at: datetime
) -> UUID | None:
    """Let a new link go on with an unfinished download of an earlier one (DEL-6)."""
    return await tx.value(ADOPT, tenant, grant, file, secret_hash, link, expires_at, tx.now)


async def find(tx: Tx, tenant: str, session: UUID) -> Session | None:
    """A download as it is now."""
    row = await tx.row(SELECT, tenant, session)
    return None if row is None else session_in(row)


async def lock(tx: Tx, tenant: str, session: UUID) -> Session | None:
    """A download that nobody else accounts meanwhile."""
    row = await tx.row(LOCK, tenant, session)
    return None if row is None else session_in(row)


async def lock_with_grant(tx: Tx, session: Session) -> None:
    """Let nobody else revoke or count the grant meanwhile, or account the download."""
    await tx.execute(LOCK_GRANT, session.tenant, session.grant.grant)
    await tx.row(LOCK, session.tenant, session.session)


async def start(
    tx: Tx, session: Session, file: File, account: Account, transfer: UUID, process: UUID, stretch: Stretch
) -> bool:
    """Finish: a connection is about to send this stretch of this file; false where anything has changed since."""
    facts = (file.name, file.version, file.sha256, file.size, _flat(account.arrived), _flat(account.doubtful))
    opened = (transfer, process, *stretch)
    still = (session.grant.grant, session.grant_version, session.version)
    ids = (session.tenant, session.session)
    return await tx.finish(START, *ids, tx.now, *facts, *opened, account.bytes_arrived, *still)


async def end(
    tx: Tx,
    session: Session,
    transfer: UUID,
    account: Account,
    completed_at: datetime | None,
    *,
    aborted: bool,
    repeated: int,
) -> bool:
    """Finish: a connection has ended with the account like this; false where the download has changed since."""
    facts = (
        _flat(account.arrived),
        _flat(account.doubtful),
        account.bytes_arrived,
        completed_at,
        tx.now,
        int(aborted),
        repeated,
    )
    return await tx.finish(END, session.tenant, session.session, transfer, *facts, session.version)


def _flat(stretches: Sequence[Stretch]) -> list[int]:
    return [bound for stretch in stretches for bound in stretch]


def _pairs(bounds: Sequence[int]) -> tuple[Stretch, ...]:
    return tuple(zip(bounds[::2], bounds[1::2], strict=True))


def session_in(row: Any) -> Session:
    """The download in a row that has `COLUMNS` among others."""
    return Session(
        tenant=row["tenant"],
        session=row["session"],
        version=row["version"],
        grant=Grant(row["grant_id"], frozenset(row["units"]), row["valid_until"], row["revoked_at"], row["reason"]),
        grant_version=row["grant_version"],
        header=orders.header_in(row["tenant"], row),
        line=row["line"],
        sku=row["sku"],
        file=row["file"],
        file_version=row["file_version"],
        sha256=row["sha256"],
        expires_at=row["expires_at"],
        started_at=row["started_at"],
        completed_at=row["completed_at"],
        account=Account(row["size"], _pairs(row["arrived"]), _pairs(row["doubtful"])),
        repeated=row["repeated"],
    )
