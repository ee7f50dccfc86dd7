"""What the demo runs on: programs of this machine, or containers where an engine has the images of this commit."""

import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from contracts.topics import SERVICES
from stack.errors import ProgramFailed
from stack.stack import ROOT

Kind = Literal["local", "docker"]
REVISION = '{{index .Config.Labels "org.opencontainers.image.revision"}}'
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
IMAGES = [f"kontor/{name}:{VERSION}" for name in (*SERVICES, "suite", "doubles")]


@dataclass(frozen=True, slots=True)
class Runtime:
    """What was chosen, and why, as a sentence."""

    kind: Kind
    reason: str


def choose(wanted: Kind | None) -> Runtime:
    """Return what is wanted (KONTOR_RUNTIME); without a wish containers, if they can start at once."""
    if wanted:
        return Runtime(wanted, f"KONTOR_RUNTIME={wanted}")
    if _ask("version") is None or _ask("compose", "version") is None:
        return Runtime("local", "no container engine answers")
    made = _made()
    if not made:
        return Runtime("local", "the container engine lacks images of Kontor: `make images` makes them")
    if other := made - {_commit()}:
        named = ", ".join(sorted(revision[:10] for revision in other))
        return Runtime("local", f"the container engine has images of commit {named}: `make images` makes these")
    return Runtime("docker", "a container engine answers and has the images of this commit")


def make_images(report: Callable[[str], None]) -> None:
    """Make the images of Kontor unless all are there, of this commit; raises ProgramFailed.

    Parts of different commits do not belong together. What is changed and not committed is in no image's name.
    """
    if _made() == {_commit()}:
        return
    report("making the images of this commit (this takes minutes)")
    command = [sys.executable, str(ROOT / "deploy" / "images" / "images.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as making:
        assert making.stdout is not None
        last: list[str] = []
        for line in making.stdout:
            last = [*last[-20:], line]
            if line.startswith("kontor/"):
                report(line.rstrip())
    if making.returncode:
        raise ProgramFailed("images.py", "could not make the images", "".join(last))


def _made() -> set[str]:
    """Return the commits of the images; none where one image is missing."""
    return set((_ask("image", "inspect", f"--format={REVISION}", *IMAGES) or "").split())


def _commit() -> str:
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _ask(*words: str) -> str | None:
    """Return what the engine's client prints; None if there is none, or it fails."""
    command = [os.environ.get("DOCKER", "docker"), *words]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
