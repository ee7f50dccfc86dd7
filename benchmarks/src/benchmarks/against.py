"""The other side of `--against`: an earlier release, measured in the same rounds.

Both stacks are up all the time, each in a home of its own, and one is idle while the other is measured. On two cores
that is fair: an idle stack of eight services uses some 15 % of one core (services 7 %, Kafka 6 %, PostgreSQL 2 %), and
takes it from the other side's time alone, while CPU is counted for each stack's own processes. A stack that is started
for each round would be measured with a cold Kafka and empty caches, which differ more from one round to the next. Where
one release is cheaper at rest, its rates and waiting times look worse by the difference, at most a few per cent.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.dialogue import dialogue
from benchmarks.home import Home
from benchmarks.release import OtherStack, Release
from benchmarks.rounds import Measure


@asynccontextmanager
async def other_side(bench: Bench, release: Release, directory: Path, quick: bool) -> AsyncGenerator[Measure]:
    """Prepare the other release in a directory, and give what measures it.

    A benchmark that measures a suite from outside does it with this release's programs for both; any other one is
    measured by the other release's own benchmark, whose figures have the same names.
    """
    if bench.outside is not None:
        async with dialogue(release.command("suite", directory), release.environment, directory):
            stack = OtherStack(directory, release)
            yield partial(bench.outside, Home(stack, stack.state, release.root), quick)
    else:
        command = release.command("bench", directory, bench.name, "quick" if quick else "whole")
        async with dialogue(command, release.environment, directory) as driver:
            yield driver.ask
