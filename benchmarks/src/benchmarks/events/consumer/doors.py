"""What is open while the consumer serves."""

from collections.abc import Sequence

from chassis.consuming import Message, Reactions, fold
from chassis.db import Tx
from chassis.service import Doors
from chassis.web import Routes
from contracts.orders import OrderPaid

INSERT_EFFECTS = """
insert into effects (tenant, order_id, gross)
select tenant, order_id, gross
from unnest($1::text[], $2::uuid[], $3::bigint[]) as paid (tenant, order_id, gross)
"""


async def insert_effects(tx: Tx, messages: Sequence[Message[OrderPaid]]) -> None:
    """Insert a row for each event."""
    events = [message.event for message in messages]
    orders, gross = [event.order for event in events], [event.totals.gross for event in events]
    await tx.execute(INSERT_EFFECTS, [event.tenant for event in events], orders, gross)


DOORS = Doors(Routes(), Reactions(fold(insert_effects, OrderPaid)))
