"""Programs that run with the packages of one release alone, and answer each line of theirs with one line of JSON."""

import asyncio
import json
import signal
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.home import ProgramFailed, tail

END_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Dialogue:
    """What is said with such a program."""

    process: asyncio.subprocess.Process
    log: Path

    async def line(self) -> Any:
        """Return its next answer. Raises ProgramFailed where it has ended."""
        assert self.process.stdout is not None
        if raw := await self.process.stdout.readline():
            return json.loads(raw)
        raise ProgramFailed(f"the program of a release failed\n{tail(self.log)}")

    async def ask(self, *words: object) -> Any:
        """Send it a line, and return its answer."""
        assert self.process.stdin is not None
        self.process.stdin.write((" ".join(map(str, words)) + "\n").encode())
        await self.process.stdin.drain()
        return await self.line()


@asynccontextmanager
async def dialogue(command: Sequence[str], environment: Mapping[str, str], directory: Path) -> AsyncGenerator[Dialogue]:
    """Run a program until the end of the block; it has said that it is ready. Its log lies beside a directory."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    log = directory.with_name(f"{directory.name}.log")
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *command,
            env=environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
        )
    opened = Dialogue(process, log)
    try:
        await opened.line()
        yield opened
    except BaseException:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        raise
    finally:
        await asyncio.shield(_end(process))


async def _end(process: asyncio.subprocess.Process) -> None:
    """Let it end what it has begun; one that does not is killed."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        async with asyncio.timeout(END_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
