"""Who may sign in, found by the blind index of the e-mail address."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg
from chassis.db import Read, Tx


@dataclass(frozen=True, slots=True)
class Login:
    """How somebody signs in; `subject_id` is the id of a customer or a member of staff.

    Those who were invited have no `password_hash` until they have chosen a password. Whoever has registered is
    `confirmed` once they have shown that they read letters to the e-mail address.
    """

    subject_id: UUID
    email_hmac: bytes
    password_hash: str | None = field(repr=False)
    roles: tuple[str, ...]
    confirmed: bool


ADD = """
insert into logins (tenant, subject_id, email_hmac, password_hash, roles, confirmed_at)
select $1, $2, $3, $4, $5, $6
where not exists (
  select from logins
  where tenant = $1
    and email_hmac = $3
    and confirmed_at is not null
)
on conflict (tenant, email_hmac) where confirmed_at is not null do nothing
returning subject_id
"""


async def add(
    tx: Tx,
    tenant: str,
    subject_id: UUID,
    email_hmac: bytes,
    password_hash: str | None,
    roles: Sequence[str],
    *,
    confirmed: bool = True,
) -> bool:
    """Let somebody sign in; returns False where the e-mail address is somebody's who has confirmed it."""
    since = tx.now if confirmed else None
    return await tx.value(ADD, tenant, subject_id, email_hmac, password_hash, list(roles), since) is not None


CONFIRM = """
update logins
set confirmed_at = $3
where tenant = $1
  and subject_id = $2
"""


async def confirm(tx: Tx, tenant: str, subject_id: UUID) -> bool:
    """Let the e-mail address be somebody's alone; returns False where it is taken, and nothing can follow then."""
    try:
        return await tx.execute(CONFIRM, tenant, subject_id, tx.now) == 1
    except asyncpg.UniqueViolationError:
        return False


SELECT = """
select subject_id, email_hmac, password_hash, roles, confirmed_at is not null as confirmed
from logins
"""

BY_EMAIL = f"""
{SELECT}
where tenant = $1
  and email_hmac = $2
order by confirmed_at is null, subject_id desc
limit 1
"""

CANDIDATES = f"""
{SELECT}
where tenant = $1
  and email_hmac = $2
order by confirmed_at is null,
         not exists (
           select from registrations
           where registrations.tenant = logins.tenant
             and registrations.customer_id = logins.subject_id
             and registrations.network_hmac = $3
         ),
         subject_id desc
limit $4
"""


async def candidates(read: Read, tenant: str, email_hmac: bytes, network_hmac: bytes, most: int) -> list[Login]:
    """Return whose password may be meant: the login that has confirmed this address, alone, or all who have not.

    First come those who have registered from this network, then the newest.
    """
    found = [_known(row) for row in await read.fetch(CANDIDATES, tenant, email_hmac, network_hmac, most)]
    return found[:1] if found and found[0].confirmed else found


async def by_email(read: Read, tenant: str, email_hmac: bytes) -> Login | None:
    """Return the login with this e-mail address: the one that has confirmed it, else the newest, if there is one."""
    return _login(await read.row(BY_EMAIL, tenant, email_hmac))


async def confirmed_by_email(read: Read, tenant: str, email_hmac: bytes) -> Login | None:
    """Return the login that has confirmed this e-mail address, if there is one."""
    found = await by_email(read, tenant, email_hmac)
    return found if found is not None and found.confirmed else None


BY_SUBJECT = f"""
{SELECT}
where tenant = $1
  and subject_id = $2
"""


async def by_subject(read: Read, tenant: str, subject_id: UUID) -> Login | None:
    """Return somebody's login, if there is one."""
    return _login(await read.row(BY_SUBJECT, tenant, subject_id))


REHASH = """
update logins
set password_hash = $4
where tenant = $1
  and subject_id = $2
  and password_hash is not distinct from $3
"""


async def set_password(tx: Tx, tenant: str, subject_id: UUID, old_hash: str | None, new_hash: str) -> bool:
    """Replace a password's hash; returns False where somebody else has replaced it meanwhile."""
    return await tx.execute(REHASH, tenant, subject_id, old_hash, new_hash) == 1


SET_EMAIL = """
update logins
set email_hmac = $3
where tenant = $1
  and subject_id = $2
"""


async def set_email(tx: Tx, tenant: str, subject_id: UUID, email_hmac: bytes) -> bool:
    """Let somebody sign in with another e-mail address; returns False where it is taken, and nothing can follow then.

    Only the index knows of whoever takes it at the same time.
    """
    try:
        return await tx.execute(SET_EMAIL, tenant, subject_id, email_hmac) == 1
    except asyncpg.UniqueViolationError:
        return False


SET_ROLES = """
update logins
set roles = $3
where tenant = $1
  and subject_id = $2
"""


async def set_roles(tx: Tx, tenant: str, subject_id: UUID, roles: Sequence[str]) -> None:
    """Replace somebody's roles."""
    await tx.execute(SET_ROLES, tenant, subject_id, list(roles))


REMOVE = """
delete from logins
where tenant = $1
  and subject_id = $2
returning email_hmac
"""


async def remove(tx: Tx, tenant: str, subject_id: UUID) -> bytes | None:
    """Let somebody sign in no more, and return the blind index of the e-mail address they had."""
    return await tx.value(REMOVE, tenant, subject_id)


def _login(row: asyncpg.Record | None) -> Login | None:
    return None if row is None else _known(row)


def _known(row: asyncpg.Record) -> Login:
    return Login(row["subject_id"], row["email_hmac"], row["password_hash"], tuple(row["roles"]), row["confirmed"])
