"""Staff, whose names and e-mail addresses are sealed like everybody's."""

from dataclasses import dataclass
from uuid import UUID

from chassis.db import Tx
from contracts.event import Sealed

ADD = """
insert into staff (tenant, staff, name_staff, email_staff, since)
values ($1, $2, $3, $4, $5)
"""

RENAME = """
update staff
set name_staff = $3
where tenant = $1
  and staff = $2
"""

FIND = """
select name_staff, email_staff
from staff
where tenant = $1
  and staff = $2
"""


@dataclass(frozen=True, slots=True)
class Member:
    """Name and e-mail address of a member of staff, sealed to their own key."""

    name: Sealed
    email: Sealed


async def add(tx: Tx, tenant: str, staff: UUID, name: Sealed, email: Sealed) -> None:
    """Keep a new member of staff."""
    await tx.execute(ADD, tenant, staff, str(name), str(email), tx.now)


async def rename(tx: Tx, tenant: str, staff: UUID, name: Sealed) -> None:
    """Replace a name."""
    await tx.execute(RENAME, tenant, staff, str(name))


async def find(tx: Tx, tenant: str, staff: UUID) -> Member | None:
    """The member of staff, if there is one."""
    row = await tx.row(FIND, tenant, staff)
    return None if row is None else Member(Sealed.parse(row["name_staff"]), Sealed.parse(row["email_staff"]))
