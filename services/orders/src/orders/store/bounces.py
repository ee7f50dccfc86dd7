"""Orders whose e-mails were refused for good."""

from datetime import datetime

from chassis.db import Tx

from orders.store.orders import Key

# the conditions on dates are those of the index
HOPELESS = """
select tenant, order_id
from units
where bounced_at <= $1
  and bounced_at is not null
  and delivered_at is null
  and given_up_at is null
order by bounced_at
limit 100
"""


async def hopeless(tx: Tx, since: datetime) -> list[Key]:
    """Return orders with units that bounced that long ago and wait to this day, at most 100."""
    return [(row["tenant"], row["order_id"]) for row in await tx.fetch(HOPELESS, since)]
