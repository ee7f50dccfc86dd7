"""Each service stopped and started on a stack that stands, one after the other; there is no reference."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from stack.services import SERVICES
from stack.stack import Stack

from benchmarks.bench import Bench
from benchmarks.home import Home
from benchmarks.rounds import Better, Metric, Sample, Sides

REST_SECONDS = 3.0
QUICK_REST_SECONDS = 0.5
START_SECONDS, REST_MB = 2.5, 120


@asynccontextmanager
async def compare(home: Home, quick: bool) -> AsyncGenerator[Sides]:
    """All services; what their imports cost is told once, beside the figures."""
    rest = QUICK_REST_SECONDS if quick else REST_SECONDS
    async with home.suite():
        stack = Stack(home.path)

        async def ours() -> Sample:
            sample: Sample = {}
            for service in SERVICES:
                await asyncio.to_thread(stack.stop, service.name)
                sample[f"start {service.name}"] = await asyncio.to_thread(start, stack, service.name)
            await asyncio.sleep(rest)
            return sample | {f"memory {service.name}": resident(stack, service.name) for service in SERVICES}

        yield Sides(ours, None)
        for service in SERVICES:
            costs = await home.ask("benchmarks.cold.imports", f"{service.package}.__main__")
            sys.stderr.write(f"cold: imports of {service.name}: {json.dumps(costs)}\n")


def start(stack: Stack, name: str) -> float:
    """Seconds from the birth of a service's process to its first answer that it is ready."""
    stack.start(name)
    process = stack.status()[name].process
    if process is None:
        raise RuntimeError(f"{name} has ended")
    return uptime() - born(process.pid)


def born(pid: int) -> float:
    """When a process began, in seconds since the machine's start."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[19]) / os.sysconf("SC_CLK_TCK")


def uptime() -> float:
    """Seconds since the machine's start."""
    return float(Path("/proc/uptime").read_text().split()[0])


def resident(stack: Stack, name: str) -> float:
    """The memory a service holds, in MB: resident pages, shared ones included."""
    process = stack.status()[name].process
    if process is None:
        raise RuntimeError(f"{name} has ended")
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


COLD = Bench(
    "cold",
    "How soon is a service ready, and how much memory does it hold at rest?",
    (
        *(Metric(f"start {one.name}", "s", Better.LESS, limit=START_SECONDS) for one in SERVICES),
        *(Metric(f"memory {one.name}", "MB", Better.LESS, limit=REST_MB) for one in SERVICES),
    ),
    compare,
)
