"""Ends a stack with the process that has started it for itself: `python -m stack.guard HOME PID STARTED`.

Tests start such stacks. A runner that is killed can end nothing, and what it has started would run for ever.
"""

import os
import select
import sys
from pathlib import Path

from stack.processes import Process, find
from stack.stack import Stack


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
    runner = Process(int(pid), int(started))
    wait_for_end(runner)
    Stack(Path(home)).down(of=runner)


if __name__ == "__main__":
    main(*sys.argv[1:])
