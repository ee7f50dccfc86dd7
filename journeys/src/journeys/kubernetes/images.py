"""The images of a commit: built from a work tree of it by its own program, and tagged by it."""

import subprocess
import sys
import tomllib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from contracts.topics import SERVICES
from stack.errors import StackError
from stack.stack import ROOT

from journeys.kubernetes.cluster import Cluster

NAMES = (*SERVICES, "doubles")
# What the chart `trial` runs, each with its stand-in where no registry of images answers.
SURROUNDINGS = {"apache/kafka:4.3.0": "kafka", "postgres:18": "postgres"}
STAND_INS = ROOT / "deploy" / "standins" / "make.sh"


def commit(name: str) -> str:
    """Return how the images of a commit, such as HEAD~1, are tagged. Raises StackError."""
    return _git("rev-parse", "--short=10", f"{name}^{{commit}}")


def bring(cluster: Cluster, tag: str, trees: Path) -> None:
    """Build what the engine has not of a commit's images, and load all of them into the nodes. Raises StackError."""
    if missing := [name for name in NAMES if not cluster.docker("image", "ls", "-q", _image(name, tag))]:
        _build(cluster, tag, missing, trees / tag)
    for name in NAMES:
        cluster.load([_image(name, tag)])


def surround(cluster: Cluster) -> None:
    """Bring Kafka and PostgreSQL to the nodes of a cluster that is loaded from here. Raises StackError."""
    for image, stand_in in SURROUNDINGS.items():
        if not cluster.docker("image", "ls", "-q", image):
            try:
                cluster.docker("pull", "--quiet", image)
            except StackError:
                cluster.run(str(STAND_INS), stand_in)
        cluster.load([image])


@contextmanager
def work_tree(tag: str, tree: Path) -> Generator[Path]:
    """Have the files of a commit in a folder as long as the block lasts. Raises StackError."""
    if tree.exists():  # left by a run that was killed
        _git("worktree", "remove", "--force", str(tree))
    _git("worktree", "add", "--force", "--detach", str(tree), tag)
    try:
        yield tree
    finally:
        _git("worktree", "remove", "--force", str(tree))


def _build(cluster: Cluster, tag: str, names: list[str], place: Path) -> None:
    with work_tree(tag, place) as tree:
        version = tomllib.loads((tree / "pyproject.toml").read_text())["project"]["version"]
        program = [sys.executable, str(tree / "deploy" / "images" / "images.py"), *names]
        environment = cluster.environment | {"PYTHONPATH": str(tree / "contracts" / "src")}
        try:
            subprocess.run(program, env=environment, check=True)
        except subprocess.CalledProcessError as failed:
            raise StackError(f"the images of {tag} cannot be built: {failed}") from None
        for name in names:
            cluster.docker("tag", f"kontor/{name}:{version}", _image(name, tag))


def _image(name: str, tag: str) -> str:
    return f"kontor/{name}:{tag}"


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise StackError(f"git {' '.join(words)}: {done.stderr}")
    return done.stdout.strip()
