"""The other side of `--against`: an earlier release, measured in the same rounds.

Both stacks are up all the time, each in a home of its own, and one is idle while the other is measured. On two cores
that is fair: an idle stack of eight services uses some 15 % of one core (services 7 %, Kafka 6 %, PostgreSQL 2 %), and
takes it from the other side's time alone, while CPU is counted for each stack's own processes. A stack that is started
for each round would be measured with a cold Kafka and empty caches, which differ more from one round to the next. Where
one release is cheaper at rest, its rates and waiting times look worse by the difference, at most a few per cent.
"""

import asyncio
import json
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.bench import Bench
from benchmarks.home import Home, ProgramFailed, tail
from benchmarks.release import OtherStack, Release
from benchmarks.rounds import Measure, Sample

END_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Driver:
    """The process that runs `driver.py` in the other release."""

    process: asyncio.subprocess.Process
    log: Path

    async def line(self) -> Any:
        """Return its next answer. Raises ProgramFailed where it has ended."""
        assert self.process.stdout is not None
        if raw := await self.process.stdout.readline():
            return json.loads(raw)
        raise ProgramFailed(f"the other release failed\n{tail(self.log)}")

    async def sample(self) -> Sample:
        """Have it measure once."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"\n")
        await self.process.stdin.drain()
        return await self.line()


@asynccontextmanager
async def other_side(bench: Bench, release: Release, directory: Path, quick: bool) -> AsyncGenerator[Measure]:
    """Prepare the other release in a directory, and give what measures it.

    A benchmark that measures a suite from outside does it with this release's programs for both; any other one is
    measured by the other release's own benchmark, whose figures have the same names.
    """
    if bench.outside is not None:
        async with _driver(release, directory, "suite"):
            stack = OtherStack(directory, release)
            yield partial(bench.outside, Home(stack, stack.state, release.root), quick)
    else:
        async with _driver(release, directory, "bench", bench.name, "quick" if quick else "whole") as driver:
            yield driver.sample


@asynccontextmanager
async def _driver(release: Release, directory: Path, mode: str, *words: str) -> AsyncGenerator[Driver]:
    directory.parent.mkdir(parents=True, exist_ok=True)
    log = directory.with_name(f"{directory.name}.log")
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *release.command(mode, directory, *words),
            env=release.environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
        )
    driver = Driver(process, log)
    try:
        await driver.line()
        yield driver
    except BaseException:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        raise
    finally:
        await asyncio.shield(_end(process))


async def _end(process: asyncio.subprocess.Process) -> None:
    """Let it take its stack down; one that does not is killed."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        async with asyncio.timeout(END_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
