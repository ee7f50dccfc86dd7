"""The processor time that the programs of a stack have used."""

import os
from pathlib import Path

from stack.processes import HOME_VARIABLE

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(home: Path) -> float:
    """Seconds of CPU of every process that belongs to this home, PostgreSQL's and Kafka's among them."""
    mark = f"{HOME_VARIABLE}={home.absolute()}".encode()
    total = 0
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            if mark in (process / "environ").read_bytes().split(b"\0"):
                fields = (process / "stat").read_text().rpartition(")")[2].split()
                total += int(fields[11]) + int(fields[12])
        except OSError:
            continue  # it has ended meanwhile
    return total / TICKS
