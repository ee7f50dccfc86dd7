"""Organisations and their members; names are sealed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
from chassis.db import Read, Tx
from contracts.event import Sealed

from accounts.domain.organisation import Role


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation, as one of its members sees it."""

    id: UUID
    name: Sealed
    vat_id: Sealed | None
    role: Role


@dataclass(frozen=True, slots=True)
class Member:
    """A member; both boxes are sealed to their profile."""

    customer_id: UUID
    role: Role
    joined_at: datetime
    name: Sealed
    email: Sealed


ADD = """
insert into organisations (tenant, id, name, vat_id, opened_at)
values ($1, $2, $3, $4, $5)
"""


async def add(tx: Tx, tenant: str, organisation_id: UUID, name: Sealed, vat_id: Sealed | None) -> None:
    """Add an organisation that nobody is a member of yet."""
    await tx.execute(ADD, tenant, organisation_id, str(name), None if vat_id is None else str(vat_id), tx.now)


LOCK = """
select id
from organisations
where tenant = $1
  and id = $2
for update
"""

ROLES = """
select customer_id, role
from organisation_members
where tenant = $1
  and organisation_id = $2
"""


async def lock(tx: Tx, tenant: str, organisation_id: UUID) -> dict[UUID, Role]:
    """Return the roles of all members; nobody else changes them before the transaction ends."""
    await tx.value(LOCK, tenant, organisation_id)
    # read after the lock, so that of two who remove each other the later sees what the first has done
    return await roles(tx, tenant, organisation_id)


async def roles(read: Read, tenant: str, organisation_id: UUID) -> dict[UUID, Role]:
    """Return the roles of all members, for reading."""
    return {row["customer_id"]: Role(row["role"]) for row in await read.fetch(ROLES, tenant, organisation_id)}


OF_CUSTOMER = """
select organisations.id, organisations.name, organisations.vat_id, joined.role
from organisation_members as joined
join organisations on organisations.tenant = joined.tenant and organisations.id = joined.organisation_id
where joined.tenant = $1
  and joined.customer_id = $2
  and ($3::uuid is null or joined.organisation_id = $3)
order by organisations.id
"""


async def of_customer(
    read: Read, tenant: str, customer_id: UUID, organisation_id: UUID | None = None
) -> list[Organisation]:
    """Return the organisations of which a customer is, or that one of them alone."""
    rows = await read.fetch(OF_CUSTOMER, tenant, customer_id, organisation_id)
    return [_organisation(row) for row in rows]


ACTED_FOR = """
select organisations.id, organisations.name, organisations.vat_id, joined.role
from sessions
join organisation_members as joined
  on joined.tenant = sessions.tenant
  and joined.organisation_id = sessions.organisation_id
  and joined.customer_id = sessions.subject_id
join organisations on organisations.tenant = joined.tenant and organisations.id = joined.organisation_id
where sessions.tenant = $1
  and sessions.id = $2
"""


async def acted_for(read: Read, tenant: str, session_id: UUID) -> Organisation | None:
    """Return the organisation for which a session acts, if its owner is still a member."""
    row = await read.row(ACTED_FOR, tenant, session_id)
    return None if row is None else _organisation(row)


ACT_FOR = """
update sessions
set organisation_id = $4
where tenant = $1
  and subject_id = $2
  and id = $3
  and ended_at is null
"""


async def act_for(tx: Tx, tenant: str, customer_id: UUID, session_id: UUID, organisation_id: UUID | None) -> bool:
    """Let a session of somebody act for an organisation, or for themself; False where it has ended."""
    return await tx.execute(ACT_FOR, tenant, customer_id, session_id, organisation_id) == 1


MEMBERS = """
select customer_id, role, joined_at, customers.name_profile, customers.email_profile
from organisation_members as joined
join customers on customers.tenant = joined.tenant and customers.id = joined.customer_id
where joined.tenant = $1
  and joined.organisation_id = $2
  and customers.name_profile is not null
order by joined_at, customer_id
"""


async def members(read: Read, tenant: str, organisation_id: UUID) -> list[Member]:
    """Return all members, those first who have been one for longest."""
    return [
        Member(
            row["customer_id"],
            Role(row["role"]),
            row["joined_at"],
            Sealed.parse(row["name_profile"]),
            Sealed.parse(row["email_profile"]),
        )
        for row in await read.fetch(MEMBERS, tenant, organisation_id)
    ]


JOIN = """
insert into organisation_members (tenant, organisation_id, customer_id, role, joined_at)
values ($1, $2, $3, $4, $5)
"""


async def join(tx: Tx, tenant: str, organisation_id: UUID, customer_id: UUID, role: Role) -> None:
    """Let a customer be a member."""
    await tx.execute(JOIN, tenant, organisation_id, customer_id, role, tx.now)


CHANGE = """
update organisation_members
set role = $4
where tenant = $1
  and organisation_id = $2
  and customer_id = $3
"""


async def change(tx: Tx, tenant: str, organisation_id: UUID, customer_id: UUID, role: Role) -> None:
    """Give a member another role."""
    await tx.execute(CHANGE, tenant, organisation_id, customer_id, role)


LEAVE = """
delete from organisation_members
where tenant = $1
  and organisation_id = $2
  and customer_id = $3
"""


async def leave(tx: Tx, tenant: str, organisation_id: UUID, customer_id: UUID) -> None:
    """Let somebody be a member no more."""
    await tx.execute(LEAVE, tenant, organisation_id, customer_id)


RENAME = """
update organisations
set name = $3, vat_id = $4
where tenant = $1
  and id = $2
"""


async def rename(tx: Tx, tenant: str, organisation_id: UUID, name: Sealed, vat_id: Sealed | None) -> None:
    """Give an organisation another name and VAT id."""
    await tx.execute(RENAME, tenant, organisation_id, str(name), None if vat_id is None else str(vat_id))


REMOVE = """
delete from organisations
where tenant = $1
  and id = $2
"""


async def remove(tx: Tx, tenant: str, organisation_id: UUID) -> None:
    """Remove an organisation with its members and invitations."""
    await tx.execute(REMOVE, tenant, organisation_id)


def _organisation(row: asyncpg.Record) -> Organisation:
    vat_id = row["vat_id"]
    return Organisation(
        row["id"], Sealed.parse(row["name"]), Sealed.parse(vat_id) if vat_id else None, Role(row["role"])
    )
