"""What an image is made of: `parts.py libraries|own|program NAME`, at the root of the repository.

NAME is what follows `kontor-` in the name of a distribution. `libraries` prints what it and those of ours that it
stands on need of others, `own` the directories of ours, `program` the name of its first command.
"""

import sys
import tomllib
from pathlib import Path
from typing import Any

OURS = "kontor-"


def projects(root: Path) -> dict[str, tuple[Path, dict[str, Any]]]:
    """Return our distributions by name, each with its directory and what its pyproject file says of it."""
    files = [*root.glob("*/pyproject.toml"), *root.glob("services/*/pyproject.toml")]
    read = {file.parent: tomllib.loads(file.read_text())["project"] for file in files}
    return {project["name"]: (directory, project) for directory, project in read.items()}


def stood_on(name: str, root: Path) -> tuple[list[Path], list[str]]:
    """Return the directories of a distribution and of those of ours below it, and what libraries they name.

    What is optional (`kontor-pages[printing]`) counts where somebody asks for it.
    """
    known = projects(root)
    own, libraries, left = dict[str, Path](), set[str](), [name]
    while left:
        one, _, extras = left.pop().rstrip("]").partition("[")
        directory, project = known[one]
        own[one] = directory
        optional = project.get("optional-dependencies", {})
        needed = [*project["dependencies"], *(part for extra in extras.split(",") for part in optional.get(extra, ()))]
        left += [part for part in needed if part.startswith(OURS) and (part not in own or "[" in part)]
        libraries |= {part for part in needed if not part.startswith(OURS)}
    return sorted(own.values()), sorted(libraries)


def program(name: str, root: Path) -> str:
    """Return the name of the first command of a distribution."""
    return next(iter(projects(root)[name][1]["scripts"]))


if __name__ == "__main__":
    what, wanted = sys.argv[1:]
    own, libraries = stood_on(f"{OURS}{wanted}", Path())
    shown = {"libraries": libraries, "own": [str(directory) for directory in own]}
    sys.stdout.write("\n".join(shown[what] if what in shown else [program(f"{OURS}{wanted}", Path())]) + "\n")
