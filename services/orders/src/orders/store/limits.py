"""How many orders of a customer are unpaid."""

from datetime import datetime
from uuid import UUID

from chassis.db import Tx

# what lapsed, or was cancelled to order anew, was written about all the same
UNPAID_BACK_TO = """
select ordered_at
from orders
where tenant = $1
  and customer_id = $2
  and ordered_at > $3
  and state in ('open', 'cancelled')
order by ordered_at desc, id desc
offset $4
limit 1
"""


async def unpaid_back_to(tx: Tx, tenant: str, customer_id: UUID, since: datetime, count: int) -> datetime | None:
    """Return when the oldest of a customer's newest `count` unpaid orders was placed; None where there are fewer."""
    return await tx.value(UNPAID_BACK_TO, tenant, customer_id, since, count - 1)
