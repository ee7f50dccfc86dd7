"""Both pipelines at work: a writer and several hearers, each a process with a database of its own."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.resources import files

import asyncpg
from stack.ports import pick

from benchmarks.events.fact import TOPIC
from benchmarks.home import PARTITIONS, Home, Program, ready

HEARERS = ("hearer-a", "hearer-b", "hearer-c", "hearer-d")


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A running pipeline: where to ask for a burst, and the databases to look into."""

    url: str
    written: str
    heard: list[str]
    programs: list[Program]

    @property
    def cpu_seconds(self) -> float:
        """The processor time that all its programs have used."""
        return sum(program.cpu_seconds for program in self.programs)


Open = Callable[[Home], AbstractAsyncContextManager[Pipeline]]


@asynccontextmanager
async def ours(
    home: Home, hearers: Sequence[str] = HEARERS, replicas: int = 1, partitions: int = PARTITIONS
) -> AsyncGenerator[Pipeline]:
    """Through the chassis; of each hearer so many processes, which share its database."""
    async with AsyncExitStack() as stack:
        dead = [f"dead.{name}" for name in ("writer", *hearers)]
        prefix = await stack.enter_async_context(home.topics(TOPIC, *dead, partitions=partitions))
        written = await stack.enter_async_context(home.database("writer"))
        writer = home.service("benchmarks.events.writer", written, TOPIC_PREFIX=prefix)
        programs = [await stack.enter_async_context(writer)]
        heard: list[str] = []
        for name in hearers:
            heard.append(await stack.enter_async_context(home.database(name)))
            processes = [our_hearer(home, heard[-1], prefix, name) for _ in range(replicas)]
            programs += [await stack.enter_async_context(process) for process in processes]
        yield Pipeline(programs[0].url, written, heard, programs)


def our_hearer(home: Home, database: str, prefix: str, name: str) -> AbstractAsyncContextManager[Program]:
    """A service of the chassis that hears."""
    return home.service("benchmarks.events.hearer", database, TOPIC_PREFIX=prefix, HEARER=name)


@asynccontextmanager
async def bare(home: Home) -> AsyncGenerator[Pipeline]:
    """By hand."""
    async with AsyncExitStack() as stack:
        topic = await stack.enter_async_context(home.topics(TOPIC)) + TOPIC
        written = await stack.enter_async_context(home.database("writer"))
        await apply(written, "writer.sql")
        port = pick(("http",), {})["http"]
        environment = {"DATABASE_URL": written, "KAFKA": home.state.kafka, "TOPIC": topic, "HTTP_PORT": str(port)}
        writer = await stack.enter_async_context(home.program("benchmarks.events.bare.writer", **environment))
        writer.url = f"http://127.0.0.1:{port}"
        await ready(writer)
        programs = [writer]
        heard: list[str] = []
        for name in HEARERS:
            heard.append(await stack.enter_async_context(home.database(name)))
            programs.append(await stack.enter_async_context(bare_hearer(home, heard[-1], topic, name)))
        yield Pipeline(writer.url, written, heard, programs)


@asynccontextmanager
async def bare_hearer(home: Home, database: str, topic: str, name: str) -> AsyncGenerator[Program]:
    """A consumer by hand."""
    await apply(database, "hearer.sql")
    environment = {"DATABASE_URL": database, "KAFKA": home.state.kafka, "TOPIC": topic, "GROUP": topic + name}
    async with home.program("benchmarks.events.bare.hearer", **environment) as program:
        yield program


async def apply(database: str, name: str) -> None:
    """Make the tables of a bare program."""
    connection = await asyncpg.connect(database)
    try:
        await connection.execute((files("benchmarks.events.bare") / name).read_text())
    finally:
        await connection.close()
