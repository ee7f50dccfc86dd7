"""Assemble a consumer under the name in CONSUMER.

Usage: CONSUMER=a python -m benchmarks.events.consumer [serve|migrate]
"""

import os

from chassis.config.settings import ServiceSettings
from chassis.consuming import on
from chassis.db import Tx
from chassis.identity.keyrings import KeyRings
from chassis.web.routes import Routes
from contracts.orders import OrderPaid

from benchmarks.events.service import MeasuredService

INSERT_EFFECT = """
insert into effects (tenant, order_id, gross)
values ($1, $2, $3)
"""


async def insert_effect(tx: Tx, event: OrderPaid) -> None:
    """Insert a row."""
    tx.note(INSERT_EFFECT, event.tenant, event.order, event.totals.gross)


def doors(_: ServiceSettings, __: KeyRings) -> Doors:
    """Return the one reaction."""
    return Doors(routes=Routes(), reactions=[on(OrderPaid, insert_effect)])


service = MeasuredService(
    "benchmarks.events.consumer", os.environ.get("CONSUMER", "consumer"), ServiceSettings, doors=doors
)

if __name__ == "__main__":
    service.run()
