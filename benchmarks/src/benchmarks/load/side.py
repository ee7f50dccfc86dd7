"""How a door is measured: flat out by several clients, then by one alone."""

import os
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
# Beyond this share of a core the generator may be what is slow.
BUSIEST = 0.8


def door_metrics(ratio: float, what: str = "") -> tuple[Metric, ...]:
    """Requests a second flat out, at least so many of the reference's, and how long one waits there and alone."""
    return (
        Metric(what + "flat out", "requests/s", Better.MORE, ratio=ratio),
        Metric(what + "cpu", "ms a request", Better.LESS),
        Metric(what + "flat out p99", "ms", Better.LESS),
        Metric(what + "alone p50", "ms", Better.LESS),
        Metric(what + "alone p99", "ms", Better.LESS),
    )


@dataclass(frozen=True, slots=True)
class Door:
    """Whom to ask for what, and the status every answer has."""

    program: Program
    requests: Path
    status: int = 200

    @classmethod
    def of(cls, home: Home, name: str, program: Program, requests: Sequence[Request], status: int = 200) -> "Door":
        """A door with its requests, which are the same for both sides."""
        file = home.path / f"{name}.requests"
        write(file, requests)
        return cls(program, file, status)


async def measure_door(home: Home, door: Door, quick: bool, what: str = "") -> Sample:
    """Ask flat out, then alone; `what` tells the figures of several doors apart."""
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
    """What a load generator of several clients found, and the milliseconds of CPU the program took a request."""
    await home.settle()
    before = worked(door.program)
    many = await ask(home, door, CLIENTS, seconds)
    return many, (worked(door.program) - before) * 1000 / many["answered"]


def worked(program: Program) -> float:
    """The seconds of CPU that a program has taken."""
    fields = Path(f"/proc/{program.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def ask(home: Home, door: Door, clients: int, seconds: float) -> Any:
    """What a load generator found; ProgramFailed where answers were not as expected, or it was too busy itself."""
    place = urlsplit(door.program.url)
    words = (str(place.hostname), str(place.port), str(clients), str(seconds), str(door.requests))
    found = await home.ask("benchmarks.load", *words)
    if set(found["statuses"]) != {str(door.status)}:
        raise ProgramFailed(f"{door.program.name} answered {found['statuses']}, not {door.status} alone")
    if found["busy"] > BUSIEST:
        raise ProgramFailed(f"the load generator was busy for {found['busy']:.0%} of the time")
    return found
