"""What is open while the producer serves."""

from chassis.db import Begin, DatabaseBusy
from chassis.service import Doors
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


DOORS = Doors(routes)
