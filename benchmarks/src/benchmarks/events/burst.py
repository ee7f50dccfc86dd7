"""The work of a producer: transactions of one event each, by the same code on both sides."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import repeat

from uuid_utils.compat import uuid7

from benchmarks.events.event import UUID

Commit = Callable[[UUID], Awaitable[None]]
WORKERS = 8


async def burst(commit: Commit, count: int, rate: int) -> None:
    """Commit `count` events: `rate` a second, or for 0 as fast as eight concurrent workers can."""
    if rate:
        await _steady(commit, count, rate)
    else:
        await _flat_out(commit, count)


async def _flat_out(commit: Commit, count: int) -> None:
    left = repeat(None, count)

    async def work() -> None:
        for _ in left:
            await commit(uuid7())

    await asyncio.gather(*(work() for _ in range(WORKERS)))


async def _steady(commit: Commit, count: int, rate: int) -> None:
    """Begin each commit on time, even if earlier ones have not ended."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with asyncio.TaskGroup() as tasks:
        for number in range(count):
            await asyncio.sleep(max(0.0, began + number / rate - loop.time()))
            tasks.create_task(_one(commit))


async def _one(commit: Commit) -> None:
    await commit(uuid7())
