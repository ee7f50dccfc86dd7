"""Challenges that passkeys have to sign: hashes alone, each used once."""

from datetime import datetime
from uuid import UUID

from chassis.db import Tx

ADD = """
insert into passkey_challenges (tenant, hash, subject_id, expires_at)
values ($1, $2, $3, $4)
"""


async def add(tx: Tx, tenant: str, challenge_hash: bytes, subject_id: UUID | None, expires_at: datetime) -> None:
    """Keep a challenge's hash; without a subject it is for signing in."""
    await tx.execute(ADD, tenant, challenge_hash, subject_id, expires_at)


USE = """
delete from passkey_challenges
where tenant = $1
  and hash = $2
  and subject_id is not distinct from $3::uuid
returning expires_at
"""


async def use(tx: Tx, tenant: str, challenge_hash: bytes, subject_id: UUID | None) -> bool:
    """Use a challenge up, and return whether there was one for this subject that had not expired."""
    expires_at = await tx.value(USE, tenant, challenge_hash, subject_id)
    return expires_at is not None and tx.now < expires_at


REMOVE = """
delete from passkey_challenges
where tenant = $1
  and subject_id = $2
"""


async def remove(tx: Tx, tenant: str, subject_id: UUID) -> None:
    """Remove the challenges of passkeys that somebody has begun to register."""
    await tx.execute(REMOVE, tenant, subject_id)


REMOVE_OLD = """
delete from passkey_challenges
where (tenant, hash) in (
  select tenant, hash
  from passkey_challenges
  where expires_at < $1
  limit 1000
)
"""


async def remove_old(tx: Tx, before: datetime) -> bool:
    """Remove challenges that expired before a time, of all tenants, and return whether there may be more."""
    return await tx.execute(REMOVE_OLD, before) > 0
