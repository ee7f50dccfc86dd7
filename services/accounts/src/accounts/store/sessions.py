"""Sessions: families of refresh tokens, of which the hashes alone are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.db import Tx

BEGIN = """
insert into sessions (tenant, session, subject, began_at, expires_at, methods)
values ($1, $2, $3, $4, $5, $6)
"""

CARRY_ON = """
insert into refresh_tokens (tenant, hash, session)
values ($1, $2, $3)
"""

LOCK = """
select sessions.session, sessions.subject, sessions.ended_at, sessions.expires_at, sessions.methods,
       refresh_tokens.used_at
from refresh_tokens
join sessions using (tenant, session)
where refresh_tokens.tenant = $1
  and refresh_tokens.hash = $2
for update
"""

USE = """
update refresh_tokens
set used_at = $3
where tenant = $1
  and hash = $2
"""

PROLONG = """
update sessions
set expires_at = $3
where tenant = $1
  and session = $2
"""

END = """
update sessions
set ended_at = $3,
    reason = $4
where tenant = $1
  and session = $2
  and ended_at is null
"""

END_ALL = """
update sessions
set ended_at = $3,
    reason = $4
where tenant = $1
  and subject = $2
  and ended_at is null
"""

REMOVE = """
delete from sessions
where tenant = $1
  and subject = $2
"""

FORGET_OLD = """
delete from sessions
where (tenant, session) in (
  select tenant, session
  from sessions
  where expires_at < $1
  limit 1000
)
"""


@dataclass(frozen=True, slots=True)
class Presented:
    """A refresh token that somebody presents, and its session."""

    session: UUID
    subject: UUID
    ended_at: datetime | None
    expires_at: datetime
    methods: list[str]
    used_at: datetime | None


async def begin(tx: Tx, tenant: str, subject: UUID, expires_at: datetime, methods: Sequence[str]) -> UUID:
    """Open a session of somebody who signed in by these methods."""
    session = tx.new_id()
    await tx.execute(BEGIN, tenant, session, subject, tx.now, expires_at, list(methods))
    return session


async def add_token(tx: Tx, tenant: str, session: UUID, token_hash: bytes) -> None:
    """Keep the hash of a session's next token."""
    await tx.execute(CARRY_ON, tenant, token_hash, session)


async def lock(tx: Tx, tenant: str, token_hash: bytes) -> Presented | None:
    """The token and its session, which nobody else uses meanwhile."""
    row = await tx.row(LOCK, tenant, token_hash)
    return None if row is None else Presented(**dict(row))


async def use(tx: Tx, tenant: str, session: UUID, token_hash: bytes, expires_at: datetime) -> None:
    """Use a token up and prolong its session."""
    await tx.execute(USE, tenant, token_hash, tx.now)
    await tx.execute(PROLONG, tenant, session, expires_at)


async def end(tx: Tx, tenant: str, session: UUID, reason: str) -> None:
    """Close a session."""
    await tx.execute(END, tenant, session, tx.now, reason)


async def end_all(tx: Tx, tenant: str, subject: UUID, reason: str) -> None:
    """Close all sessions of somebody."""
    await tx.execute(END_ALL, tenant, subject, tx.now, reason)


async def remove(tx: Tx, tenant: str, subject: UUID) -> None:
    """Forget all sessions of somebody."""
    await tx.execute(REMOVE, tenant, subject)


async def forget_old(tx: Tx, before: datetime) -> bool:
    """Forget sessions that expired before a time, of all tenants; whether there may be more."""
    return await tx.execute(FORGET_OLD, before) > 0
