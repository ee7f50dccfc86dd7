"""Assembles the writer:  python -m benchmarks.events.writer [serve|migrate]."""

from chassis.config.settings import ServiceSettings
from chassis.db.database import Begin, DatabaseBusy
from chassis.service.doors import Doors, KeyRings
from chassis.web.routes import Routes

from benchmarks.events.burst import burst
from benchmarks.events.fact import UUID, paid
from benchmarks.events.service import MeasuredService

PLACE = """
insert into orders (tenant, id)
values ($1, $2)
"""


def doors(_: ServiceSettings, __: KeyRings) -> Doors:
    """One route that commits a burst of orders."""
    routes = Routes()

    @routes.post("/bursts/{count}/{rate}", status=204)
    async def commit_burst(begin: Begin, count: int, rate: int) -> None:
        async def commit(order: UUID) -> None:
            event = paid(order)
            while True:
                try:
                    async with begin() as tx:
                        await tx.execute(PLACE, event.tenant, order)
                        tx.publish(event)
                except DatabaseBusy:
                    continue  # it has waited two seconds in the queue for a connection; by hand it would wait for ever
                return

        await burst(commit, count, rate)

    return Doors(routes=routes)


service = MeasuredService("benchmarks.events.writer", "writer", ServiceSettings, doors=doors)

if __name__ == "__main__":
    service.run()
