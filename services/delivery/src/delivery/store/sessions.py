"""Downloads with all their resumes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Tx

from delivery.domain.account import Account, Stretch
from delivery.domain.files import File
from delivery.domain.grants import Grant

ADD = """
insert into sessions
  (tenant, session, grant_id, file, secret_hash, link_number, file_name, file_version, sha256, size, created_at,
   expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
"""

ADOPT = """
update sessions
set secret_hash = $4, link_number = $5, expires_at = $6
where tenant = $1
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

SELECT = """
select sessions.tenant, sessions.session, sessions.grant_id, sessions.file, sessions.file_version,
       sessions.sha256, sessions.size, sessions.expires_at, sessions.started_at, sessions.completed_at,
       sessions.arrived, sessions.doubtful, sessions.repeated, grants.order_id, grants.line, grants.sku, grants.units,
       grants.valid_until, grants.revoked_at, grants.reason
from sessions
join grants on grants.tenant = sessions.tenant and grants.grant_id = sessions.grant_id
"""

BY_SECRET = (
    SELECT
    + """
where sessions.secret_hash = $1
"""
)

THIS = (
    SELECT
    + """
where sessions.tenant = $1
  and sessions.session = $2
"""
)

LOCK = THIS + "for update of sessions"

LOCK_WITH_GRANT = THIS + "for update of grants, sessions"

START = """
with opened as (
  insert into transfers (tenant, session, transfer, process, first_byte, end_byte, arrived_to, sha256)
  values ($1, $2, $10, $11, $12, $13, $12, $6)
)
update sessions
set started_at = coalesce(started_at, $3),
    file_name = $4,
    file_version = $5,
    sha256 = $6,
    size = $7,
    arrived = $8,
    doubtful = $9,
    bytes_arrived = $14,
    requests = requests + 1
where tenant = $1
  and session = $2
"""

END = """
with closed as (
  delete from transfers
  where tenant = $1
    and session = $2
    and transfer = $3
)
update sessions
set arrived = $4,
    doubtful = $5,
    bytes_arrived = $6,
    completed_at = $7,
    last_byte_at = $8,
    aborts = aborts + $9,
    repeated = repeated + $10
where tenant = $1
  and session = $2
"""


@dataclass(frozen=True, slots=True)
class Session:
    """A download as stored, and what it follows from."""

    tenant: str
    session: UUID
    grant: Grant
    order: UUID
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


async def add(
    tx: Tx, tenant: str, session: UUID, grant: UUID, file: File, secret_hash: bytes, link: int, expires_at: datetime
) -> None:
    """Keep a new download, which reserves one of the count."""
    facts = (file.name, file.version, file.sha256, file.size, tx.now, expires_at)
    await tx.execute(ADD, tenant, session, grant, file.file, secret_hash, link, *facts)


async def adopt(
    tx: Tx, tenant: str, grant: UUID, file: UUID, secret_hash: bytes, link: int, expires_at: datetime
) -> UUID | None:
    """Let a new link go on with an unfinished download of an earlier one (DEL-6)."""
    return await tx.value(ADOPT, tenant, grant, file, secret_hash, link, expires_at, tx.now)


async def by_secret(tx: Tx, secret_hash: bytes) -> Session | None:
    """The download of an address; the address is all its bearer has, so that this look-up tells the tenant."""
    return _session(await tx.row(BY_SECRET, secret_hash))


async def lock(tx: Tx, tenant: str, session: UUID) -> Session | None:
    """A download that nobody else accounts meanwhile."""
    return _session(await tx.row(LOCK, tenant, session))


async def lock_with_grant(tx: Tx, tenant: str, session: UUID) -> Session | None:
    """A download whose grant nobody revokes or counts meanwhile."""
    return _session(await tx.row(LOCK_WITH_GRANT, tenant, session))


async def start(
    tx: Tx, session: Session, file: File, account: Account, transfer: UUID, process: UUID, stretch: Stretch
) -> None:
    """A connection is about to send this stretch of this file."""
    facts = (file.name, file.version, file.sha256, file.size, _flat(account.arrived), _flat(account.doubtful))
    opened = (transfer, process, *stretch)
    await tx.execute(START, session.tenant, session.session, tx.now, *facts, *opened, account.bytes_arrived)


async def end(
    tx: Tx,
    session: Session,
    transfer: UUID,
    account: Account,
    completed_at: datetime | None,
    *,
    aborted: bool,
    repeated: int,
) -> None:
    """A connection has ended with the account like this."""
    facts = (
        _flat(account.arrived),
        _flat(account.doubtful),
        account.bytes_arrived,
        completed_at,
        tx.now,
        int(aborted),
        repeated,
    )
    await tx.execute(END, session.tenant, session.session, transfer, *facts)


def _flat(stretches: Sequence[Stretch]) -> list[int]:
    return [bound for stretch in stretches for bound in stretch]


def _pairs(bounds: Sequence[int]) -> tuple[Stretch, ...]:
    return tuple(zip(bounds[::2], bounds[1::2], strict=True))


def _session(row: Any) -> Session | None:
    if row is None:
        return None
    return Session(
        tenant=row["tenant"],
        session=row["session"],
        grant=Grant(row["grant_id"], frozenset(row["units"]), row["valid_until"], row["revoked_at"], row["reason"]),
        order=row["order_id"],
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
