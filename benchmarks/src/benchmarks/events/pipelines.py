"""Both pipelines: a producer and several consumers, each a process with a database of its own."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.resources import files

import asyncpg
from stack.ports import pick

from benchmarks.events.event import TOPIC
from benchmarks.home import PARTITIONS, Home, Program, ready

CONSUMERS = ("consumer-a", "consumer-b", "consumer-c", "consumer-d")


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A running pipeline: the address that takes bursts, and the databases of producer and consumers."""

    url: str
    source: str
    targets: list[str]
    programs: list[Program]

    @property
    def cpu_seconds(self) -> float:
        """The CPU seconds that its programs have used."""
        return sum(program.cpu_seconds for program in self.programs)


Open = Callable[[Home], AbstractAsyncContextManager[Pipeline]]


@asynccontextmanager
async def ours(
    home: Home, consumers: Sequence[str] = CONSUMERS, replicas: int = 1, partitions: int = PARTITIONS
) -> AsyncGenerator[Pipeline]:
    """Run the pipeline on the chassis, with `replicas` processes of each consumer on one database."""
    async with AsyncExitStack() as stack:
        dead = [f"dead.{name}" for name in ("orders", *consumers)]
        prefix = await stack.enter_async_context(home.topics(TOPIC, *dead, partitions=partitions))
        source = await stack.enter_async_context(home.database("producer"))
        producer = home.service("benchmarks.events.producer", source, TOPIC_PREFIX=prefix)
        programs = [await stack.enter_async_context(producer)]
        targets: list[str] = []
        for name in consumers:
            targets.append(await stack.enter_async_context(home.database(name)))
            processes = [our_consumer(home, targets[-1], prefix, name) for _ in range(replicas)]
            programs += [await stack.enter_async_context(process) for process in processes]
        yield Pipeline(programs[0].url, source, targets, programs)


def our_consumer(home: Home, database: str, prefix: str, name: str) -> AbstractAsyncContextManager[Program]:
    """Run a consumer on the chassis."""
    return home.service("benchmarks.events.consumer", database, TOPIC_PREFIX=prefix, CONSUMER=name)


@asynccontextmanager
async def bare(home: Home) -> AsyncGenerator[Pipeline]:
    """Run the pipeline written by hand."""
    async with AsyncExitStack() as stack:
        topic = await stack.enter_async_context(home.topics(TOPIC)) + TOPIC
        source = await stack.enter_async_context(home.database("producer"))
        await apply(source, "producer.sql")
        port = pick(("http",), {})["http"]
        environment = {"DATABASE_URL": source, "KAFKA": home.state.kafka, "TOPIC": topic, "HTTP_PORT": str(port)}
        producer = await stack.enter_async_context(home.program("benchmarks.events.bare.producer", **environment))
        producer.url = f"http://127.0.0.1:{port}"
        await ready(producer)
        programs = [producer]
        targets: list[str] = []
        for name in CONSUMERS:
            targets.append(await stack.enter_async_context(home.database(name)))
            programs.append(await stack.enter_async_context(bare_consumer(home, targets[-1], topic, name)))
        yield Pipeline(producer.url, source, targets, programs)


@asynccontextmanager
async def bare_consumer(home: Home, database: str, topic: str, name: str) -> AsyncGenerator[Program]:
    """Run a consumer written by hand."""
    await apply(database, "consumer.sql")
    environment = {"DATABASE_URL": database, "KAFKA": home.state.kafka, "TOPIC": topic, "GROUP": topic + name}
    async with home.program("benchmarks.events.bare.consumer", **environment) as program:
        yield program


async def apply(database: str, name: str) -> None:
    """Create the tables of a program written by hand."""
    connection = await asyncpg.connect(database)
    try:
        await connection.execute((files("benchmarks.events.bare") / name).read_text())
    finally:
        await connection.close()
