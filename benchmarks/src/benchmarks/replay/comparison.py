"""The same history consumed by a new service of the chassis, and by a new consumer written by hand."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from itertools import count

import asyncpg

from benchmarks.bench import Bench
from benchmarks.events.comparison import wait_for_rows
from benchmarks.events.event import TOPIC
from benchmarks.events.pipelines import bare_consumer, our_consumer
from benchmarks.home import Home, Program, ProgramFailed
from benchmarks.rounds import Better, Metric, Sample, Sides

HISTORY = 200_000
NewConsumer = Callable[[str], AbstractAsyncContextManager[Program]]
# From the first commit to the last, without the start of the process.
SPAN = """
select count(*) as effects,
       extract(epoch from max(pg_xact_commit_timestamp(xmin)) - min(pg_xact_commit_timestamp(xmin)))::float8 as seconds
from effects
"""


@asynccontextmanager
async def compare(home: Home, quick: bool) -> AsyncGenerator[Sides]:
    """Write a history to Kafka once, for both sides."""
    await home.configure(track_commit_timestamp="on")
    history = HISTORY // 20 if quick else HISTORY
    names = (f"new_consumer-{number}" for number in count())
    async with home.topics(TOPIC) as prefix, home.topics(TOPIC) as other:
        topic = other + TOPIC
        await home.run("benchmarks.replay.fill", home.state.kafka, prefix + TOPIC, topic, str(history))

        def ours(database: str) -> AbstractAsyncContextManager[Program]:
            return our_consumer(home, database, prefix, next(names))

        def bare(database: str) -> AbstractAsyncContextManager[Program]:
            return bare_consumer(home, database, topic, next(names))

        yield Sides(partial(_consume, home, history, ours), partial(_consume, home, history, bare))


async def _consume(home: Home, history: int, new_consumer: NewConsumer) -> Sample:
    await home.settle()
    async with home.database("new_consumer") as database:
        async with new_consumer(database) as program:
            first = await wait_for_rows(database, 1)
            began = program.cpu_seconds
            await wait_for_rows(database, history)
            used = (program.cpu_seconds - began) / max(1, history - first)
        connection = await asyncpg.connect(database)
        row = await connection.fetchrow(SPAN)
        await connection.close()
        if row is None or row["effects"] != history:
            raise ProgramFailed(f"{history} events had another number of effects")
        return {"replay": history / row["seconds"], "processor time": used * 1e6}


REPLAY = Bench(
    "replay",
    f"How fast does a new consumer read a history of {HISTORY:,} events?",
    (Metric("replay", "events/s", Better.MORE, ratio=0.4), Metric("processor time", "us an event", Better.LESS)),
    compare,
)
