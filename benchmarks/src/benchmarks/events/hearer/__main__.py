"""Assembles a hearer, of which there may be several:  HEARER=a python -m benchmarks.events.hearer [serve|migrate]."""

import os

from chassis.config.settings import ServiceSettings
from chassis.consuming.reactions import on
from chassis.db.database import Tx
from chassis.service.doors import Doors, KeyRings
from chassis.web.routes import Routes
from contracts.orders import OrderPaid

from benchmarks.events.service import MeasuredService

NOTE = """
insert into effects (tenant, order_id, gross)
values ($1, $2, $3)
"""


async def note(tx: Tx, event: OrderPaid) -> None:
    """Leave a row."""
    tx.note(NOTE, event.tenant, event.order, event.totals.gross)


def doors(_: ServiceSettings, __: KeyRings) -> Doors:
    """One reaction."""
    return Doors(routes=Routes(), reactions=[on(OrderPaid, note)])


service = MeasuredService("benchmarks.events.hearer", os.environ.get("HEARER", "hearer"), ServiceSettings, doors=doors)

if __name__ == "__main__":
    service.run()
