"""Assemble a consumer under the name in CONSUMER.

Usage: CONSUMER=a python -m benchmarks.events.consumer [serve|migrate]
"""

import os
from collections.abc import Sequence

from chassis.config.settings import ServiceSettings
from chassis.consuming import Message, Reactions, fold
from chassis.db import Tx
from chassis.service import Service
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


class Consumer(Service[ServiceSettings]):
    """A service whose package is not called as it is, so that one program can run as several services."""

    @property
    def package(self) -> str:
        """The package with the migrations."""
        return "benchmarks.events.consumer"


reactions = Reactions(fold(insert_effects, OrderPaid))
service = Consumer(os.environ.get("CONSUMER", "consumer"), ServiceSettings, routes=Routes(), reactions=reactions)

if __name__ == "__main__":
    service.run()
