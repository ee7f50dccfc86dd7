"""Several sizes measured in turn. They are each other's reference; another one is another release."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from benchmarks.bench import Bench
from benchmarks.growth.keys import NAMES, keys_grow
from benchmarks.growth.orders import HISTORIES, LINES, LISTED, VIEWED, orders_grow
from benchmarks.growth.pipelines import PIPELINES, pipelines_grow
from benchmarks.growth.sizes import metrics
from benchmarks.home import Home
from benchmarks.rounds import Sample, Sides

READ = [f"{what} {history}" for what in (LISTED, VIEWED) for history in HISTORIES.values()]
ASKED = (*LINES, *NAMES.values(), *READ)
# The pipelines have PostgreSQL started anew for its commit times, so they come first.
PARTS = (pipelines_grow, orders_grow, keys_grow)


@asynccontextmanager
async def compare(home: Home, quick: bool) -> AsyncGenerator[Sides]:
    """Prepare every size; each is idle while another is measured."""
    async with AsyncExitStack() as stack:
        measures = [await stack.enter_async_context(part(home, quick)) for part in PARTS]

        async def ours() -> Sample:
            found: Sample = {}
            for measure in measures:
                found |= await measure()
            return found

        yield Sides(ours)


GROWTH = Bench(
    "growth",
    "How does the cost grow: of an order with its lines, of a look-up with the rows, of events with partitions?",
    tuple(
        metric
        for names, *units in ((ASKED, "requests/s", "ms a request"), (PIPELINES, "events/s", "us/event"))
        for name in names
        for metric in metrics(name, *units)
    ),
    compare,
)
