"""Kill sweep over the services' doors: each is killed at every point it passes under load, and started again."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from stack.processes import HOME_VARIABLE
from stack.programs import PDEATHSIG, service_environment
from stack.services import chosen
from stack.stack import Stack

from journeys.suite import Suite
from journeys.torture.fire import HOME, under_fire

SERVICES = ("orders", "payments", "delivery", "licensing", "letters", "rewards")
RATE = 3.0
WATCH_SECONDS = 40.0
REACH_SECONDS = 60.0
TRIES = 3


@dataclass(slots=True)
class Sweep:
    """The sweep of one service; `points` are those it passes while it is only watched."""

    stack: Stack
    name: str
    report: Callable[[str], None]
    points: list[str] = field(default_factory=list[str])
    missed: list[str] = field(default_factory=list[str])

    async def run(self) -> None:
        """Watch the service, then kill it at each point; each start recovers from the kill before."""
        await asyncio.to_thread(self.stack.stop, self.name)
        try:
            self.points = await self._watch()
            self.missed = list(self.points)
            for _ in range(TRIES):
                self.missed = [point for point in self.missed if not await self._dies_at(point)]
        finally:
            await asyncio.to_thread(self.stack.start, self.name)
        self.report(f"{self.name}: killed at {len(self.points) - len(self.missed)} of {len(self.points)} points")
        for point in self.missed:
            self.report(f"       {self.name} did not pass {point} again")

    async def _watch(self) -> list[str]:
        record = Path(self.stack.state.run_directory) / f"{self.name}.points"
        record.unlink(missing_ok=True)
        victim = self._start("--record", str(record))
        try:
            await asyncio.sleep(WATCH_SECONDS)
        finally:
            victim.send_signal(signal.SIGTERM)
            await asyncio.to_thread(victim.wait)
        return sorted(record.read_text().splitlines()) if record.exists() else []

    async def _dies_at(self, point: str) -> bool:
        began = time.monotonic()
        victim = self._start("--point", point)
        try:
            with suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(victim.wait, REACH_SECONDS)
        finally:
            code = victim.poll()
            victim.kill()
            victim.wait()
        if code is not None and code != -signal.SIGKILL:
            raise RuntimeError(f"{self.name} ended with {code} on its way to {point}")
        if code is not None:
            self.report(f"{self.name} killed at {point} after {time.monotonic() - began:.1f} s")
        return code is not None

    def _start(self, *words: str) -> "subprocess.Popen[bytes]":
        service = chosen([self.name])[0]
        state = self.stack.state
        environment = os.environ | service_environment(service, state) | {HOME_VARIABLE: state.home}
        command = [*PDEATHSIG, sys.executable, "-m", "journeys.torture.doomed", service.package, *words]
        with self.stack.log(self.name).open("ab") as log:
            return subprocess.Popen(command, env=environment, stdout=log, stderr=log)


async def doors(seed: int, home: Path = HOME, report: Callable[[str], None] = print) -> bool:
    """Sweep all services side by side under load, on a stack of its own; return whether everything held."""

    async def strike(running: Suite) -> bool:
        sweeps = [Sweep(running.stack, name, report) for name in SERVICES]
        await asyncio.gather(*(sweep.run() for sweep in sweeps))
        report(f"{sum(len(sweep.points) - len(sweep.missed) for sweep in sweeps)} kills at named points")
        return all(sweep.points and not sweep.missed for sweep in sweeps)

    return await under_fire(strike, RATE, seed, home, report)
