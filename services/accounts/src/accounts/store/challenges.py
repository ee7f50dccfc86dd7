"""Challenges that passkeys have to sign: hashes alone, each taken once."""

from datetime import datetime
from uuid import UUID

from chassis.db import Tx

ADD = """
insert into passkey_challenges (tenant, hash, subject, expires_at)
values ($1, $2, $3, $4)
"""

TAKE = """
delete from passkey_challenges
where tenant = $1
  and hash = $2
  and subject is not distinct from $3::uuid
returning expires_at
"""

FORGET = """
delete from passkey_challenges
where tenant = $1
  and subject = $2
"""

FORGET_OLD = """
delete from passkey_challenges
where (tenant, hash) in (
  select tenant, hash
  from passkey_challenges
  where expires_at < $1
  limit 1000
)
"""


async def add(tx: Tx, tenant: str, challenge: bytes, subject: UUID | None, expires_at: datetime) -> None:
    """Keep a challenge's hash; without a subject it is for signing in."""
    await tx.execute(ADD, tenant, challenge, subject, expires_at)


async def take(tx: Tx, tenant: str, challenge: bytes, subject: UUID | None) -> bool:
    """Use a challenge up; whether there was one for this subject, and its time is not over."""
    expires_at = await tx.value(TAKE, tenant, challenge, subject)
    return expires_at is not None and tx.now < expires_at


async def forget(tx: Tx, tenant: str, subject: UUID) -> None:
    """Forget what somebody has begun to register."""
    await tx.execute(FORGET, tenant, subject)


async def forget_old(tx: Tx, before: datetime) -> bool:
    """Forget challenges that expired before a time, of all tenants; whether there may be more."""
    return await tx.execute(FORGET_OLD, before) > 0
