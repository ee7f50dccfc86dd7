"""Invitations to choose a password, of which the hashes alone are kept."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from chassis.db import Tx

ADD = """
with expired as (
  delete from invitations
  where tenant = $1
    and subject_id = $2
    and expires_at <= $5
)
insert into invitations (tenant, subject_id, hash, expires_at)
values ($1, $2, $3, $4)
"""


async def add(tx: Tx, tenant: str, subject_id: UUID, invitation_hash: bytes, expires_at: datetime) -> None:
    """Invite somebody until then; earlier invitations count as well, until one is used."""
    await tx.execute(ADD, tenant, subject_id, invitation_hash, expires_at, tx.now)


class Open(NamedTuple):
    """How many invitations of somebody count, and until when the latest does."""

    number: int
    until: datetime | None


OPEN = """
select count(*) as number, max(expires_at) as until
from invitations
where tenant = $1
  and subject_id = $2
  and expires_at > $3
"""


async def open_of(tx: Tx, tenant: str, subject_id: UUID) -> Open:
    """Count somebody's invitations."""
    row = await tx.row(OPEN, tenant, subject_id, tx.now)
    return Open(*row.values()) if row else Open(0, None)


REMOVE = """
delete from invitations
where tenant = $1
  and subject_id = $2
"""


async def remove(tx: Tx, tenant: str, subject_id: UUID) -> None:
    """Let an invitation of somebody count no more."""
    await tx.execute(REMOVE, tenant, subject_id)


USE = """
with used as (
  select subject_id
  from invitations
  where tenant = $1
    and hash = $2
    and expires_at > $3
)
delete from invitations
using used
where invitations.tenant = $1
  and invitations.subject_id = used.subject_id
returning invitations.subject_id
"""


async def use(tx: Tx, tenant: str, invitation_hash: bytes) -> UUID | None:
    """Use an invitation up, and all others of the same person; return who was invited, None where it does not count."""
    return await tx.value(USE, tenant, invitation_hash, tx.now)
