"""Codes that browsers bring to a client: the hashes alone are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.db import Tx

from accounts.domain.authorization import CODE_LIFETIME, CODE_REMEMBERED, Asked, Client
from accounts.domain.device import Device

ADD = """
insert into authorization_codes
  (hash, tenant, client_id, redirect_uri, challenge, subject_id, methods, given_at, expires_at, browser, system)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""


async def add(
    tx: Tx, code_hash: bytes, client: Client, asked: Asked, subject_id: UUID, methods: Sequence[str], device: Device
) -> None:
    """Keep the hash of a code that is given to somebody who has signed in by these methods, on this device."""
    await tx.execute(
        ADD,
        code_hash,
        client.tenant,
        client.id,
        asked.redirect_uri,
        asked.challenge,
        subject_id,
        list(methods),
        tx.now,
        tx.now + CODE_LIFETIME,
        device.browser,
        device.system,
    )


@dataclass(frozen=True, slots=True)
class Code:
    """A code that was given, and what has become of it."""

    tenant: str
    client_id: str
    redirect_uri: str
    challenge: str
    subject_id: UUID
    methods: list[str]
    given_at: datetime
    expires_at: datetime
    used_at: datetime | None
    session_id: UUID | None
    browser: str | None
    system: str | None


LOCK = """
select tenant, client_id, redirect_uri, challenge, subject_id, methods, given_at, expires_at, used_at, session_id,
       browser, system
from authorization_codes
where hash = $1
for update
"""


async def lock(tx: Tx, code_hash: bytes) -> Code | None:
    """Return the code with this hash; nobody else uses it before the transaction ends."""
    row = await tx.row(LOCK, code_hash)
    return None if row is None else Code(**dict(row))


USE = """
update authorization_codes
set used_at = $2,
    session_id = $3
where hash = $1
"""


async def use(tx: Tx, code_hash: bytes, session_id: UUID | None) -> None:
    """Use a code up, for a session or for none."""
    await tx.execute(USE, code_hash, tx.now, session_id)


REMOVE = """
delete from authorization_codes
where tenant = $1
  and subject_id = $2
  and used_at is null
"""


async def remove(tx: Tx, tenant: str, subject_id: UUID) -> None:
    """Remove what somebody was given and nobody has traded yet."""
    await tx.execute(REMOVE, tenant, subject_id)


REMOVE_OLD = """
delete from authorization_codes
where hash in (
  select hash
  from authorization_codes
  where given_at < $1
  limit 1000
)
"""


async def remove_old(tx: Tx) -> bool:
    """Remove codes of which nobody makes a second use any more, and return whether there may be more."""
    return await tx.execute(REMOVE_OLD, tx.now - CODE_REMEMBERED) > 0
