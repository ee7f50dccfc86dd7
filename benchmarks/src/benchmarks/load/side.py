"""Measure a route: flat out by several clients, then by one alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.home import Home, Program, ProgramFailed
from benchmarks.load.request import Request, write
from benchmarks.rounds import Better, Metric, Sample

CLIENTS = 16
SECONDS = 4.0
ALONE_SECONDS = 2.0
# With a greater share of a core, the load generator itself may be the limit.
BUSIEST = 0.8


def door_metrics(ratio: float, what: str = "") -> tuple[Metric, ...]:
    """Return the metrics of a route; `ratio` bounds requests a second, `what` begins the names."""
    return (
        Metric(what + "flat out", "requests/s", Better.MORE, ratio=ratio),
        Metric(what + "cpu", "ms a request", Better.LESS),
        Metric(what + "flat out p99", "ms", Better.LESS, judged=False),
        Metric(what + "alone p50", "ms", Better.LESS),
        Metric(what + "alone p99", "ms", Better.LESS, judged=False),
    )


@dataclass(frozen=True, slots=True)
class Door:
    """A program, the file of requests to send to it, and the status that every answer must have."""

    program: Program
    requests: Path
    status: int = 200

    @classmethod
    def of(cls, home: Home, name: str, program: Program, requests: Sequence[Request], status: int = 200) -> "Door":
        """Write the requests, which are the same for both sides, and return the door."""
        file = home.path / f"{name}.requests"
        write(file, requests)
        return cls(program, file, status)


async def measure_door(home: Home, door: Door, quick: bool, what: str = "") -> Sample:
    """Measure flat out, then alone; `what` begins the names of the figures."""
    many, took = await flat_out(home, door, SECONDS / 4 if quick else SECONDS)
    alone = await ask(home, door, 1, ALONE_SECONDS / 4 if quick else ALONE_SECONDS)
    return {
        what + "flat out": many["per_second"],
        what + "cpu": took,
        what + "flat out p99": many["p99_ms"],
        what + "alone p50": alone["p50_ms"],
        what + "alone p99": alone["p99_ms"],
    }


async def flat_out(home: Home, door: Door, seconds: float) -> tuple[Any, float]:
    """Return the load generator's result for several clients, and the program's milliseconds of CPU a request."""
    await home.settle()
    before = door.program.cpu_seconds
    many = await ask(home, door, CLIENTS, seconds)
    return many, (door.program.cpu_seconds - before) * 1000 / many["answered"]


async def ask(home: Home, door: Door, clients: int, seconds: float) -> Any:
    """Return the load generator's result. Raises ProgramFailed for an unexpected status or a busy generator."""
    url = urlsplit(door.program.url)
    words = (str(url.hostname), str(url.port), str(clients), str(seconds), str(door.requests))
    found = await home.ask("benchmarks.load", *words)
    if set(found["statuses"]) != {str(door.status)}:
        raise ProgramFailed(f"{door.program.name} answered {found['statuses']}, not {door.status} alone")
    if found["busy"] > BUSIEST:
        raise ProgramFailed(f"the load generator was busy for {found['busy']:.0%} of the time")
    return found
