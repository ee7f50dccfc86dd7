"""What has become of somebody's ways to sign in."""

from datetime import datetime
from uuid import UUID

from chassis.db import Tx

ADD = """
insert into factor_history (tenant, entry, subject, what, at)
values ($1, $2, $3, $4, $5)
"""

READ = """
select at, what
from factor_history
where tenant = $1
  and subject = $2
order by at, entry
"""


async def add(tx: Tx, tenant: str, subject: UUID, what: str) -> None:
    """Record what has happened."""
    await tx.execute(ADD, tenant, tx.new_id(), subject, what, tx.now)


async def read(tx: Tx, tenant: str, subject: UUID) -> list[tuple[datetime, str]]:
    """What has happened, oldest first."""
    return [(row["at"], row["what"]) for row in await tx.fetch(READ, tenant, subject)]
