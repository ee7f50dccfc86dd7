"""Times in which the relay could take no mail: whose clock ran out meanwhile could not answer."""

from datetime import timedelta

from chassis.db import Tx

LIVE = """
update lives
set seen_at = clock_timestamp()
from (
  select seen_at
  from lives
  for update
) as before
where lives.seen_at < clock_timestamp() - interval '15 seconds'
returning lives.seen_at - before.seen_at as silent
"""


async def live(tx: Tx) -> timedelta:
    """Note that the relay is alive, and return how long that was not noted, in real time."""
    return await tx.value(LIVE) or timedelta(0)


# Each row without the lock of its conversation: nothing else may be locked behind it in this transaction.
GRACE = """
with claims_ as (
  update claims
  set due_at = due_at + $1::interval
  where due_at > $2::timestamptz - $1::interval
)
update questions
set due_at = due_at + $1::interval
where noticed_at is null
  and due_at > $2::timestamptz - $1::interval
"""


async def give_grace(tx: Tx, outage: timedelta) -> None:
    """Give all whose clock ran during an outage that has just ended as much time more."""
    await tx.execute(GRACE, outage, tx.now)
