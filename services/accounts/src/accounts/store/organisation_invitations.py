"""Invitations to be a member of an organisation: addresses by their blind index, codes by their hash."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
from chassis.db import Read, Tx
from contracts.event import Sealed

from accounts.domain.organisation import Role


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation that counts; its address is sealed to the organisation. It is `mailed` once a customer has it."""

    id: UUID
    organisation_id: UUID
    email: Sealed
    role: Role
    invited_by: UUID
    invited_at: datetime
    expires_at: datetime
    mailed: bool


ADD = """
insert into organisation_invitations
  (tenant, id, organisation_id, email_hmac, email, role, invited_by, invited_at, expires_at, mailbox_hmac)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""


async def add(
    tx: Tx,
    tenant: str,
    organisation_id: UUID,
    email_hmac: bytes,
    email: Sealed,
    role: Role,
    invited_by: UUID,
    expires_at: datetime,
    mailbox_hmac: bytes,
) -> UUID:
    """Add an invitation that nobody has been written to about yet, and return its id."""
    id_ = tx.new_id()
    facts = (organisation_id, email_hmac, str(email), role, invited_by, tx.now, expires_at, mailbox_hmac)
    await tx.execute(ADD, tenant, id_, *facts)
    return id_


MAILED = """
update organisation_invitations
set code_hash = $3, mailed_at = $4
where tenant = $1
  and id = $2
"""


async def mailed(tx: Tx, tenant: str, invitation_id: UUID, code_hash: bytes) -> None:
    """Record that a code is mailed now."""
    await tx.execute(MAILED, tenant, invitation_id, code_hash, tx.now)


SELECT = """
select id, organisation_id, email, role, invited_by, invited_at, expires_at, mailed_at is not null as mailed
from organisation_invitations
where tenant = $1
  and ended_at is null
  and expires_at > $2
"""

OF_ORGANISATION = f"""
{SELECT}
  and organisation_id = $3
order by invited_at, id
"""


async def of_organisation(read: Read, tenant: str, organisation_id: UUID) -> list[Invitation]:
    """Return the invitations of an organisation that count."""
    return [_invitation(row) for row in await read.fetch(OF_ORGANISATION, tenant, read.now, organisation_id)]


UNMAILED = f"""
{SELECT}
  and email_hmac = $3
  and mailed_at is null
order by invited_at, id
limit $4
"""


async def unmailed(tx: Tx, tenant: str, email_hmac: bytes, limit: int) -> list[Invitation]:
    """Return invitations to an address that nobody had confirmed when they were made."""
    return [_invitation(row) for row in await tx.fetch(UNMAILED, tenant, tx.now, email_hmac, limit)]


BY_CODE = f"""
{SELECT}
  and code_hash = $3
  and email_hmac = $4
"""


async def by_code(read: Read, tenant: str, code_hash: bytes, email_hmac: bytes) -> Invitation | None:
    """Return the invitation with this code to this address, if it counts."""
    row = await read.row(BY_CODE, tenant, read.now, code_hash, email_hmac)
    return None if row is None else _invitation(row)


BY_INVITER = """
select count(*)
from organisation_invitations
where tenant = $1
  and invited_by = $2
  and invited_at > $3
"""


async def by_inviter(read: Read, tenant: str, customer_id: UUID, since: datetime) -> int:
    """Return how many invitations somebody has made since then, withdrawn ones, too."""
    return await read.value(BY_INVITER, tenant, customer_id, since)


OF_CODE = f"""
{SELECT}
  and code_hash = $3
"""


async def of_code(read: Read, tenant: str, code_hash: bytes) -> Invitation | None:
    """Return the invitation with this code, whoever brings it, if it counts."""
    row = await read.row(OF_CODE, tenant, read.now, code_hash)
    return None if row is None else _invitation(row)


LATELY = """
select count(*)
from organisation_invitations
where tenant = $1
  and (mailbox_hmac = $2 or email_hmac = $4)
  and coalesce(mailed_at, invited_at) > $3
"""


async def lately(tx: Tx, tenant: str, mailbox_hmac: bytes, email_hmac: bytes, since: datetime) -> int:
    """Return how often any address of a mailbox was invited since then, withdrawn ones, too."""
    return await tx.value(LATELY, tenant, mailbox_hmac, since, email_hmac)


END = """
update organisation_invitations
set ended_at = $4
where tenant = $1
  and organisation_id = $2
  and id = $3
  and ended_at is null
  and expires_at > $4
"""


async def end(tx: Tx, tenant: str, organisation_id: UUID, invitation_id: UUID) -> bool:
    """Let an invitation count no more; False where it did not."""
    return await tx.execute(END, tenant, organisation_id, invitation_id, tx.now) == 1


END_OF_ADDRESS = """
update organisation_invitations
set ended_at = $4
where tenant = $1
  and organisation_id = $2
  and email_hmac = $3
  and ended_at is null
"""


async def end_of_address(tx: Tx, tenant: str, organisation_id: UUID, email_hmac: bytes) -> None:
    """Let no earlier invitation of an organisation to an address count any more."""
    await tx.execute(END_OF_ADDRESS, tenant, organisation_id, email_hmac, tx.now)


END_BY = """
update organisation_invitations
set ended_at = $4
where tenant = $1
  and organisation_id = $2
  and invited_by = $3
  and ended_at is null
"""


async def end_by(tx: Tx, tenant: str, organisation_id: UUID, customer_id: UUID) -> None:
    """Let no invitation count that somebody has made who is an owner no more."""
    await tx.execute(END_BY, tenant, organisation_id, customer_id, tx.now)


FORGET = """
delete from organisation_invitations
where tenant = $1
  and email_hmac = $2
"""


async def forget(tx: Tx, tenant: str, email_hmac: bytes) -> None:
    """Forget that an address was invited."""
    await tx.execute(FORGET, tenant, email_hmac)


REMOVE_OLD = """
delete from organisation_invitations
where (tenant, id) in (
  select tenant, id
  from organisation_invitations
  where expires_at < $1
  limit 1000
)
"""


async def remove_old(tx: Tx) -> bool:
    """Remove invitations that have expired, of all tenants, and return whether there may be more."""
    return await tx.execute(REMOVE_OLD, tx.now) > 0


def _invitation(row: asyncpg.Record) -> Invitation:
    return Invitation(
        row["id"],
        row["organisation_id"],
        Sealed.parse(row["email"]),
        Role(row["role"]),
        row["invited_by"],
        row["invited_at"],
        row["expires_at"],
        row["mailed"],
    )
