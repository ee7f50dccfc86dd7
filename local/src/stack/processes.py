"""Processes as /proc shows them: a pid identifies a process only together with its start time."""

import os
import signal
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

HOME_VARIABLE = "KONTOR_HOME"


class Process(NamedTuple):
    """A process; `started` is its start time in clock ticks since boot, for pids are used again."""

    pid: int
    started: int

    def alive(self) -> bool:
        """Return whether it still runs; a zombie does not."""
        return find(self.pid) == self


def parse_stat(line: str) -> tuple[Process, str] | None:
    """Parse a line of /proc/<pid>/stat into a process and its state."""
    head, separator, tail = line.rpartition(")")
    fields = tail.split()
    if not separator or len(fields) < 20:
        return None
    return Process(int(head.split(" ", 1)[0]), int(fields[19])), fields[0]


def find(pid: int) -> Process | None:
    """Return the living process with this pid."""
    try:
        parsed = parse_stat(Path(f"/proc/{pid}/stat").read_text())
    except OSError:
        return None
    return None if parsed is None or parsed[1] in "ZX" else parsed[0]


def recorded(file: Path) -> Process | None:
    """Return the process that wrote its stat line into the file when it started."""
    try:
        parsed = parse_stat(file.read_text())
    except (OSError, ValueError):
        return None
    return parsed[0] if parsed else None


def belongs_to(process: Process, home: Path) -> bool:
    """Return whether environment, command line or working directory of a process name the home."""
    path = os.fsencode(home)
    directory = Path(f"/proc/{process.pid}")
    try:
        variables = (directory / "environ").read_bytes().split(b"\0")
        if HOME_VARIABLE.encode() + b"=" + path in variables:
            return True
        if any(path + b"/" in argument for argument in (directory / "cmdline").read_bytes().split(b"\0")):
            return True
        return Path(os.readlink(directory / "cwd")).is_relative_to(home)
    except OSError:
        return False


def backends(data: Path) -> list[Process]:
    """List the PostgreSQL processes of a data directory, which outlive a killed postmaster for a moment."""
    found: list[Process] = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            belongs = Path(os.readlink(entry / "cwd")) == data and Path(os.readlink(entry / "exe")).name == "postgres"
        except OSError:
            continue
        if belongs and (process := find(int(entry.name))):
            found.append(process)
    return found


def listening_ports(pid: int) -> set[int]:
    """Return the TCP ports on which a process listens."""
    inodes: set[str] = set()
    try:
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            try:
                target = os.readlink(descriptor)
            except OSError:
                continue
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
        ports: set[int] = set()
        for table in ("tcp", "tcp6"):
            for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == "0A" and fields[9] in inodes:
                    ports.add(int(fields[1].rsplit(":", 1)[1], 16))
    except OSError:
        return set()
    return ports


def send(process: Process, number: signal.Signals) -> None:
    """Send a signal to a process, if it still runs."""
    if process.alive():
        try:
            os.kill(process.pid, number)
        except ProcessLookupError:
            return


def wait_gone(processes: Iterable[Process], seconds: float) -> list[Process]:
    """Wait until the processes have ended, and return those that have not."""
    deadline = time.monotonic() + seconds
    left = [process for process in processes if process.alive()]
    while left and time.monotonic() < deadline:
        time.sleep(0.02)
        left = [process for process in left if process.alive()]
    return left


def reap(home: Path, records: Path, data: Path) -> int:
    """Kill the processes that an earlier run of this home left, and return their number."""
    candidates = [recorded(file) for file in sorted(records.glob("*.stat"))]
    ours = [process for process in candidates if process and process.alive() and belongs_to(process, home)]
    # supervisord restarts what dies, so it goes first
    ours.sort(key=lambda process: process != recorded(records / "supervisord.stat"))
    for process in ours:
        send(process, signal.SIGKILL)
    wait_gone(ours, 5)
    orphans = backends(data)
    for process in wait_gone(orphans, 2):
        send(process, signal.SIGKILL)
    wait_gone(orphans, 5)
    return len(ours)
