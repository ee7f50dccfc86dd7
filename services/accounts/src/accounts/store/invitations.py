"""Invitations to choose a password, of which the hashes alone are kept."""

from datetime import datetime
from uuid import UUID

from chassis.db import Tx

PUT = """
insert into invitations (tenant, subject_id, hash, expires_at)
values ($1, $2, $3, $4)
on conflict (tenant, subject_id) do update
set hash = excluded.hash,
    expires_at = excluded.expires_at
"""


async def put(tx: Tx, tenant: str, subject_id: UUID, invitation_hash: bytes, expires_at: datetime) -> None:
    """Invite somebody until then; an earlier invitation counts no more."""
    await tx.execute(PUT, tenant, subject_id, invitation_hash, expires_at)


EXPIRY = """
select expires_at
from invitations
where tenant = $1
  and subject_id = $2
"""


async def expiry(tx: Tx, tenant: str, subject_id: UUID) -> datetime | None:
    """Return until when somebody's invitation counts."""
    return await tx.value(EXPIRY, tenant, subject_id)


REMOVE = """
delete from invitations
where tenant = $1
  and subject_id = $2
"""


async def remove(tx: Tx, tenant: str, subject_id: UUID) -> None:
    """Let an invitation of somebody count no more."""
    await tx.execute(REMOVE, tenant, subject_id)


USE = """
delete from invitations
where tenant = $1
  and hash = $2
  and expires_at > $3
returning subject_id
"""


async def use(tx: Tx, tenant: str, invitation_hash: bytes) -> UUID | None:
    """Use an invitation up, and return who was invited; None where it does not count."""
    return await tx.value(USE, tenant, invitation_hash, tx.now)
