"""Stop and start each service of a running stack. The reference is another release."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from stack.services import SERVICES
from stack.stack import Stack

from benchmarks.bench import Bench
from benchmarks.home import Home
from benchmarks.rounds import Better, Metric, Sample, Sides

REST_SECONDS = 3.0
QUICK_REST_SECONDS = 0.5


@asynccontextmanager
async def compare(home: Home, quick: bool) -> AsyncGenerator[Sides]:
    """Run all services; at the end, print what their imports cost."""
    async with home.suite():
        yield Sides(partial(measure, home, quick))
        for service in SERVICES:
            costs = await home.ask("benchmarks.cold.imports", f"{service.package}.doors")
            sys.stderr.write(f"cold: imports of {service.name}: {json.dumps(costs)}\n")


async def measure(home: Home, quick: bool) -> Sample:
    """Stop and start each service of a running suite in turn, and read the memory of all at the end."""
    sample: Sample = {}
    for service in SERVICES:
        await asyncio.to_thread(home.stack.stop, service.name)
        sample[f"start {service.name}"] = await asyncio.to_thread(start, home.stack, service.name)
    await asyncio.sleep(QUICK_REST_SECONDS if quick else REST_SECONDS)
    return sample | {f"memory {service.name}": resident(home.stack, service.name) for service in SERVICES}


def start(stack: Stack, name: str) -> float:
    """Start a service, and return the seconds from the birth of its process until it is ready."""
    stack.start(name)
    process = stack.status()[name].process
    if process is None:
        raise RuntimeError(f"{name} has ended")
    return uptime() - born(process.pid)


def born(pid: int) -> float:
    """Return when a process began, in seconds since the machine's start."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[19]) / os.sysconf("SC_CLK_TCK")


def uptime() -> float:
    """Return the seconds since the machine's start."""
    return float(Path("/proc/uptime").read_text().split()[0])


def resident(stack: Stack, name: str) -> float:
    """Return a service's resident memory in MB, shared pages included."""
    process = stack.status()[name].process
    if process is None:
        raise RuntimeError(f"{name} has ended")
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


COLD = Bench(
    "cold",
    "How soon is a service ready, and how much memory does it hold at rest?",
    (
        *(Metric(f"start {one.name}", "s", Better.LESS) for one in SERVICES),
        *(Metric(f"memory {one.name}", "MB", Better.LESS) for one in SERVICES),
    ),
    compare,
    measure,
)
