"""Who may sign in, found by the blind mark of the e-mail address."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from chassis.db import Tx

COLUMNS = """
select subject, email_mark, password_hash, roles
from logins
"""

ADD = """
insert into logins (tenant, subject, email_mark, password_hash, roles)
values ($1, $2, $3, $4, $5)
on conflict (tenant, email_mark) do nothing
returning subject
"""

BY_EMAIL = (
    COLUMNS
    + """where tenant = $1
  and email_mark = $2
"""
)

BY_SUBJECT = (
    COLUMNS
    + """where tenant = $1
  and subject = $2
"""
)

REHASH = """
update logins
set password_hash = $4
where tenant = $1
  and subject = $2
  and password_hash = $3
"""

SET_ROLES = """
update logins
set roles = $3
where tenant = $1
  and subject = $2
"""

REMOVE = """
delete from logins
where tenant = $1
  and subject = $2
returning email_mark
"""


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody who may sign in."""

    subject: UUID
    email_mark: bytes
    password_hash: str = field(repr=False)
    roles: tuple[str, ...]


async def add(tx: Tx, tenant: str, subject: UUID, email_mark: bytes, password_hash: str, roles: Sequence[str]) -> bool:
    """Let somebody sign in; False where the e-mail address is taken."""
    return await tx.value(ADD, tenant, subject, email_mark, password_hash, list(roles)) is not None


async def by_email(tx: Tx, tenant: str, email_mark: bytes) -> Login | None:
    """Whoever signs in with this e-mail address."""
    return await _read(tx, BY_EMAIL, tenant, email_mark)


async def by_subject(tx: Tx, tenant: str, subject: UUID) -> Login | None:
    """How somebody signs in."""
    return await _read(tx, BY_SUBJECT, tenant, subject)


async def set_password(tx: Tx, tenant: str, subject: UUID, old_hash: str, new_hash: str) -> bool:
    """Replace a password's hash; False where somebody else has replaced it meanwhile."""
    return await tx.execute(REHASH, tenant, subject, old_hash, new_hash) == 1


async def set_roles(tx: Tx, tenant: str, subject: UUID, roles: Sequence[str]) -> None:
    """Replace what somebody may do."""
    await tx.execute(SET_ROLES, tenant, subject, list(roles))


async def remove(tx: Tx, tenant: str, subject: UUID) -> bytes | None:
    """Let somebody sign in no more; the mark of the e-mail address they had."""
    return await tx.value(REMOVE, tenant, subject)


async def _read(tx: Tx, query: str, tenant: str, value: bytes | UUID) -> Login | None:
    row = await tx.row(query, tenant, value)
    if row is None:
        return None
    return Login(row["subject"], row["email_mark"], row["password_hash"], tuple(row["roles"]))
