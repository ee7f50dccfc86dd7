"""Seeded histories: how many a test plays, and the command that plays one that failed again."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar, cast

import pytest

T = TypeVar("T")
IN_FLIGHT = 8

MARK = "histories(size): plays seeded histories, so many at a time; `--histories` says how many in all"


@dataclass(slots=True)
class Histories:
    """The seeds that one run of a test plays, all at once; each history follows from its seed alone."""

    test: str
    seeds: Sequence[int]
    failed: int | None = None

    def __iter__(self) -> Iterator[int]:
        return iter(self.seeds)

    def __len__(self) -> int:
        return len(self.seeds)

    @contextmanager
    def naming(self, seed: int) -> Generator[None]:
        """Attribute an exception in the block to the history of this seed."""
        try:
            yield
        except Exception:
            self.failed = seed
            raise

    async def play(
        self,
        steps_of: Mapping[int, Sequence[T]],
        do: Callable[[T], Awaitable[object]],
        settled: Callable[[], Awaitable[None]],
    ) -> None:
        """Do the steps of all histories at once, a few of each history in a turn, as its seed says.

        `settled` waits until the steps of a turn have taken effect, so that a seed always gives the same order.
        """
        dice = {seed: random.Random(f"{seed} turns") for seed in steps_of}
        left = {seed: list(steps) for seed, steps in steps_of.items()}
        in_flight = asyncio.Semaphore(IN_FLIGHT)

        async def turn(seed: int) -> None:
            async with in_flight:
                with self.naming(seed):
                    count = dice[seed].choice((1, 1, 2, 4))
                    now, left[seed] = left[seed][:count], left[seed][count:]
                    for step in now:
                        await do(step)

        while any(left.values()):
            await asyncio.gather(*(turn(seed) for seed, steps in left.items() if steps))
            await settled()

    def words(self) -> str:
        """Return which history failed, if that is known, and the command that plays it again."""
        again = f'python -m pytest "{self.test}" -m "" --history-seed'
        if self.failed is not None:
            return f"history {self.failed} failed; it plays again by\n  {again} {self.failed}"
        return f"histories {self.seeds[0]} to {self.seeds[-1]} were in flight; each plays alone by\n  {again} <seed>"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that say how many histories the tests play."""
    group = parser.getgroup("histories")
    group.addoption("--histories", type=int, metavar="N", help="seeded histories of each such test (few without it)")
    group.addoption("--history-seed", type=int, metavar="S", help="play the history of this seed only")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Divide the histories into blocks of the size that the test's mark gives."""
    if "histories" not in metafunc.fixturenames:
        return
    mark = metafunc.definition.get_closest_marker("histories")
    if mark is None:
        raise pytest.UsageError(f"{metafunc.definition.nodeid} takes histories and has no mark of that name")
    size = cast("int", mark.args[0])
    only = cast("int | None", metafunc.config.getoption("--history-seed"))
    count = cast("int | None", metafunc.config.getoption("--histories")) or size
    blocks = [range(first, min(first + size, count)) for first in range(0, count, size)]
    if only is not None:
        blocks = [range(only, only + 1)]
    cases = [Histories(metafunc.definition.nodeid, block) for block in blocks]
    metafunc.parametrize("histories", cases, ids=[f"{block[0]}-{block[-1]}" for block in blocks])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the failed history to the report."""
    report = yield
    case = getattr(item, "callspec", None)
    histories = case.params.get("histories") if case is not None else None
    if report.failed and isinstance(histories, Histories):
        report.sections.append(("histories", histories.words()))
    return report
