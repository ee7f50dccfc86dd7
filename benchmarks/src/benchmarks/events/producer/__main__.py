"""Assemble the producer.

Usage: python -m benchmarks.events.producer [serve|migrate]
"""

from chassis.config.settings import ServiceSettings
from chassis.db import Begin, DatabaseBusy
from chassis.service import Service
from chassis.web import Routes

from benchmarks.events.burst import burst
from benchmarks.events.event import UUID, paid

INSERT_ORDER = """
insert into orders (tenant, id)
values ($1, $2)
"""

routes = Routes()


@routes.post("/bursts/{count}/{rate}", status=204)
async def commit_burst(begin: Begin, count: int, rate: int) -> None:
    """Commit a burst of orders."""

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


class Producer(Service[ServiceSettings]):
    """A service whose package is part of the benchmarks, under the name of the one whose event it publishes."""

    @property
    def package(self) -> str:
        """The package with the migrations."""
        return "benchmarks.events.producer"


service = Producer("orders", ServiceSettings, routes=routes)

if __name__ == "__main__":
    service.run()
