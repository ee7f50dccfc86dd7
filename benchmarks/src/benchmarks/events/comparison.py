"""What the pipelines do, and what is read from their databases afterwards."""

import asyncio
import statistics
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from functools import partial

import aiohttp
import asyncpg

from benchmarks.bench import Bench
from benchmarks.events.pipelines import Pipeline, bare, ours
from benchmarks.home import Home, ProgramFailed
from benchmarks.rounds import Better, Metric, Sample, Sides

FLAT_OUT = 10_000
RATE = 100
SECONDS = 15
LONGEST = 300.0

# When a row's transaction committed. All databases are on one server, so all times are of one clock.
COMMITTED = """
select id, pg_xact_commit_timestamp(xmin) as at
from orders
"""
CONSUMED = """
select order_id as id, pg_xact_commit_timestamp(xmin) as at
from effects
"""
Times = dict[str, datetime]

METRICS = (
    Metric("flat out", "events/s", Better.MORE, ratio=0.5),
    Metric("processor time flat out", "us an event", Better.LESS),
    Metric("last effect p50", "ms", Better.LESS, ratio=2),
    Metric("last effect p99", "ms", Better.LESS, ratio=3),
    Metric("each effect p50", "ms", Better.LESS),
    Metric("each effect p99", "ms", Better.LESS),
    Metric("processor time at 100/s", "us an event", Better.LESS),
)


@asynccontextmanager
async def compare(home: Home, quick: bool) -> AsyncGenerator[Sides]:
    """Start both pipelines; one is idle while the other is measured."""
    await home.configure(track_commit_timestamp="on")
    flat, seconds = (FLAT_OUT // 10, SECONDS // 5) if quick else (FLAT_OUT, SECONDS)
    async with AsyncExitStack() as stack:
        sides = [await stack.enter_async_context(side(home)) for side in (ours, bare)]
        our, their = [partial(_measure, home, side, flat, seconds) for side in sides]
        yield Sides(our, their)


async def _measure(home: Home, pipeline: Pipeline, flat: int, seconds: int) -> Sample:
    rate, took = await flat_out(home, pipeline, flat)
    began = pipeline.cpu_seconds
    committed, consumed = await _burst(pipeline, RATE * seconds, RATE)
    used = pipeline.cpu_seconds - began
    lasts = [_milliseconds(max(times[order] for times in consumed), at) for order, at in committed.items()]
    each = [_milliseconds(times[order], at) for order, at in committed.items() for times in consumed]
    return {
        "flat out": rate,
        "processor time flat out": took,
        "processor time at 100/s": used / (RATE * seconds) * 1e6,
        "last effect p50": statistics.median(lasts),
        "last effect p99": _hundredth(lasts),
        "each effect p50": statistics.median(each),
        "each effect p99": _hundredth(each),
    }


async def flat_out(home: Home, pipeline: Pipeline, count: int) -> tuple[float, float]:
    """Return events a second (first commit to last effect), and microseconds of CPU an event."""
    await home.settle()
    began = pipeline.cpu_seconds
    committed, consumed = await _burst(pipeline, count, 0)
    took = (pipeline.cpu_seconds - began) / count * 1e6
    last = max(at for times in consumed for at in times.values())
    return count / (last - min(committed.values())).total_seconds(), took


async def _burst(pipeline: Pipeline, count: int, rate: int) -> tuple[Times, list[Times]]:
    """Have `count` events committed, and return the commit time of each event and of each of its effects."""
    for database in (pipeline.source, *pipeline.targets):
        await _rows(database, f"truncate {'orders' if database == pipeline.source else 'effects'}")
    timeout = aiohttp.ClientTimeout(total=LONGEST)
    async with (
        aiohttp.ClientSession(timeout=timeout) as http,
        http.post(f"{pipeline.url}/bursts/{count}/{rate}") as answer,
    ):
        if answer.status != 204:
            raise ProgramFailed(f"a producer answered {answer.status}")
    for database in pipeline.targets:
        await wait_for_rows(database, count)
    committed = {row["id"]: row["at"] for row in await _rows(pipeline.source, COMMITTED)}
    consumed = [{row["id"]: row["at"] for row in await _rows(database, CONSUMED)} for database in pipeline.targets]
    if len(committed) != count or any(times.keys() != committed.keys() for times in consumed):
        raise ProgramFailed(f"{count} events had {[len(times) for times in consumed]} effects")
    return committed, consumed


async def wait_for_rows(database: str, count: int) -> int:
    """Wait until `count` effects exist, and return how many do. Raises ProgramFailed after LONGEST seconds."""
    end = time.monotonic() + LONGEST
    connection = await asyncpg.connect(database)
    try:
        while (there := await connection.fetchval("select count(*) from effects")) < count:
            if time.monotonic() > end:
                raise ProgramFailed(f"only {there} of {count} events took effect")
            await asyncio.sleep(0.3)
        return there
    finally:
        await connection.close()


async def _rows(database: str, statement: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(database)
    try:
        return await connection.fetch(statement)
    finally:
        await connection.close()


def _milliseconds(late: datetime, early: datetime) -> float:
    return (late - early).total_seconds() * 1000


def _hundredth(figures: list[float]) -> float:
    return statistics.quantiles(figures, n=100)[98]


EVENTS = Bench(
    "events",
    "What does the chassis cost from a commit to four services' committed effects?",
    METRICS,
    compare,
)
