"""What has become of somebody's second factor and passkeys."""

from datetime import datetime
from uuid import UUID

from chassis.db import Read, Tx

ADD = """
insert into factor_history (tenant, id, subject_id, event, occurred_at)
values ($1, $2, $3, $4, $5)
"""


async def add(tx: Tx, tenant: str, subject_id: UUID, event: str) -> None:
    """Record what has happened now."""
    await tx.execute(ADD, tenant, tx.new_id(), subject_id, event, tx.now)


LIST = """
select occurred_at, event
from factor_history
where tenant = $1
  and subject_id = $2
order by occurred_at, id
"""


async def of_subject(read: Read, tenant: str, subject_id: UUID) -> list[tuple[datetime, str]]:
    """Return what has happened, oldest first."""
    return [(row["occurred_at"], row["event"]) for row in await read.fetch(LIST, tenant, subject_id)]
