"""Ends a stack with the process that has started it for itself: `python -m stack.guard HOME PID STARTED`.

Tests start such stacks. A runner that is killed can end nothing, and what it has started would run for ever.
"""

import os
import select
import subprocess
import sys
from pathlib import Path

from stack.processes import Process, find, recorded


def note(home: Path, runner: Process | None) -> None:
    """Record with whom a stack ends, None where it stays, and begin to watch that process.

    It is watched by a process in a session of its own, which no signal to the runner reaches.
    """
    file = home / "runner"
    if runner is None:
        file.unlink(missing_ok=True)
        return
    file.write_text(Path(f"/proc/{runner.pid}/stat").read_text())
    command = [sys.executable, "-m", "stack.guard", str(home), str(runner.pid), str(runner.started)]
    subprocess.run(
        ["setsid", "--fork", *command],
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
    )


def is_of(home: Path, runner: Process) -> bool:
    """Return whether a stack ends with this runner still; another one may have taken it over."""
    return recorded(home / "runner") == runner


def wait_for_end(process: Process) -> None:
    """Return when a process has ended, at once where it has already."""
    try:
        descriptor = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return
    try:
        # opened first and looked at afterwards: a pid that is used again has another start time
        if find(process.pid) == process:
            select.select([descriptor], [], [])
    finally:
        os.close(descriptor)


def main(home: str, pid: str, started: str) -> None:
    """Wait for the end of a runner, and end its stack."""
    from stack.stack import Stack

    runner = Process(int(pid), int(started))
    wait_for_end(runner)
    Stack(Path(home)).down(of=runner)


if __name__ == "__main__":
    main(*sys.argv[1:])
