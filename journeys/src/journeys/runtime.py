"""What the demo runs on: programs of this machine, or containers where an engine has the images of this commit."""

import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from stack.errors import ProgramFailed
from stack.stack import ROOT

Kind = Literal["local", "docker"]
REVISION = '{{index .Config.Labels "org.opencontainers.image.revision"}}'
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
LAST_IMAGE = f"kontor/suite:{VERSION}"  # `make images` makes it after those of the services


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
    made = _ask("image", "inspect", f"--format={REVISION}", LAST_IMAGE)
    if not made:
        return Runtime("local", "the container engine has no images of Kontor: `make images` makes them")
    if made != _commit():
        return Runtime("local", f"the container engine has images of commit {made[:10]}: `make images` makes these")
    return Runtime("docker", "a container engine answers and has the images of this commit")


def make_images(report: Callable[[str], None]) -> None:
    """Make the images of Kontor if there are none; raises ProgramFailed."""
    if _ask("image", "inspect", "--format={{.Id}}", LAST_IMAGE):
        return
    report("making the images (once; this takes minutes)")
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
