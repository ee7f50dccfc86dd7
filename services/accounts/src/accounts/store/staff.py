"""Staff, whose names and e-mail addresses are sealed like everybody's."""

from dataclasses import dataclass
from uuid import UUID

from chassis.db import Read, Tx
from contracts.event import Sealed

ADD = """
insert into staff (tenant, id, name, email, added_at)
values ($1, $2, $3, $4, $5)
"""


async def add(tx: Tx, tenant: str, member_id: UUID, name: Sealed, email: Sealed) -> None:
    """Add a new member of staff."""
    await tx.execute(ADD, tenant, member_id, str(name), str(email), tx.now)


RENAME = """
update staff
set name = $3
where tenant = $1
  and id = $2
"""


async def rename(tx: Tx, tenant: str, member_id: UUID, name: Sealed) -> None:
    """Replace a name."""
    await tx.execute(RENAME, tenant, member_id, str(name))


LEAVE = """
update staff
set left_at = $3
where tenant = $1
  and id = $2
"""


async def leave(tx: Tx, tenant: str, member_id: UUID) -> None:
    """Record that somebody works here no more."""
    await tx.execute(LEAVE, tenant, member_id, tx.now)


@dataclass(frozen=True, slots=True)
class Member:
    """A member of staff, name and e-mail address sealed to their own key; in which language, and where they work."""

    name: Sealed
    email: Sealed
    language: str
    page: str


FIND = """
select name, email, language, page
from staff
where tenant = $1
  and id = $2
"""


async def find(read: Read, tenant: str, member_id: UUID) -> Member | None:
    """Return the member of staff, if there is one."""
    row = await read.row(FIND, tenant, member_id)
    if row is None:
        return None
    return Member(Sealed.parse(row["name"]), Sealed.parse(row["email"]), row["language"], row["page"])


INVITED = """
update staff
set language = $3, page = coalesce(nullif($4, ''), page)
where tenant = $1
  and id = $2
"""


async def invited(tx: Tx, tenant: str, member_id: UUID, language: str, page: str) -> None:
    """Record in which language somebody was invited, and to which page, if to one."""
    await tx.execute(INVITED, tenant, member_id, language, page)
