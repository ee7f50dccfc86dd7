"""Another checkout of this project, which is an earlier release and runs with its own code alone."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from stack.errors import StackError
from stack.stack import LIBRARIES, Stack

DRIVER = Path(__file__).with_name("driver.py")


@dataclass(frozen=True, slots=True)
class Release:
    """The directory of a checkout; `sources` are its folders of Python packages."""

    root: Path
    sources: tuple[Path, ...]

    @classmethod
    def at(cls, root: Path) -> "Release":
        """Find a checkout's packages, however it is laid out. Raises LookupError where there are none."""
        root = root.resolve()
        found = [path for pattern in ("*/src", "*/*/src") for path in sorted(root.glob(pattern))]
        sources = tuple(path for path in found if not path.relative_to(root).parts[0].startswith("."))
        if not any((path / "stack").is_dir() for path in sources):
            raise LookupError(f"{root} is no checkout of this project: none of its src folders has the package stack.")
        return cls(root, sources)

    @property
    def commit(self) -> str:
        """The commit that is checked out, or `unknown`."""
        command = ["git", "-C", str(self.root), "rev-parse", "--short", "HEAD"]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() or "unknown"

    @property
    def environment(self) -> dict[str, str]:
        """The environment of its programs. PYTHONPATH goes before what a virtual environment installs."""
        return {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, self.sources))}

    def command(self, mode: str, home: Path, *words: str) -> list[str]:
        """Return the command that runs `driver.py` with this release's packages."""
        return self.program(DRIVER, mode, str(home), str(LIBRARIES), *words)

    def program(self, file: Path, *words: str) -> list[str]:
        """Return the command that runs a file of this checkout with this release's packages."""
        own = self.root / ".venv" / "bin" / "python"
        return [str(own) if own.exists() else sys.executable, "-P", str(file), *words]


class OtherStack(Stack):
    """The running stack of another release: this one reads its state, and starts and stops its programs."""

    def __init__(self, home: Path, release: Release) -> None:
        super().__init__(home)
        self.release = release

    def run(self, name: str, *words: str) -> str:
        """Run a command of a service's program with the other release's code, and return what it printed."""
        command = self.release.command("run", self.home, name, *words)
        done = subprocess.run(command, env=self.release.environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise StackError(f"{name} {' '.join(words)} failed: {(done.stdout + done.stderr)[-3000:]}")
        return done.stdout
