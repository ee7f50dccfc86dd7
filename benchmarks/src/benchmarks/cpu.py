"""The processor time that the programs of a stack have used."""

import os
from collections import defaultdict
from pathlib import Path

from stack.processes import belongs_to, find

TICKS = os.sysconf("SC_CLK_TCK")
LOAD = "the load"


def cpu_seconds(home: Path) -> dict[str, float]:
    """Seconds of CPU of every process that belongs to this home, by program; `LOAD` are those of the benchmark."""
    used: dict[str, float] = defaultdict(float)
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or (process := find(int(entry.name))) is None or not belongs_to(process, home):
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            used[_program(entry)] += (int(fields[11]) + int(fields[12])) / TICKS
        except OSError:
            continue  # it has ended meanwhile
    return used


def _program(entry: Path) -> str:
    """What a process is called: a Python module by its name, anything else by its file's."""
    words = (entry / "cmdline").read_text(errors="replace").split("\0")
    if "-m" not in words:
        return Path(os.readlink(entry / "exe")).name
    module = words[words.index("-m") + 1]
    return LOAD if module.startswith("benchmarks") else module.rpartition(".")[2].replace("_", "-")
