"""Events over 1, 2 and 4 partitions, and to 1, 2 and 4 replicas of a consumer."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from benchmarks.events.comparison import flat_out
from benchmarks.events.pipelines import ours
from benchmarks.growth.sizes import CPU
from benchmarks.home import Home
from benchmarks.rounds import Measure, Sample

# the number of partitions, and of processes of the one consumer
PIPELINES = {
    "events 1 partition": (1, 1),
    "events 2 partitions": (2, 1),
    "events 4 partitions": (4, 1),
    "events 2 replicas": (4, 2),
    "events 4 replicas": (4, 4),
}
# the pipelines of a quick run
QUICK = ("events 1 partition", "events 4 partitions", "events 2 replicas")
EVENTS, QUICK_EVENTS = 3_000, 500


@asynccontextmanager
async def pipelines_grow(home: Home, quick: bool) -> AsyncGenerator[Measure]:
    """Start one pipeline of a producer and a consumer for each size."""
    await home.configure(track_commit_timestamp="on")
    async with AsyncExitStack() as stack:
        pipelines = {
            name: await stack.enter_async_context(ours(home, ("consumer",), replicas, partitions))
            for name, (partitions, replicas) in PIPELINES.items()
            if name in QUICK or not quick
        }

        async def measure() -> Sample:
            found: Sample = {}
            for name, pipeline in pipelines.items():
                count = QUICK_EVENTS if quick else EVENTS
                found[name], found[name + CPU] = await flat_out(home, pipeline, count)
            return found

        yield measure
