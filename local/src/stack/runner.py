"""The process with which a stack ends that was started for it alone, as tests do."""

import subprocess
import sys
from pathlib import Path

from stack.processes import Process, recorded


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
