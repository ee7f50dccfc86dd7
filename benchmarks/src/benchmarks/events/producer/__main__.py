"""Assemble the producer.

Usage: python -m benchmarks.events.producer [serve|migrate]
"""

from chassis.config.settings import ServiceSettings
from chassis.db import Begin, DatabaseBusy
from chassis.identity.keyrings import KeyRings
from chassis.web.routes import Routes

from benchmarks.events.burst import burst
from benchmarks.events.event import UUID, paid
from benchmarks.events.service import MeasuredService

INSERT_ORDER = """
insert into orders (tenant, id)
values ($1, $2)
"""


def doors(_: ServiceSettings, __: KeyRings) -> Doors:
    """Return one route, which commits a burst of orders."""
    routes = Routes()

    @routes.post("/bursts/{count}/{rate}", status=204)
    async def commit_burst(begin: Begin, count: int, rate: int) -> None:
        async def commit(order: UUID) -> None:
            event = paid(order)
            while True:
                try:
                    async with begin() as tx:
                        await tx.execute(INSERT_ORDER, event.tenant, order)
                        tx.publish(event)
                except DatabaseBusy:
                    continue  # after two seconds without a connection; the reference waits without an end
                return

        await burst(commit, count, rate)

    return Doors(routes=routes)


service = MeasuredService("benchmarks.events.producer", "producer", ServiceSettings, doors=doors)

if __name__ == "__main__":
    service.run()
