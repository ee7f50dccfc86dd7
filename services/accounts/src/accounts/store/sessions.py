"""Sessions: families of refresh tokens, of which the hashes alone are kept."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from chassis.db import Read, Tx

from accounts.domain.device import Device


@dataclass(frozen=True, slots=True)
class Scope:
    """For whom a session is: a client, none where somebody signed in by JSON, and the services that they named.

    And on which `device`, which is another only after signing in anew.
    """

    client_id: str | None = None
    audience: Sequence[str] | None = None
    device: Device = field(default_factory=Device)


ADD = """
insert into sessions
  (tenant, id, subject_id, began_at, used_at, expires_at, methods, client_id, audience, authenticated_at, browser,
   system)
values ($1, $2, $3, $4, $4, $5, $6, $7, $8, $9, $10, $11)
"""


async def add(
    tx: Tx,
    tenant: str,
    subject_id: UUID,
    expires_at: datetime,
    methods: Sequence[str],
    scope: Scope,
    authenticated_at: datetime,
) -> UUID:
    """Add a session of somebody who signed in by these methods then, and return its id."""
    session_id = tx.new_id()
    audience = None if scope.audience is None else list(scope.audience)
    how = (list(methods), scope.client_id, audience, authenticated_at, scope.device.browser, scope.device.system)
    await tx.execute(ADD, tenant, session_id, subject_id, tx.now, expires_at, *how)
    return session_id


AUTHENTICATED = """
update sessions
set authenticated_at = $4, methods = (select array_agg(distinct method) from unnest(methods || $5::text[]) as method)
where tenant = $1
  and subject_id = $2
  and id = $3
  and ended_at is null
"""


async def authenticated(tx: Tx, tenant: str, subject_id: UUID, session_id: UUID, methods: Sequence[str]) -> bool:
    """Record that a session's owner has proved who they are, by these methods too; False where it has ended."""
    return await tx.execute(AUTHENTICATED, tenant, subject_id, session_id, tx.now, list(methods)) == 1


IS_OPEN = """
select true
from sessions
where tenant = $1
  and subject_id = $2
  and id = $3
  and ended_at is null
  and expires_at > $4
"""


async def is_open(read: Read, tenant: str, subject_id: UUID, session_id: UUID) -> bool:
    """Return whether a session of somebody goes on."""
    return bool(await read.value(IS_OPEN, tenant, subject_id, session_id, read.now))


ADD_NEXT = """
insert into refresh_tokens (tenant, hash, session_id)
values ($1, $2, $3)
"""


async def add_token(tx: Tx, tenant: str, session_id: UUID, token_hash: bytes) -> None:
    """Keep the hash of a session's next token."""
    await tx.execute(ADD_NEXT, tenant, token_hash, session_id)


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A refresh token and its session."""

    session_id: UUID
    subject_id: UUID
    began_at: datetime
    authenticated_at: datetime
    ended_at: datetime | None
    expires_at: datetime
    methods: list[str]
    client_id: str | None
    audience: list[str] | None
    used_at: datetime | None

    @property
    def scope(self) -> Scope:
        """For whom the session is."""
        return Scope(self.client_id, self.audience)


LOCK = """
select sessions.id as session_id, sessions.subject_id, sessions.began_at, sessions.authenticated_at,
       sessions.ended_at, sessions.expires_at, sessions.methods, sessions.client_id, sessions.audience,
       refresh_tokens.used_at
from refresh_tokens
join sessions on sessions.tenant = refresh_tokens.tenant and sessions.id = refresh_tokens.session_id
where refresh_tokens.tenant = $1
  and refresh_tokens.hash = $2
for update
"""


async def lock(tx: Tx, tenant: str, token_hash: bytes) -> RefreshToken | None:
    """Return the token with this hash, if there is one; nobody else uses its session before the transaction ends."""
    row = await tx.row(LOCK, tenant, token_hash)
    return None if row is None else RefreshToken(**dict(row))


SCOPE = """
select client_id, audience, browser, system
from sessions
where tenant = $1
  and id = $2
"""


async def scope_of(read: Read, tenant: str, session_id: UUID) -> Scope:
    """Return for whom a session is, so that another that takes its place is for nobody else."""
    row = await read.row(SCOPE, tenant, session_id)
    if row is None:
        return Scope()
    return Scope(row["client_id"], row["audience"], Device(row["browser"], row["system"]))


OF_CLIENT = """
select 1
from refresh_tokens
join sessions on sessions.tenant = refresh_tokens.tenant and sessions.id = refresh_tokens.session_id
where refresh_tokens.tenant = $1
  and refresh_tokens.hash = $2
  and sessions.client_id = $3
"""


async def is_of_client(tx: Tx, tenant: str, token_hash: bytes, client_id: str) -> bool:
    """Return whether the session of a token was begun for this client."""
    return await tx.value(OF_CLIENT, tenant, token_hash, client_id) is not None


USE = """
with used as (
  update refresh_tokens
  set used_at = $4
  where tenant = $1
    and hash = $3
)
update sessions
set expires_at = $5,
    used_at = $4
where tenant = $1
  and id = $2
"""


async def use(tx: Tx, tenant: str, session_id: UUID, token_hash: bytes, expires_at: datetime) -> None:
    """Use a token up and prolong its session."""
    await tx.execute(USE, tenant, session_id, token_hash, tx.now, expires_at)


@dataclass(frozen=True, slots=True)
class Session:
    """A session that has not ended, and how its owner signed in."""

    id: UUID
    methods: list[str]
    began_at: datetime
    used_at: datetime
    expires_at: datetime
    browser: str | None
    system: str | None


OPEN = """
select id, methods, began_at, used_at, expires_at, browser, system
from sessions
where tenant = $1
  and subject_id = $2
  and ended_at is null
  and expires_at > $3
  and ($4::timestamptz is null or (began_at, id) < ($4, $5))
order by began_at desc, id desc
limit $6
"""


async def open_of(
    read: Read, tenant: str, subject_id: UUID, after: tuple[datetime, UUID] | None, limit: int
) -> list[Session]:
    """Return somebody's sessions after this position that have not ended, newest first."""
    rows = await read.fetch(OPEN, tenant, subject_id, read.now, *(after or (None, None)), limit)
    return [Session(**dict(row)) for row in rows]


END_ONE = """
update sessions
set ended_at = $4,
    end_reason = $5
where tenant = $1
  and subject_id = $2
  and id = $3
  and ended_at is null
"""


async def end_one(tx: Tx, tenant: str, subject_id: UUID, session_id: UUID, reason: str) -> bool:
    """End one session of somebody, and return whether there was one to end."""
    return await tx.execute(END_ONE, tenant, subject_id, session_id, tx.now, reason) == 1


END = """
update sessions
set ended_at = $3,
    end_reason = $4
where tenant = $1
  and id = $2
  and ended_at is null
"""


async def end(tx: Tx, tenant: str, session_id: UUID, reason: str) -> None:
    """End a session."""
    await tx.execute(END, tenant, session_id, tx.now, reason)


END_ALL = """
update sessions
set ended_at = $3,
    end_reason = $4
where tenant = $1
  and subject_id = $2
  and ended_at is null
"""


async def end_all(tx: Tx, tenant: str, subject_id: UUID, reason: str) -> int:
    """End all sessions of somebody, and return how many have ended."""
    return await tx.execute(END_ALL, tenant, subject_id, tx.now, reason)


REMOVE = """
delete from sessions
where tenant = $1
  and subject_id = $2
"""


async def remove(tx: Tx, tenant: str, subject_id: UUID) -> None:
    """Remove all sessions of somebody."""
    await tx.execute(REMOVE, tenant, subject_id)


REMOVE_OLD = """
delete from sessions
where (tenant, id) in (
  select tenant, id
  from sessions
  where expires_at < $1
  limit 1000
)
"""


async def remove_old(tx: Tx) -> bool:
    """Remove expired sessions, of all tenants, and return whether there may be more."""
    return await tx.execute(REMOVE_OLD, tx.now) > 0
