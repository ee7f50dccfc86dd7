"""What one process of the service does for all of them from time to time."""

from chassis.db import Tx

TAKE = """
insert into chores (name, done_at)
values ($1, clock_timestamp())
on conflict (name) do update
set done_at = excluded.done_at
where chores.done_at < excluded.done_at - make_interval(secs => $2)
returning name
"""


async def take(tx: Tx, name: str, every_seconds: float) -> bool:
    """Take a turn; false where somebody took one less than so many seconds ago."""
    return await tx.value(TAKE, name, every_seconds) is not None
