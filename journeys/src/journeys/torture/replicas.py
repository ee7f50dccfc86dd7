"""Two replicas of every service: both at work, either stopped gracefully, under load."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from stack.errors import StackError
from stack.ports import pick
from stack.processes import HOME_VARIABLE
from stack.programs import PDEATHSIG, service_environment
from stack.services import SERVICES, chosen
from stack.stack import Stack

from journeys.suite import Suite
from journeys.torture.fire import HOME, under_fire

RATE = 3.0
TOGETHER_SECONDS, ALONE_SECONDS = 10.0, 10.0
READY_SECONDS, END_SECONDS = 120.0, 60.0


@dataclass(frozen=True, slots=True)
class SecondReplica:
    """A second replica of a service, on ports of its own, below the same broker and database."""

    name: str
    admin_url: str
    process: "subprocess.Popen[bytes]"

    @classmethod
    def start(cls, stack: Stack, name: str) -> "SecondReplica":
        """Start it beside the first."""
        service, state = chosen([name])[0], stack.state
        ports = pick(("HTTP_PORT", "ADMIN_PORT"), {})
        environment = os.environ | service_environment(service, state)
        environment |= {name: str(port) for name, port in ports.items()} | {HOME_VARIABLE: state.home}
        command = [*PDEATHSIG, sys.executable, "-m", service.package, "serve"]
        with stack.log(f"{name}-second").open("ab") as log:
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        return cls(name, f"http://127.0.0.1:{ports['ADMIN_PORT']}", process)

    async def ready(self, running: Suite) -> None:
        """Wait until it is a member of the group and answers."""
        end = time.monotonic() + READY_SECONDS
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise StackError(f"the second {self.name} ended with {self.process.returncode}")
            try:
                async with running.http.get(f"{self.admin_url}/readyz") as answer:
                    if answer.status == 200:
                        return
            except OSError:
                pass
            await asyncio.sleep(0.2)
        raise StackError(f"the second {self.name} is not ready after {READY_SECONDS:.0f} s")

    async def end(self) -> int:
        """Stop it with SIGTERM, as Kubernetes does; return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return await asyncio.to_thread(self.process.wait, END_SECONDS)


async def replicas(seed: int, home: Path = HOME, report: Callable[[str], None] = print) -> bool:
    """Start second replicas, stop the first ones for a while, then the second ones; return whether everything held."""

    async def strike(running: Suite) -> bool:
        stack, names = running.stack, [service.name for service in SERVICES]
        seconds = [SecondReplica.start(stack, name) for name in names]
        try:
            await asyncio.gather(*(second.ready(running) for second in seconds))
            report("two replicas of every service are at work")
            await asyncio.sleep(TOGETHER_SECONDS)
            for name in names:
                await asyncio.to_thread(stack.stop, name)
            report("the first replicas were stopped gracefully")
            await asyncio.sleep(ALONE_SECONDS)
            for name in names:
                await asyncio.to_thread(stack.start, name)
            report("they are back")
            await asyncio.sleep(TOGETHER_SECONDS)
            codes = {second.name: await second.end() for second in seconds}
        finally:
            for second in seconds:
                second.process.kill()
                second.process.wait()
        report(f"the second replicas were stopped gracefully: {codes}")
        return not any(codes.values())

    return await under_fire(strike, RATE, seed, home, report)
