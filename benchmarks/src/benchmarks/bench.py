"""What one benchmark is."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from benchmarks.home import Home
from benchmarks.rounds import Metric, Sample, Sides

Outside = Callable[[Home, bool], Awaitable[Sample]]


@dataclass(frozen=True, slots=True)
class Bench:
    """A named comparison. The second argument of `open` and `outside` asks for less work.

    `open` prepares both sides. `outside` measures a running suite once, using nothing but its addresses and the names
    of its programs, so that it measures another release too.
    """

    name: str
    question: str
    metrics: tuple[Metric, ...]
    open: Callable[[Home, bool], AbstractAsyncContextManager[Sides]]
    outside: Outside | None = None


def of_suite(name: str, question: str, metrics: tuple[Metric, ...], outside: Outside) -> Bench:
    """Return a benchmark of the whole suite, which has no reference but another release."""

    @asynccontextmanager
    async def opened(home: Home, quick: bool) -> AsyncGenerator[Sides]:
        async with home.suite():
            yield Sides(partial(outside, home, quick))

    return Bench(name, question, metrics, opened, outside)
