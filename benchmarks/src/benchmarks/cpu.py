"""CPU seconds of the programs of a running stack, read from /proc."""

import os
from collections import defaultdict
from pathlib import Path

from stack.processes import belongs_to, find

TICKS = os.sysconf("SC_CLK_TCK")
SERVICES, POSTGRES = "services", "PostgreSQL"
GROUPS = (SERVICES, POSTGRES, "Kafka", "doubles", "client")
TOGETHER = f"cpu of {SERVICES} and {POSTGRES}"
EXECUTABLES = {"postgres": POSTGRES, "java": "Kafka", "python": "client"}  # by file, without its version
# By top-level package; earlier releases kept the doubles in `stack`. Every other package is a service's.
PACKAGES = {"benchmarks": "client", "doubles": "doubles", "stack": "doubles", "supervisor": ""}


def cpu_seconds(home: Path) -> dict[str, float]:
    """Return the CPU seconds used so far by the stack of a home: `cpu of` each group, and `cpu:` of each service."""
    used: dict[str, float] = defaultdict(float)
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or (process := find(int(entry.name))) is None or not belongs_to(process, home):
            continue
        try:
            group, program = _program(entry)
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        if not group:
            continue
        # The CPU of a database connection that was closed is kept by the process that started it.
        last = 15 if group == POSTGRES else 13
        seconds = sum(map(int, fields[11:last])) / TICKS
        names = (f"cpu of {group}", *((TOGETHER,) if group in (SERVICES, POSTGRES) else ()))
        for name in (*names, *((f"cpu: {program}",) if group == SERVICES else ())):
            used[name] += seconds
    return used


def cpu_since(home: Path, before: dict[str, float], sales: int) -> dict[str, float]:
    """Return the milliseconds of CPU a sale that were used since `before`."""
    return {name: (seconds - before.get(name, 0)) * 1000 / sales for name, seconds in cpu_seconds(home).items()}


def _program(entry: Path) -> tuple[str, str]:
    """Return a process's group (empty for a process that does not count), and the name of its program."""
    words = (entry / "cmdline").read_text(errors="replace").split("\0")
    if "-m" not in words:
        name = Path(os.readlink(entry / "exe")).name
        return EXECUTABLES.get(name.rstrip("0123456789."), ""), name
    package = words[words.index("-m") + 1].partition(".")[0]
    return PACKAGES.get(package, SERVICES), package.replace("_", "-")
